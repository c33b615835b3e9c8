"""The file of expansions is what python-dateutil makes of the rules today."""

import json

import pytest

from expand import EXPANSIONS, RULES, everything, written

EXPANDED = everything()
KEPT = json.loads(EXPANSIONS.read_text())


@pytest.mark.parametrize("name", list(EXPANDED))
def test_a_rule_makes_what_is_kept_of_it(name):
    assert KEPT.get(name) == EXPANDED[name]
    assert EXPANDED[name], "a rule without occurrences shows nothing"


def test_nothing_else_is_kept():
    assert EXPANSIONS.read_text() == written(EXPANDED), "run tests/recurrence/expand.py"


def test_every_rule_has_a_name_of_its_own():
    names = [f"{rule['group']}: {rule['name']}" for rule in json.loads(RULES.read_text())]
    assert len(set(names)) == len(names)
