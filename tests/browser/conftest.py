"""What every browser test starts from: simulated servers, the program before them, people with browsers."""

import contextlib
import pathlib
import sys
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "deploy")]

import chromium  # noqa: E402  (found only with the path above)
import service  # noqa: E402
import simulated  # noqa: E402

CRM = "acme"


@pytest.fixture(scope="module")
def servers():
    """The simulated Google and SuiteCRM."""
    with simulated.running() as running:
        yield running


@pytest.fixture(scope="module")
def program(servers, tmp_path_factory):
    """The program in its local mode, with nothing set up."""
    with service.running(servers, tmp_path_factory.mktemp("program")) as running:
        yield running


@pytest.fixture
def open_browser(tmp_path):
    """Opens browsers with empty profiles, and closes them after the test."""
    with contextlib.ExitStack() as opened:
        count = 0

        def make(language: str = "en", script: bool = True) -> chromium.Browser:
            nonlocal count
            count += 1
            return opened.enter_context(chromium.browser(tmp_path / str(count), language, script))

        yield make


@pytest.fixture(scope="module")
def crm(program, servers):
    """The CRM registered, Google's client installed, a link key made."""
    program.register(CRM, servers, "Acme CRM")
    return program.call("POST", f"/crms/{CRM}/link-key")


class Person:
    """A user of the CRM with a Google account, and what they do without our pages."""

    def __init__(self, program, servers, key, email: str):
        self.program, self.servers, self.key, self.email = program, servers, key, email
        users = servers.addresses["crm"]["users"]
        self.user = next(user for user in users if user["email"] == email)

    def link(self, **claims) -> str:
        """The address behind the CRM's button."""
        return self.program.link(CRM, self.key, self.user, **claims)

    def meet(self, name: str, days: float) -> str:
        """Plans a meeting in the CRM."""
        start = time.strftime("%Y-%m-%dT%H:00:00Z", time.gmtime(time.time() + days * 86400))
        return self.servers.ask("crm_create_meeting", user=self.user["id"], name=name, start=start, minutes=45)

    def meetings(self) -> dict:
        """The names of the CRM's meetings by their ids."""
        return {row["id"]: row["name"] for row in self.servers.ask("crm_rows", module="Meetings")}

    def events(self) -> dict:
        """The titles of the events in Google by their ids."""
        return {event["id"]: event["summary"] for event in self.servers.ask("google_events", email=self.email)}

    def sync(self) -> dict:
        """One run, waited for."""
        return self.program.call("POST", f"/crms/{CRM}/links/{self.user['id']}/sync?wait=true")

    def settings(self) -> dict:
        """The settings as the service has them."""
        return self.program.call("GET", f"/crms/{CRM}/links/{self.user['id']}/settings")

    def authorise(self, browser: chromium.Browser, **claims):
        """Follows the CRM's link, presses Allow, and waits for the first sync to end."""
        browser.open(self.link(**claims))
        browser.click("main a.button.main")
        browser.click("button[value=allow]")
        browser.wait(lambda: browser.address.startswith(f"{self.program.base}/me"))
        self.until_synced()
        browser.open(f"{self.program.base}/me")

    def until_synced(self):
        """Waits until a run of this user has ended."""
        deadline = time.monotonic() + 30
        while not self.program.call("GET", f"/crms/{CRM}/links/{self.user['id']}")["last_run"]:
            assert time.monotonic() < deadline, "the first sync does not end"
            time.sleep(0.1)

    def quarrel(self):
        """Makes both sides change the same title between two runs, so that the journal has an entry."""
        meeting = self.meet("Quarterly review", 3)
        self.sync()
        event = next(found for found, title in self.events().items() if title == "Quarterly review")
        edit = {"user": self.user["id"], "module": "Meetings", "id": meeting, "attributes": {"name": "Review in the CRM"}}
        self.servers.ask("crm_edit", **edit)
        self.servers.ask("google_edit", email=self.email, id=event, patch={"summary": "Review in Google"})
        run = self.sync()
        assert run["changes"]["events"]["conflicts"] == 1, run
        return meeting

    def disappear(self, count: int):
        """Has so many meetings deleted in the CRM at once that the deletions wait for a word."""
        made = [self.meet(f"Visit {number}", 5 + number) for number in range(count)]
        self.sync()
        for meeting in made:
            self.servers.ask("crm_delete", user=self.user["id"], module="Meetings", id=meeting)
        run = self.sync()
        assert run["outcome"] == "held", run


@pytest.fixture
def anna(program, servers, crm) -> Person:
    """Anna, in the CRM and at Google."""
    return Person(program, servers, crm, "anna@example.com")


@pytest.fixture
def ben(program, servers, crm) -> Person:
    """Ben, in the CRM and at Google."""
    return Person(program, servers, crm, "ben@example.com")
