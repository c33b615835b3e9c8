"""Both functions under `cargo lambda watch`, asked with `cargo lambda invoke` as README shows it."""

import contextlib
import json
import pathlib
import socket
import subprocess
import time
import urllib.request

import pytest
import watch

HERE = pathlib.Path(__file__).resolve().parent
# The first question builds the function; on a busy machine with nothing built that takes a while.
BUILD_SECONDS_MAX = 1500


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Both functions under `cargo lambda watch`; the port that takes invocations."""
    log = tmp_path_factory.mktemp("watch") / "watch.log"
    port = watch.aws.free_port()
    # Whoever edits a file meanwhile shall not restart what is being asked.
    with log.open("wb") as output, watch.watching(port, "--ignore-changes", output=output) as process:
        wait_until_open(port, process, log)
        yield port
    # Shown by pytest only where something failed.
    print(log.read_text(errors="replace")[-6000:])


def wait_until_open(port, process, log):
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.2)


def invoke(port, function, event):
    done = subprocess.run(
        [
            "cargo", "lambda", "invoke", function, "--invoke-address", "127.0.0.1", "--invoke-port", str(port),
            "--output-format", "json", "--data-file", event,
        ],
        cwd=HERE, capture_output=True, text=True, timeout=BUILD_SECONDS_MAX, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_web_answers_a_function_url_event(port):
    answer = invoke(port, "web", "function-url-event.json")
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "ok"


def test_web_answers_a_browser(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/lambda-url/web/healthz", timeout=BUILD_SECONDS_MAX) as answer:
        assert answer.status == 200
        assert json.load(answer)["status"] == "ok"


def test_sync_answers_the_schedulers_input(port):
    run = invoke(port, "sync", "schedule-event.json")
    assert (run["crm"], run["user"]) == ("x", "y")
    assert run["trigger"] == "schedule"
    assert (run["outcome"], run["reason"]) == ("skipped", "unknown")
