"""The way through the functions as Lambda runs them: a user follows the CRM's link, and a run is made by the other."""

import contextlib
import http.client
import http.server
import json
import pathlib
import sys
import threading
import urllib.request

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lambda"))

import conftest  # noqa: E402  (found only with the path above)
import service  # noqa: E402
import watch  # noqa: E402
from test_cargo_lambda import BUILD_SECONDS_MAX, wait_until_open  # noqa: E402


@contextlib.contextmanager
def in_front_of(port: int, function: str, at: int):
    """A name in front of a function, as CloudFront or the function's own address is: cargo-lambda has a path there."""

    class Front(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=BUILD_SECONDS_MAX)
            behind.request(self.command, f"/lambda-url/{function}{self.path}", body, dict(self.headers))
            answer = behind.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection", "date"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, *_):
            pass

    front = http.server.ThreadingHTTPServer(("127.0.0.1", at), Front)
    threading.Thread(target=front.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{at}"
    finally:
        front.shutdown()


@pytest.fixture(scope="module")
def functions(servers, tmp_path_factory):
    """Both functions under `cargo lambda watch`: the way to the web function, and the port that takes invocations."""
    log = tmp_path_factory.mktemp("watch") / "watch.log"
    port, at = service.free_port(), service.free_port()
    with pytest.MonkeyPatch.context() as environment, log.open("wb") as output:
        for name, value in service.google_environment(servers).items():
            environment.setenv(name, value)
        environment.setenv("PUBLIC_URL", f"http://127.0.0.1:{at}")
        environment.setattr(service, "ADMIN_KEY", watch.ADMIN_KEY)
        with watch.watching(port, "--ignore-changes", output=output) as process:
            wait_until_open(port, process, log)
            with in_front_of(port, "web", at) as base:
                urllib.request.urlopen(f"{base}/healthz", timeout=BUILD_SECONDS_MAX).close()
                yield service.Service(base), port
    # Shown by pytest only where something failed.
    print(log.read_text(errors="replace")[-6000:])


def test_a_user_is_linked_and_synced(functions, servers, open_browser):
    program, port = functions
    program.register(conftest.CRM, servers, "Acme CRM")
    key = program.call("POST", f"/crms/{conftest.CRM}/link-key")
    anna = conftest.Person(program, servers, key, "anna@example.com")
    anna.meet("On Lambda", 2)
    browser = open_browser(language="it")
    browser.open(anna.link(name="Anna Rossi", locale="ro"))
    assert browser.driver.execute_script("return document.documentElement.lang") == "ro"
    browser.click("main a.button.main")
    browser.click("button[value=allow]")
    browser.find("#status")
    event = json.dumps({"crm": conftest.CRM, "user": anna.user["id"]}).encode()
    address = f"http://127.0.0.1:{port}/2015-03-31/functions/sync/invocations"
    with urllib.request.urlopen(address, event, timeout=BUILD_SECONDS_MAX) as answer:
        assert json.load(answer)["outcome"] == "ok"
    assert "On Lambda" in anna.events().values()
    browser.open(f"{program.base}/me")
    assert browser.has("#history .mark.good")
    browser.click("#disconnect summary")
    browser.click("#disconnect button.danger")
    browser.wait(lambda: not browser.has("#disconnect"))
