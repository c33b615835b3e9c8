"""Both functions under `cargo lambda watch`, asked with `cargo lambda invoke` as README shows it."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "deploy"))

import emulator as aws  # noqa: E402  (found only with the path above)

TABLE = "cargo-lambda"
# The first question builds the function; on a busy machine with nothing built that takes a while.
BUILD_SECONDS_MAX = 1500


@pytest.fixture(scope="module")
def watching(tmp_path_factory):
    """`cargo lambda watch` over an AWS emulator with an empty table; yields the port that takes invocations."""
    log = tmp_path_factory.mktemp("watch") / "watch.log"
    with aws.running(enforce_permissions=False) as emulator:
        make_table(emulator)
        port = aws.free_port()
        environment = os.environ | emulator.environment() | {
            "TABLE_NAME": TABLE,
            "SECRETS_PREFIX": "cargo-lambda/",
            "SCHEDULE_GROUP": "default",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::000000000000:role/schedules",
            "SYNC_FUNCTION_ARN": f"arn:aws:lambda:{aws.REGION}:000000000000:function:sync",
            "SCHEDULE_DLQ_ARN": f"arn:aws:sqs:{aws.REGION}:000000000000:schedules",
            "ADMIN_KEY": "the-administrators-key-of-this-test",
            "RUST_LOG": "info",
        }
        command = ["cargo", "lambda", "watch", "--ignore-changes", "--invoke-address", "127.0.0.1"]
        command += ["--invoke-port", str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            wait_until_open(port, process, log)
            yield port
        finally:
            print(log.read_text(errors="replace")[-6000:])
            end(process)


def make_table(emulator):
    client = boto3.client(
        "dynamodb", endpoint_url=emulator.endpoint, region_name=aws.REGION,
        aws_access_key_id=aws.ACCESS_KEY, aws_secret_access_key=aws.SECRET_KEY,
    )  # fmt: skip
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


def wait_until_open(port, process, log):
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.2)


def end(process):
    for signal_number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)


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


def test_web_answers_a_function_url_event(watching):
    answer = invoke(watching, "web", "web-event.json")
    assert answer["statusCode"] == 200
    assert json.loads(answer["body"])["status"] == "ok"


def test_web_answers_a_browser(watching):
    with urllib.request.urlopen(
        f"http://127.0.0.1:{watching}/lambda-url/web/healthz", timeout=BUILD_SECONDS_MAX
    ) as answer:
        assert answer.status == 200
        assert json.load(answer)["status"] == "ok"


def test_sync_answers_the_schedulers_input(watching):
    run = invoke(watching, "sync", "sync-event.json")
    assert (run["crm"], run["user"]) == ("x", "y")
    assert run["trigger"] == "schedule"
    assert (run["outcome"], run["reason"]) == ("skipped", "unknown")
