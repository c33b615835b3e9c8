"""Runs both functions on this machine under `cargo lambda watch`, over an AWS emulator with an empty table.

    .tools/venv/bin/python tests/lambda/watch.py [PORT]

They then answer, from another terminal (the first time after they have been built):

    cargo lambda invoke web --invoke-address 127.0.0.1 --data-file tests/lambda/function-url-event.json
    cargo lambda invoke sync --invoke-address 127.0.0.1 --data-file tests/lambda/schedule-event.json

and in a browser at http://127.0.0.1:9000/lambda-url/web/. The administrator's key is the one below. `bash tests/run`
makes the environment in .tools/venv.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

import boto3

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "deploy"))

import emulator as aws  # noqa: E402  (found only with the path above)

# The port that `cargo lambda invoke` asks unless it is told another.
PORT = 9000
ADMIN_KEY = "the-administrators-key-of-this-machine"
TABLE = "crm-google-sync"


@contextlib.contextmanager
def watching(port: int, *options: str, output=None):
    """Starts the emulator and `cargo lambda watch` with further options, yields the process, ends both."""
    with aws.running(enforce_permissions=False) as emulator:
        _make_table(emulator)
        account = f"{aws.REGION}:000000000000"
        environment = os.environ | emulator.environment() | {
            "TABLE_NAME": TABLE,
            "SECRETS_PREFIX": "crm-google-sync/",
            "SCHEDULE_GROUP": "default",
            "SCHEDULE_ROLE_ARN": "arn:aws:iam::000000000000:role/schedules",
            "SYNC_FUNCTION_ARN": f"arn:aws:lambda:{account}:function:sync",
            "SCHEDULE_DLQ_ARN": f"arn:aws:sqs:{account}:schedules",
            "ADMIN_KEY": ADMIN_KEY,
            "ALLOW_PRIVATE_CRM": "true",
            "LOG_FORMAT": "pretty",
        }
        process = subprocess.Popen(
            # Its own default is to listen to the whole network.
            ["cargo", "lambda", "watch", "--invoke-address", "127.0.0.1", "--invoke-port", str(port), *options],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            # A group of its own, so that the functions end with it.
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            _end(process)


def _make_table(emulator):
    boto3.client(
        "dynamodb", endpoint_url=emulator.endpoint, region_name=aws.REGION,
        aws_access_key_id=aws.ACCESS_KEY, aws_secret_access_key=aws.SECRET_KEY,
    ).create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )  # fmt: skip


def _end(process):
    for signal_number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
            break
    # The functions that it started may outlive a gentle end.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Runs until it is interrupted."""
    os.environ["PATH"] = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with watching(int(sys.argv[1]) if len(sys.argv) > 1 else PORT) as process, contextlib.suppress(KeyboardInterrupt):
        return process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
