"""Runs a command, or a test session, with an AWS emulator of its own.

    .tools/venv/bin/python tests/deploy/emulator.py cargo nextest run -p store-aws

The emulator (ministack) listens on a free loopback port, knows nothing from earlier runs and leaves nothing behind.
The command finds it through AWS_ENDPOINT_URL, with a region and credentials that are good nowhere else.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

REGION = "eu-west-1"
# The emulator's administrator. With AUTH on, everybody else may do what their policies allow, as on AWS.
ACCESS_KEY = "test"
SECRET_KEY = "test"
START_SECONDS_MAX = 60

# Everything that the template and the functions need, and no more: other services would open ports of their own.
SERVICES = (
    "cloudformation,cloudwatch,dynamodb,events,iam,lambda,logs,monitoring,s3,scheduler,secretsmanager,sqs,sts"
)


class Emulator:
    """A running emulator."""

    def __init__(self, port: int, log: pathlib.Path):
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self.log = log

    def environment(self) -> dict[str, str]:
        """What a program needs to talk to it and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def log_tail(self, lines: int = 60) -> str:
        """The end of its log, for messages about failures."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def free_port() -> int:
    """A loopback port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(enforce_permissions: bool):
    """Starts an emulator, yields it, ends it with all the functions that it started.

    With `enforce_permissions` every call is held against the policies of the role that makes it.
    """
    home = pathlib.Path(tempfile.mkdtemp(prefix="crm-google-sync-emulator-"))
    port = free_port()
    log = home / "emulator.log"
    # The functions inherit the emulator's environment, therefore it gets nothing of ours but the ways to find
    # programs.
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    environment |= {
        "HOME": str(home),
        "TMPDIR": str(home),
        "STATE_DIR": str(home / "state"),
        "S3_DATA_DIR": str(home / "s3"),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "SERVICES": SERVICES,
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "AUTH": "true" if enforce_permissions else "false",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "LOG_LEVEL": "INFO",
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A group of its own, so that the functions' processes end with it.
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
    emulator = Emulator(port, log)
    try:
        _wait_until_ready(emulator, process)
        yield emulator
    finally:
        _end(process)
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(emulator: Emulator, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while True:
        if process.poll() is not None:
            raise RuntimeError(f"The AWS emulator ended at once:\n{emulator.log_tail()}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            with urllib.request.urlopen(f"{emulator.endpoint}/_ministack/health", timeout=2):
                return
        if time.monotonic() > deadline:
            raise RuntimeError(f"The AWS emulator did not answer in time:\n{emulator.log_tail()}")
        time.sleep(0.1)


# From Linux' <sys/prctl.h>.
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """Has the kernel end this process with its parent, even where the parent is killed and cannot tidy up."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(process: subprocess.Popen) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal_number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
            break
    # The functions that it started may outlive a gentle end.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Runs the command given as arguments against an emulator of its own; exits as the command does."""
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    # An interrupted or terminated run must end the emulator too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with running(enforce_permissions=False) as emulator:
        print(f"AWS emulator at {emulator.endpoint}", flush=True)
        return subprocess.run(sys.argv[1:], env=os.environ | emulator.environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
