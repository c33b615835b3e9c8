"""The template deployed with `sam deploy` to an AWS emulator that enforces permissions, and what was deployed driven
once through: a CRM is registered, a user links, a schedule starts runs, pauses and goes.

The steps build on one another and run in the order in which they stand here.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import sys
import time
import uuid

import boto3
import browser
import emulator as aws
import pytest
import simulated

ROOT = pathlib.Path(__file__).resolve().parents[2]
STACK = "crm-google-sync"
CRM = "acme"
# The simulators' second user; its Google account has the same address.
USER_NAME = "anna"
GOOGLE_ACCOUNT = "anna@example.com"
INSTALL_SECONDS_MAX = 300
# The emulator looks for due schedules every ten seconds; a busy machine takes its own time for the rest.
PATIENCE_SECONDS = 180


def utc(days: int, hour: int) -> str:
    """That hour so many days from now, as the simulators read instants."""
    day = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=days)
    return f"{day.isoformat()}T{hour:02}:00:00Z"


def eventually(look, what: str):
    """Looks until there is something to see."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"did not happen in time: {what}"
        time.sleep(0.5)


class Deployment:
    """The deployed stack with everything around it."""

    def __init__(self, emulator, simulators, outputs):
        self.emulator = emulator
        self.simulators = simulators
        self.outputs = outputs
        self.function_url = outputs["FunctionUrl"].rstrip("/")
        self.browser = browser.session(self.function_url, emulator.endpoint)
        self.admin_key = self.client("secretsmanager").get_secret_value(SecretId=outputs["AdminKeySecretName"])[
            "SecretString"
        ]
        self.user = next(
            user["id"] for user in simulators.addresses["crm"]["users"] if user["user_name"] == USER_NAME
        )
        self.link_key = None

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.emulator.endpoint,
            region_name=aws.REGION,
            aws_access_key_id=aws.ACCESS_KEY,
            aws_secret_access_key=aws.SECRET_KEY,
        )

    def call(self, method, path, body=None, key=None):
        """An administration call, in a browser of its own that keeps no cookies."""
        headers = {"Authorization": f"Bearer {self.admin_key if key is None else key}"}
        with browser.session(self.function_url, self.emulator.endpoint) as fresh:
            return fresh.request(method, f"{self.function_url}{path}", json=body, headers=headers, timeout=60)

    def api(self, method, path, body=None):
        """An administration call that must succeed; what it answers."""
        answer = self.call(method, f"/api/v1/crms/{CRM}{path}", body)
        assert answer.status_code // 100 == 2, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def schedules(self, single: bool = False):
        """The schedules of the group: the recurring ones, or those that start one run and go."""
        client = self.client("scheduler")
        group = self.outputs["ScheduleGroupName"]
        found = []
        for summary in client.list_schedules(GroupName=group)["Schedules"]:
            try:
                found.append(client.get_schedule(GroupName=group, Name=summary["Name"]))
            except client.exceptions.ResourceNotFoundException:
                # It has started its run meanwhile, and has gone.
                continue
        return [schedule for schedule in found if schedule["ScheduleExpression"].startswith("at(") == single]

    def google_event(self, summary):
        """The user's event of that name in Google, if there is one."""
        events = self.simulators.ask("google_events", email=GOOGLE_ACCOUNT)
        found = [event for event in events if event.get("summary") == summary]
        assert len(found) <= 1, f"{summary} is there more than once"
        return found[0] if found else None

    def crm_meeting(self, name):
        """The living meeting of that name in the CRM, if there is one."""
        found = [row for row in self.simulators.ask("crm_rows", module="Meetings") if row.get("name") == name]
        assert len(found) <= 1, f"{name} is there more than once"
        return found[0] if found else None

    def run(self):
        """One run as the scheduler starts it, once no other run holds the account link."""

        def invoke():
            answer = self.client("lambda").invoke(
                FunctionName=self.outputs["SyncFunctionName"],
                Payload=json.dumps({"crm": CRM, "user": self.user}),
            )
            payload = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, payload
            return payload if payload["reason"] != "leased" else None

        return eventually(invoke, "a run that no other run is in the way of")


@pytest.fixture(scope="module")
def deployment():
    with aws.running(enforce_permissions=True) as emulator, simulated.running() as simulators:
        deploy(emulator, simulators.addresses["google"])
        session = boto3.client(
            "cloudformation", endpoint_url=emulator.endpoint, region_name=aws.REGION,
            aws_access_key_id=aws.ACCESS_KEY, aws_secret_access_key=aws.SECRET_KEY,
        )  # fmt: skip
        [stack] = session.describe_stacks(StackName=STACK)["Stacks"]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        deployed = Deployment(emulator, simulators, outputs)
        allow_schedules_where_the_emulator_looks(deployed)
        yield deployed
        # Shown by pytest only where something failed.
        print(emulator.log_tail(200))


def deploy(emulator, google):
    """The two commands of README, with the parameters that point everything at the emulator and the simulators."""
    environment = os.environ | emulator.environment() | {"SAM_CLI_TELEMETRY": "0"}
    parameters = {
        "Architecture": "x86_64",
        "AllowPrivateCrm": "true",
        "AwsEndpointUrl": emulator.endpoint,
        "GoogleAuthUrl": google["auth_url"],
        "GoogleTokenUrl": google["token_url"],
        "GoogleRevokeUrl": google["revoke_url"],
        "GoogleUserinfoUrl": google["userinfo_url"],
        "GoogleCalendarUrl": google["calendar_url"],
    }
    sam = str(pathlib.Path(sys.executable).with_name("sam"))
    for command in (
        [sam, "build"],
        [sam, "deploy", "--no-confirm-changeset", "--no-progressbar", "--parameter-overrides"]
        + [f"{name}={value}" for name, value in parameters.items()],
    ):
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True,
            timeout=INSTALL_SECONDS_MAX, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(command[:2])}\n{done.stdout}\n{done.stderr}\n{emulator.log_tail()}"


def allow_schedules_where_the_emulator_looks(deployed):
    """The emulator takes every schedule for one of the group "default" when it checks permissions. The statements
    about schedules are given to the roles once more under that name; what they allow stays what the template says.
    """
    client = deployed.client("iam")
    group = deployed.outputs["ScheduleGroupName"]
    for role in [found["RoleName"] for found in client.list_roles()["Roles"]]:
        for name in client.list_role_policies(RoleName=role)["PolicyNames"]:
            document = client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            ours = [s for s in document["Statement"] if f":schedule/{group}/" in str(s["Resource"])]
            for statement in ours:
                statement["Resource"] = statement["Resource"].replace(f":schedule/{group}/", ":schedule/default/")
            if ours:
                client.put_role_policy(
                    RoleName=role,
                    PolicyName="schedules-of-the-emulator",
                    PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": ours}),
                )


def link_token(deployed, **more):
    """A link token as a CRM signs it."""

    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    now = int(time.time())
    header = {"alg": "HS256", "typ": "JWT", "kid": deployed.link_key["key_id"]}
    claims = {"iss": CRM, "sub": deployed.user, "iat": now, "exp": now + 300, "jti": str(uuid.uuid4()), **more}
    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    signature = hmac.new(deployed.link_key["key"].encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(signature)}"


def test_the_pages_are_up(deployment):
    answer = deployment.browser.get(f"{deployment.function_url}/healthz", timeout=60)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ok"


def test_the_administration_is_closed_without_the_key(deployment):
    for key in ("", "wrong", deployment.admin_key[:-1]):
        answer = deployment.call("GET", "/api/v1/crms", key=key)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert deployment.call("GET", "/api/v1/crms").json()["items"] == []


def test_the_administrator_sets_it_up(deployment):
    crm = deployment.simulators.addresses["crm"]
    registration = {
        "kind": "suitecrm", "label": "Acme CRM", "base_url": crm["base_url"], "auth": crm["clients"][0],
    }  # fmt: skip
    deployment.api("PUT", "", registration)
    # The redirect address that the stack tells is the one that goes into Google's console.
    file = deployment.simulators.ask("client_file", redirect_uri=deployment.outputs["RedirectAddress"])
    deployment.api("PUT", "/google-client", file)
    assert deployment.api("GET", "/google-client") == {
        "status": "configured",
        "client_id": file["web"]["client_id"],
    }
    deployment.link_key = deployment.api("POST", "/link-key")
    deployment.api("POST", "/check")


def test_a_user_links(deployment):
    deployment.simulators.ask(
        "crm_create_meeting", user=deployment.user, name="Before linking", start=utc(2, 9), minutes=30
    )
    token = link_token(deployment, email=GOOGLE_ACCOUNT, name="Anna Rossi", locale="en")
    page = deployment.browser.get(
        f"{deployment.function_url}/authorize", params={"crm": CRM, "token": token}, timeout=60
    )
    assert page.status_code == 200, page.text
    assert "Anna Rossi" in page.text
    auth_url = deployment.simulators.addresses["google"]["auth_url"]
    [onward] = [link for link in browser.links(page) if link.startswith(auth_url)]
    consent = deployment.browser.get(onward, timeout=60)
    assert consent.status_code == 200, consent.text
    arrived = browser.press(deployment.browser, consent, ("decision", "allow"))
    assert arrived.status_code == 200, arrived.text
    assert arrived.url.startswith(f"{deployment.function_url}/me"), arrived.url
    link = deployment.api("GET", f"/links/{deployment.user}")
    assert link["user"] == deployment.user
    assert [found["user"] for found in deployment.api("GET", "/links")["items"]] == [deployment.user]


def test_enabling_makes_a_schedule_of_the_user(deployment):
    [schedule] = deployment.schedules()
    assert schedule["State"] == "ENABLED"
    assert schedule["ScheduleExpression"] == "rate(15 minutes)"
    assert schedule["FlexibleTimeWindow"]["Mode"] == "FLEXIBLE"
    assert 1 <= schedule["FlexibleTimeWindow"]["MaximumWindowInMinutes"] < 15
    target = schedule["Target"]
    function = deployment.client("lambda").get_function_configuration(
        FunctionName=deployment.outputs["SyncFunctionName"]
    )
    assert target["Arn"] == function["FunctionArn"]
    assert f":role/{STACK}-ScheduleRole" in target["RoleArn"]
    assert target["DeadLetterConfig"]["Arn"].rpartition(":")[2] in deployment.outputs["ScheduleDeadLettersUrl"]
    # The event names the account link and carries no other instruction.
    assert json.loads(target["Input"]) == {"crm": CRM, "user": deployment.user}


def test_a_run_brings_both_sides_together(deployment):
    deployment.simulators.ask(
        "google_create", email=GOOGLE_ACCOUNT, summary="Made in Google", start=utc(3, 10), end=utc(3, 11)
    )
    run = deployment.run()
    assert run["outcome"] == "ok", run
    assert (run["crm"], run["user"], run["trigger"]) == (CRM, deployment.user, "schedule")
    assert deployment.google_event("Before linking")
    made = deployment.crm_meeting("Made in Google")
    assert ["Meetings", made["id"]] in deployment.simulators.ask("crm_calendar", user=deployment.user)
    assert run["problems"] == []


def test_a_run_that_finds_nothing_writes_nothing(deployment):
    run = deployment.run()
    assert run["outcome"] == "ok"
    events = run["changes"]["events"]
    assert {count for side in ("crm", "google") for count in events[side].values()} == {0}


def test_the_schedule_starts_runs(deployment):
    client = deployment.client("scheduler")
    [schedule] = deployment.schedules()
    deployment.simulators.ask(
        "crm_create_meeting", user=deployment.user, name="Seen by the schedule", start=utc(4, 9), minutes=45
    )
    # Nobody wants to wait a quarter of an hour; all else stays as the product made it.
    changed = {
        name: schedule[name]
        for name in ("Name", "GroupName", "FlexibleTimeWindow", "Target", "State", "ScheduleExpressionTimezone")
    }
    client.update_schedule(**changed, ScheduleExpression="rate(1 minute)")
    eventually(lambda: deployment.google_event("Seen by the schedule"), "a run started by the schedule")
    client.update_schedule(**changed, ScheduleExpression=schedule["ScheduleExpression"])
    last = eventually(lambda: deployment.api("GET", f"/links/{deployment.user}")["last_run"], "its record")
    assert last["outcome"] == "ok"


def test_sync_now_starts_a_run(deployment):
    deployment.simulators.ask(
        "crm_create_meeting", user=deployment.user, name="Synced by hand", start=utc(5, 9), minutes=45
    )
    asked = deployment.api("POST", f"/links/{deployment.user}/sync")
    eventually(lambda: deployment.google_event("Synced by hand"), "the run that was asked for")
    runs = eventually(
        lambda: [
            run
            for run in deployment.api("GET", f"/links/{deployment.user}/runs")["items"]
            if run["run_id"] == asked["run_id"]
        ],
        "its record",
    )
    assert runs[0]["trigger"] == "manual"
    eventually(lambda: not deployment.schedules(single=True), "the single schedule goes")


def test_changing_the_interval_changes_the_schedule(deployment):
    deployment.api("PATCH", f"/links/{deployment.user}/settings", {"interval_minutes": 30})
    [schedule] = deployment.schedules()
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(30 minutes)", "ENABLED")


def test_disabling_pauses_the_schedule(deployment):
    deployment.api("PATCH", f"/links/{deployment.user}/settings", {"enabled": False})
    [schedule] = deployment.schedules()
    assert schedule["State"] == "DISABLED"
    run = deployment.run()
    assert (run["outcome"], run["reason"]) == ("skipped", "disabled")
    deployment.api("PATCH", f"/links/{deployment.user}/settings", {"enabled": True})
    [schedule] = deployment.schedules()
    assert schedule["State"] == "ENABLED"


def test_disconnecting_leaves_nothing_behind(deployment):
    client = deployment.client("secretsmanager")

    def secrets_of_links():
        names = [secret["Name"] for page in client.get_paginator("list_secrets").paginate() for secret in page["SecretList"]]
        return [name for name in names if deployment.user in name]

    rows_before = {event["id"] for event in deployment.simulators.ask("google_events", email=GOOGLE_ACCOUNT)}
    assert len(secrets_of_links()) == 1, "the refresh token lies in a secret of its own"
    deployment.api("DELETE", f"/links/{deployment.user}")
    assert deployment.schedules() == []
    assert secrets_of_links() == []
    assert deployment.call("GET", f"/api/v1/crms/{CRM}/links/{deployment.user}").status_code == 404
    run = deployment.run()
    assert (run["outcome"], run["reason"]) == ("skipped", "unknown")
    # Nobody's data was touched, and nobody was mailed by all this.
    assert {e["id"] for e in deployment.simulators.ask("google_events", email=GOOGLE_ACCOUNT)} == rows_before
    assert deployment.simulators.ask("google_mails") == 0


def test_nothing_went_to_the_dead_letters(deployment):
    client = deployment.client("sqs")
    for output in ("SyncDeadLettersUrl", "ScheduleDeadLettersUrl"):
        url = deployment.outputs[output].replace("localhost", "127.0.0.1")
        attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "0", output


def test_the_logs_are_json_and_carry_no_secret(deployment):
    client = deployment.client("logs")
    lines = []
    for name in ("web", "sync"):
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{STACK}-{name}"):
            lines += [line for event in page["events"] for line in event["message"].splitlines() if line.strip()]
    assert lines
    crm_secret = deployment.simulators.addresses["crm"]["clients"][0]["client_secret"]
    for secret in (deployment.admin_key, deployment.link_key["key"], crm_secret, "simulated-client-secret", "ya29."):
        assert not [line for line in lines if secret in line]
    ours = [line for line in lines if line.startswith("{")]
    assert ours, lines[:5]
    for line in ours:
        json.loads(line)
