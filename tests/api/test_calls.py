"""The administration calls as a stranger would test them who has nothing but their description: schemathesis reads
`/api/v1/openapi.json` and calls everything in every way that it allows, and in many that it does not.
"""

import base64
import hashlib
import hmac
import html
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import uuid

import openapi_spec_validator
import pytest
import requests
import served

import browser  # noqa: E402  (found only with the path that `served` adds)

HERE = pathlib.Path(__file__).resolve().parent
DESCRIPTION = "/api/v1/openapi.json"
# The simulated CRM's users, and their Google accounts of the same address.
USER, LEAVER = "anna", "ben"


class Service:
    """The served local mode, set up with a CRM and two linked users."""

    def __init__(self, simulators, address, log):
        self.simulators = simulators
        self.address = address
        self.log = log
        self.users = {user["user_name"]: user for user in simulators.addresses["crm"]["users"]}

    def call(self, method, path, body=None, key=served.ADMIN_KEY):
        """An administration call."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return requests.request(method, self.address + path, json=body, headers=headers, timeout=60)

    def set_up(self):
        """Registers the CRM, installs the Google client, links both users."""
        crm = self.simulators.addresses["crm"]
        registration = {"kind": "suitecrm", "base_url": crm["base_url"], "auth": crm["clients"][0]}
        assert self.call("PUT", "/api/v1/crms/acme", registration).status_code == 201
        redirect_uri = self.call("GET", "/api/v1/crms/acme").json()["redirect_uri"]
        client = self.simulators.ask("client_file", redirect_uri=redirect_uri)
        assert self.call("PUT", "/api/v1/crms/acme/google-client", client).status_code == 200
        key = self.call("POST", "/api/v1/crms/acme/link-key").json()
        for user in (USER, LEAVER):
            self._link(self.users[user], key)

    def _link(self, user, key):
        session = requests.Session()
        session.trust_env = False
        page = session.get(
            f"{self.address}/authorize", params={"crm": "acme", "token": _token(user, key)}, timeout=30
        )
        assert page.status_code == 200, page.text
        auth_url = self.simulators.addresses["google"]["auth_url"]
        onward = re.search(f'href="({re.escape(auth_url)}[^"]*)"', page.text)
        consent = session.get(html.unescape(onward[1]), timeout=30)
        # The simulated Google proposes the account of the address that the link names.
        arrived = browser.press(session, consent, ("decision", "allow"))
        assert arrived.status_code == 200 and urllib.parse.urlsplit(arrived.url).path == "/me", arrived.text

    def state(self, user):
        """How a user's link stands."""
        return self.call("GET", f"/api/v1/crms/acme/links/{self.users[user]['id']}").json()["state"]


def _token(user, key):
    """The link token as the CRM signs it."""

    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    now = int(time.time())
    claims = {
        "iss": "acme", "sub": user["id"], "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()),
        "email": user["email"],
    }
    signed = f"{part({'alg': 'HS256', 'kid': key['key_id']})}.{part(claims)}"
    signature = hmac.new(key["key"].encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.fixture(scope="module")
def service():
    with served.running() as (simulators, address, log):
        made = Service(simulators, address, log)
        made.set_up()
        yield made


def schemathesis(service, folder, phases):
    """Lets schemathesis loose, which shows what it finds."""
    settings = folder / "schemathesis.toml"
    text = (HERE / "schemathesis.toml").read_text()
    for name, user in (("{user}", USER), ("{leaver}", LEAVER)):
        text = text.replace(name, service.users[user]["id"])
    settings.write_text(text)
    ended = subprocess.run(
        [
            pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file", settings,
            "run", service.address + DESCRIPTION, "--phases", phases,
            "--header", f"Authorization: Bearer {served.ADMIN_KEY}",
        ],
        cwd=folder,
        check=False,
    )  # fmt: skip
    assert ended.returncode == 0, "schemathesis found something, see above"
    assert "panicked" not in service.log.read_text(), "a fault of ours, politely answered"


def test_the_description_is_valid_and_open_to_everybody(service):
    answer = service.call("GET", DESCRIPTION, key=None)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    openapi_spec_validator.validate(answer.json(), cls=openapi_spec_validator.OpenAPIV31SpecValidator)


def test_every_call_alone_is_as_it_is_described(service, tmp_path):
    schemathesis(service, tmp_path, "examples,coverage,fuzzing")
    assert service.state(USER) in ("active", "disabled"), "what was called meant others, or settings"


def test_calls_that_follow_one_another_are_as_they_are_described(service, tmp_path):
    schemathesis(service, tmp_path, "stateful")
