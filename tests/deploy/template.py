"""Reads infra/template.yaml, as written and as CloudFormation gets it after the SAM transform."""

import functools
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"
REGION = "eu-west-1"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, read as their long forms."""


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def written() -> dict:
    """The template as written; a new copy each time."""
    return yaml.load(TEMPLATE.read_text(), Loader=_Loader)


def transformed(template: dict | None = None) -> dict:
    """The template as CloudFormation gets it."""
    return json.loads(_transformed(json.dumps(written() if template is None else template)))


@functools.cache
def _transformed(template: str) -> str:
    source = json.loads(template)
    for resource in source["Resources"].values():
        # What `sam package` does: code lies in a bucket by the time the transform runs.
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": "packages", "Key": "code.zip"}
    managed_policies = {"AWSLambdaBasicExecutionRole": "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
    # The translator asks boto3 which region it is in.
    return json.dumps(Translator(managed_policies, Parser()).translate(source, parameter_values={}))


def lint(template: dict) -> list[str]:
    """What cfn-lint has to say about a template, one line for each finding; warnings count."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(template, file)
        file.flush()
        done = subprocess.run(
            [pathlib.Path(sys.executable).with_name("cfn-lint"), "--regions", REGION, "--format", "parseable", "--", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    findings = [line.replace(file.name, "template") for line in done.stdout.splitlines() if line.strip()]
    # An exit code without a finding is the linter's own trouble, and no clean bill.
    if done.returncode != 0 and not findings:
        raise RuntimeError(f"cfn-lint did not work: {done.stderr}")
    return findings
