"""The template against the public interface and against what the linters do not see."""

import os
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest
import template

# The environment table of the public interface. A variable that is not in it may not be set, one that is in it must
# be settable.
FOR_BOTH = {
    "PUBLIC_URL",
    "TABLE_NAME",
    "SECRETS_PREFIX",
    "SCHEDULE_GROUP",
    "SCHEDULE_ROLE_ARN",
    "SYNC_FUNCTION_ARN",
    "SCHEDULE_DLQ_ARN",
    "TOKEN_STORAGE",
    "GOOGLE_AUTH_URL",
    "GOOGLE_TOKEN_URL",
    "GOOGLE_REVOKE_URL",
    "GOOGLE_USERINFO_URL",
    "GOOGLE_CALENDAR_URL",
    "GOOGLE_TASKS_URL",
    "GOOGLE_PEOPLE_URL",
    "ALLOW_PRIVATE_CRM",
    "AWS_ENDPOINT_URL",
    "RUST_LOG",
    "LOG_FORMAT",
}
# Runs need no administrator. ADMIN_KEY itself is never in a template: it would be a secret in plain sight.
FOR_WEB_ONLY = {"ADMIN_KEY_SECRET"}
# Absent unless somebody asks for them: then the program's own defaults hold.
ABSENT_BY_DEFAULT = {"PUBLIC_URL", "AWS_ENDPOINT_URL"} | {name for name in FOR_BOTH if name.startswith("GOOGLE_")}


@pytest.fixture
def transformed():
    return template.transformed()


def of_type(source, kind):
    return {name: resource["Properties"] for name, resource in source["Resources"].items() if resource["Type"] == kind}


def function(source, ending):
    """The function whose name ends so."""
    [found] = [
        properties
        for properties in of_type(source, "AWS::Lambda::Function").values()
        if properties["FunctionName"]["Fn::Sub"].endswith(ending)
    ]
    return found


def statements(source, role):
    """All statements of a role's own policies."""
    policies = source["Resources"][role]["Properties"]["Policies"]
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]


def actions(statement):
    found = statement["Action"]
    return [found] if isinstance(found, str) else found


def used_names(node, kind):
    """Every name that a template refers to with Ref or GetAtt or Sub (`Ref`) or as a condition (`Condition`)."""
    if isinstance(node, dict):
        for key, value in node.items():
            if kind == "Ref" and key == "Ref":
                yield value
            elif kind == "Ref" and key == "Fn::Sub":
                text = value if isinstance(value, str) else value[0]
                yield from re.findall(r"\$\{([A-Za-z0-9]+)", text)
            elif kind == "Condition" and key == "Fn::If":
                yield value[0]
            elif kind == "Condition" and key == "Condition" and isinstance(value, str):
                yield value
            yield from used_names(value, kind)
    elif isinstance(node, list):
        for value in node:
            yield from used_names(value, kind)


def test_the_template_passes_sams_own_check():
    sam = pathlib.Path(sys.executable).with_name("sam")
    done = subprocess.run([sam, "validate", "--lint"], cwd=template.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "is a valid SAM Template" in done.stdout


def test_the_transformed_template_passes_the_linter(transformed):
    assert template.lint(transformed) == []


def test_the_linter_notices_a_misspelt_action():
    source = template.written()
    policy = source["Resources"]["WebFunction"]["Properties"]["Policies"][0]
    policy["Statement"][0]["Action"][0] = "dynamodb:BatchGetItems"
    assert any("W3037" in finding for finding in template.lint(template.transformed(source)))


@pytest.mark.parametrize(
    ("ending", "expected"), [("-web", FOR_BOTH | FOR_WEB_ONLY), ("-sync", FOR_BOTH)], ids=["web", "sync"]
)
def test_each_function_is_given_the_variables_of_the_interface(transformed, ending, expected):
    variables = function(transformed, ending)["Environment"]["Variables"]
    assert set(variables) == expected
    left_out = {name for name, value in variables.items() if "Fn::If" in value_of(value)}
    assert left_out == ABSENT_BY_DEFAULT
    for name in left_out:
        condition, given, otherwise = variables[name]["Fn::If"]
        assert otherwise == {"Ref": "AWS::NoValue"}, name
        # The condition asks about the very parameter that is passed.
        assert transformed["Conditions"][condition] == {"Fn::Not": [{"Fn::Equals": [given, ""]}]}, name
        assert transformed["Parameters"][given["Ref"]]["Default"] == "", name


def value_of(value):
    return value if isinstance(value, dict) else {}


def test_the_defaults_are_those_of_the_interface(transformed):
    parameters = transformed["Parameters"]
    assert parameters["TokenStorage"]["Default"] == "secrets-manager"
    assert parameters["TokenStorage"]["AllowedValues"] == ["secrets-manager", "sealed"]
    assert parameters["AllowPrivateCrm"]["Default"] == "false"
    assert parameters["LogLevel"]["Default"] == "info"
    assert parameters["Architecture"]["Default"] == "arm64"
    assert parameters["DeletionProtection"]["Default"] == "true"
    assert all("Default" in parameter for parameter in parameters.values()), "a deployment asks nothing"


@pytest.mark.parametrize("address", ["https://a.example", "http://a.example:8080", "https://a.example/b/c", ""])
def test_public_addresses_are_taken(transformed, address):
    assert re.search(transformed["Parameters"]["PublicUrl"]["AllowedPattern"], address)


@pytest.mark.parametrize("address", ["https://a.example/", "a.example", "https://", "ftp://a.example", "https://a b"])
def test_public_addresses_that_would_make_a_wrong_redirect_are_refused(transformed, address):
    assert not re.search(transformed["Parameters"]["PublicUrl"]["AllowedPattern"], address)


def test_nothing_is_declared_in_vain():
    source = template.written()
    body = {"Resources": source["Resources"], "Outputs": source["Outputs"], "Globals": source["Globals"]}
    references = set(used_names({**body, "Conditions": source["Conditions"]}, "Ref"))
    assert set(source["Parameters"]) <= references
    assert set(source["Conditions"]) == set(used_names(body, "Condition"))
    shown = source["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in shown for name in group["Parameters"]) == sorted(source["Parameters"])


def test_the_code_of_each_function_is_its_cargo_package():
    source = template.written()
    for resource, package in (("WebFunction", "web"), ("SyncFunction", "sync")):
        function_resource = source["Resources"][resource]
        assert function_resource["Metadata"] == {"SkipBuild": True}
        folder = (template.TEMPLATE.parent / function_resource["Properties"]["CodeUri"]).resolve()
        assert folder == template.ROOT / "target" / "lambda" / package
        manifest = tomllib.loads((template.ROOT / "functions" / package / "Cargo.toml").read_text())
        assert manifest["package"]["name"] == package


def test_the_functions_have_time_and_memory(transformed):
    web, sync = function(transformed, "-web"), function(transformed, "-sync")
    # "wait" answers after at most 25 s; a run may take all that Lambda has.
    assert 25 < web["Timeout"] <= 30
    assert sync["Timeout"] == 900
    for found in (web, sync):
        assert found["MemorySize"] == 256
        assert found["Runtime"] == "provided.al2023"
        assert found["Architectures"] == [{"Ref": "Architecture"}]


def test_the_table_is_what_the_store_expects_and_can_be_restored(transformed):
    [table] = of_type(transformed, "AWS::DynamoDB::Table").values()
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert {a["AttributeName"]: a["AttributeType"] for a in table["AttributeDefinitions"]} == {"pk": "S", "sk": "S"}
    assert "GlobalSecondaryIndexes" not in table
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "exp", "Enabled": True}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    [resource] = [r for r in transformed["Resources"].values() if r["Type"] == "AWS::DynamoDB::Table"]
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_no_permission_is_wider_than_the_stack(transformed):
    roles = of_type(transformed, "AWS::IAM::Role")
    assert len(roles) == 3
    for role in roles:
        for statement in statements(transformed, role):
            assert statement["Effect"] == "Allow"
            assert not [action for action in actions(statement) if "*" in action], statement
            assert statement["Resource"] != "*", statement
            text = str(statement["Resource"])
            assert "*" not in text or "${AWS::StackName}/*" in text or "${ScheduleGroup}/*" in text, statement


def test_each_function_may_do_what_it_does_and_no_more(transformed):
    rows = {
        "dynamodb:BatchGetItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
    }
    web = {action for s in statements(transformed, "WebFunctionRole") for action in actions(s)}
    assert web == rows | {
        "secretsmanager:CreateSecret",
        "secretsmanager:DeleteSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "secretsmanager:RestoreSecret",
        "scheduler:CreateSchedule",
        "scheduler:DeleteSchedule",
        "scheduler:GetSchedule",
        "scheduler:UpdateSchedule",
        "iam:PassRole",
    }
    sync = {action for s in statements(transformed, "SyncFunctionRole") for action in actions(s)}
    assert sync == rows | {
        "secretsmanager:CreateSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:PutSecretValue",
        "scheduler:CreateSchedule",
        "scheduler:GetSchedule",
        "scheduler:UpdateSchedule",
        "iam:PassRole",
        "sqs:SendMessage",
    }


def test_roles_are_only_lent_to_the_scheduler_and_only_by_this_group(transformed):
    for role in ("WebFunctionRole", "SyncFunctionRole"):
        [passing] = [s for s in statements(transformed, role) if actions(s) == ["iam:PassRole"]]
        assert passing["Resource"] == {"Fn::GetAtt": ["ScheduleRole", "Arn"]}
        assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}
    [trust] = transformed["Resources"]["ScheduleRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"]["StringEquals"]["aws:SourceArn"] == {"Fn::GetAtt": ["ScheduleGroup", "Arn"]}
    start, keep = statements(transformed, "ScheduleRole")
    assert actions(start) == ["lambda:InvokeFunction"]
    assert start["Resource"] == function(transformed, "-sync")["Environment"]["Variables"]["SYNC_FUNCTION_ARN"]
    assert start["Resource"]["Fn::Sub"].endswith(":function:${AWS::StackName}-sync")
    assert actions(keep) == ["sqs:SendMessage"]
    assert keep["Resource"] == {"Fn::GetAtt": ["ScheduleDeadLetters", "Arn"]}


def test_only_the_pages_are_public(transformed):
    [url] = of_type(transformed, "AWS::Lambda::Url").values()
    assert url["AuthType"] == "NONE"
    assert url["TargetFunctionArn"] == {"Ref": "WebFunction"}
    granted = of_type(transformed, "AWS::Lambda::Permission").values()
    assert sorted(permission["Action"] for permission in granted) == [
        "lambda:InvokeFunction",
        "lambda:InvokeFunctionUrl",
    ]
    for permission in granted:
        assert permission["FunctionName"] == {"Ref": "WebFunction"}
        # A plain call of the function stays closed to the world.
        assert permission.get("FunctionUrlAuthType") == "NONE" or permission.get("InvokedViaFunctionUrl") is True


def test_no_secret_lies_in_the_template(transformed):
    [admin_key] = of_type(transformed, "AWS::SecretsManager::Secret").values()
    assert "SecretString" not in admin_key
    assert admin_key["GenerateSecretString"]["PasswordLength"] >= 32
    # The functions may write secrets under the prefix; the administrator's key must not be one of them.
    prefix = function(transformed, "-web")["Environment"]["Variables"]["SECRETS_PREFIX"]["Fn::Sub"]
    assert not admin_key["Name"]["Fn::Sub"].startswith(prefix)
    assert function(transformed, "-web")["Environment"]["Variables"]["ADMIN_KEY_SECRET"] == admin_key["Name"]


def test_what_fails_is_kept_and_told(transformed):
    queues = of_type(transformed, "AWS::SQS::Queue")
    assert set(queues) == {"ScheduleDeadLetters", "SyncDeadLetters"}
    assert all(queue["MessageRetentionPeriod"] == 14 * 24 * 3600 for queue in queues.values())
    [retry] = of_type(transformed, "AWS::Lambda::EventInvokeConfig").values()
    assert retry["FunctionName"] == {"Ref": "SyncFunction"}
    assert retry["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": ["SyncDeadLetters", "Arn"]}
    alarms = of_type(transformed, "AWS::CloudWatch::Alarm")
    watched = {str(alarm["Dimensions"][0]["Value"]): alarm["MetricName"] for alarm in alarms.values()}
    for queue in queues:
        assert watched[str({"Fn::GetAtt": [queue, "QueueName"]})] == "ApproximateNumberOfMessagesVisible"
    errors = {str(a["Dimensions"][0]["Value"]) for a in alarms.values() if a["MetricName"] == "Errors"}
    assert errors == {str({"Ref": "WebFunction"}), str({"Ref": "SyncFunction"})}
    for name, alarm in alarms.items():
        assert alarm["TreatMissingData"] == "notBreaching", f"{name}: a quiet night is no alarm"
        assert alarm["AlarmDescription"], name


def test_logs_are_structured_and_end(transformed):
    groups = of_type(transformed, "AWS::Logs::LogGroup")
    for ending in ("-web", "-sync"):
        logging = function(transformed, ending)["LoggingConfig"]
        assert logging["LogFormat"] == "JSON"
        assert groups[logging["LogGroup"]["Ref"]]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_the_two_commands_of_the_readme_find_everything():
    config = tomllib.loads((template.ROOT / "samconfig.toml").read_text())["default"]
    assert config["global"]["parameters"]["stack_name"] == "crm-google-sync"
    for command in ("build", "validate"):
        assert (template.ROOT / config[command]["parameters"]["template_file"]).samefile(template.TEMPLATE)
    # `sam deploy` must take what `sam build` made.
    assert "template_file" not in config["deploy"]["parameters"]
    assert config["deploy"]["parameters"]["capabilities"] == "CAPABILITY_IAM"
    assert not os.path.isabs(config["build"]["parameters"]["template_file"])
