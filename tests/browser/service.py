"""The program in its local mode, against simulated servers, and the way to it that a CRM signs."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
ADMIN_KEY = "the-administrators-key-of-the-browser-tests"
START_SECONDS_MAX = 60


class Service:
    """Where it listens, and the administration calls that a test needs besides the pages."""

    def __init__(self, base: str):
        self.base = base

    def call(self, method: str, path: str, body=None):
        """One administration call; answers with what it said."""
        request = urllib.request.Request(
            f"{self.base}/api/v1{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {ADMIN_KEY}", "content-type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from None
        return json.loads(text) if text else None

    def register(self, crm: str, simulated, label: str, **settings):
        """Registers the simulated CRM and installs the simulated Google's client."""
        client = simulated.addresses["crm"]["clients"][0]
        self.call("PUT", f"/crms/{crm}", {
            "kind": "suitecrm", "label": label, "base_url": simulated.addresses["crm"]["base_url"],
            "auth": client, "settings": settings,
        })  # fmt: skip
        self.call("PUT", f"/crms/{crm}/google-client", self.client_file(simulated))

    def client_file(self, simulated) -> dict:
        """The file of Google's console for this service."""
        return simulated.ask("client_file", redirect_uri=f"{self.base}/oauth/google/callback")

    def link(self, crm: str, key: dict, user: dict, **claims) -> str:
        """The address to which the CRM's button leads a user: good once."""
        now = int(time.time())
        claims = {
            "iss": crm, "sub": user["id"], "iat": now, "exp": now + 300, "jti": secrets.token_hex(16),
            "email": user["email"], **claims,
        }  # fmt: skip
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': key['key_id']})}.{_part(claims)}"
        mark = hmac.digest(key["key"].encode(), signed.encode(), hashlib.sha256)
        return f"{self.base}/authorize?crm={crm}&token={signed}.{_encoded(mark)}"


def _part(value: dict) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def google_environment(simulated) -> dict:
    """The addresses of the simulated Google, as the service is told them."""
    google = simulated.addresses["google"]
    names = {
        "GOOGLE_AUTH_URL": "auth_url", "GOOGLE_TOKEN_URL": "token_url", "GOOGLE_REVOKE_URL": "revoke_url",
        "GOOGLE_USERINFO_URL": "userinfo_url", "GOOGLE_CALENDAR_URL": "calendar_url",
        "GOOGLE_TASKS_URL": "tasks_url", "GOOGLE_PEOPLE_URL": "people_url",
    }  # fmt: skip
    return {name: google[key] for name, key in names.items() if key in google}


def wait_until_healthy(base: str, process: subprocess.Popen, log: pathlib.Path, seconds: int = START_SECONDS_MAX):
    """Returns when the service answers."""
    deadline = time.monotonic() + seconds
    while True:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/healthz", timeout=5):
            return
        assert time.monotonic() < deadline, log.read_text(errors="replace")
        time.sleep(0.1)


@contextlib.contextmanager
def running(simulated, folder: pathlib.Path):
    """`cargo run -- serve` on a free port, as the built program."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    program = target / "debug" / "local"
    if not program.is_file():
        raise RuntimeError("the program is not built: cargo build -p local -p simulators --bins")
    port = free_port()
    log = folder / "serve.log"
    environment = os.environ | google_environment(simulated) | {"ADMIN_KEY": ADMIN_KEY, "RUST_LOG": "info"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve", "--data", folder / "data", "--port", str(port)],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            base = f"http://127.0.0.1:{port}"
            wait_until_healthy(base, process, log)
            yield Service(base)
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()
