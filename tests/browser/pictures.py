"""Takes the pictures of README anew.

The program has to be built: cargo build -p local -p simulators --bins

    .tools/venv/bin/python tests/browser/pictures.py
"""

import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "deploy")]

import chromium  # noqa: E402  (found only with the path above)
import conftest  # noqa: E402
import service  # noqa: E402
import simulated  # noqa: E402

PICTURES = service.ROOT / "functions" / "web" / "pictures"
WIDE = (1000, 760)
PHONE = (380, 760)
MEETINGS = ["Planning with Acme", "Review of the offer", "Visit at Bauer & Sons", "Call about the contract", "Weekly round"]


def main():
    """Sets everything up and takes them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, simulated.running() as servers:
        folder = pathlib.Path(folder)
        with service.running(servers, folder) as program, chromium.browser(folder / "profile") as browser:
            program.register(conftest.CRM, servers, "Example CRM")
            key = program.call("POST", f"/crms/{conftest.CRM}/link-key")
            anna = conftest.Person(program, servers, key, "anna@example.com")
            servers.ask("google_calendar", email=anna.email, summary="Team")
            for day, name in enumerate(MEETINGS, start=1):
                anna.meet(name, day)
            anna.authorise(browser, name="Anna Rossi")
            anna.quarrel()
            for path, name, size, dark in (
                ("/me", "me", WIDE, False),
                ("/me", "phone", PHONE, True),
                (f"/admin/crms/{conftest.CRM}", "crm", WIDE, False),
            ):
                browser.open(f"{program.base}/admin")
                if browser.has("#key"):
                    browser.fill("#key", service.ADMIN_KEY)
                    browser.click("main button")
                browser.look(size, dark)
                browser.open(program.base + path)
                browser.picture(PICTURES / f"{name}.png", whole=False)


if __name__ == "__main__":
    main()
