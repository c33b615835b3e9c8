"""The local mode as a program that serves, with the simulators as Google and CRM."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "deploy"))

import simulated  # noqa: E402  (found only with the path above)

ADMIN_KEY = "the administrator's key of a test"


@contextlib.contextmanager
def running():
    """Starts the simulators and the local mode over an empty data folder; yields them and the base address."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "debug" / "local"
    if not program.is_file():
        raise RuntimeError("the local mode is not built: cargo build -p local")
    with simulated.running() as simulators, tempfile.TemporaryDirectory() as folder:
        google = simulators.addresses["google"]
        environment = {
            "PATH": os.environ["PATH"],
            "ADMIN_KEY": ADMIN_KEY,
            "RUST_LOG": "warn",
            "GOOGLE_AUTH_URL": google["auth_url"],
            "GOOGLE_TOKEN_URL": google["token_url"],
            "GOOGLE_REVOKE_URL": google["revoke_url"],
            "GOOGLE_USERINFO_URL": google["userinfo_url"],
            "GOOGLE_CALENDAR_URL": google["calendar_url"],
        }
        log = pathlib.Path(folder) / "log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [program, "serve", "--data", pathlib.Path(folder) / "data", "--port", "0"],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=environment,
            )
        try:
            yield simulators, _address(process, log), log
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.stdout.close()


def _address(process: subprocess.Popen, log: pathlib.Path) -> str:
    for line in process.stdout:
        found = re.match(r"listening on (http://\S+?)/?$", line.strip())
        if found:
            return found[1]
    raise RuntimeError(f"the local mode ended: {log.read_text()}")
