"""Counts the corpus of recurrence rules out with python-dateutil: an opinion of its own, beside the Rust crate's.

    .tools/venv/bin/python tests/recurrence/expand.py        writes expansions.json anew

rules.json is written by hand. A rule has a start by the clock on the wall and a zone, or a date for whole days; the
lines of Google's `recurrence` array; `shown`, how many occurrences are kept of a rule that makes more (30 where it is
not said); and a note where it needs one. expansions.json holds the starts of its occurrences: instants in UTC, or
dates. The simulated Google has to make the same ones (tests/simulators/src/tests/google_series.rs), and
test_expansions.py finds out whether the file is still what dateutil says.

What dateutil is not left to decide, because libraries and calendars differ there:

* The start is an occurrence even where the rule does not make it (RFC 5545 section 3.8.5.3); dateutil leaves it out.
* UNTIL is brought into UTC, the only form that dateutil takes with a zone: a local time is one of the series' zone,
  and a date is its whole day there.
* A time that the clocks skip takes the offset before the gap (RFC 5545 section 3.3.5), which is what dateutil's
  resolve_imaginary does; of a time that comes twice the first is meant.
* RDATE and EXDATE with a zone, which dateutil's own parser refuses for RDATE, are read here.
"""

import json
from datetime import datetime, time, timezone
from itertools import islice
from pathlib import Path

from dateutil import rrule, tz

HERE = Path(__file__).parent
RULES = HERE / "rules.json"
EXPANSIONS = HERE / "expansions.json"
SHOWN = 30


def moment(text, zone):
    """An instant or a date from its RFC 5545 form, as a time with a zone; a date is its midnight."""
    if len(text) == 8:
        return datetime.strptime(text, "%Y%m%d").replace(tzinfo=zone)
    if text.endswith("Z"):
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone)


def in_utc(until, zone):
    """UNTIL as dateutil wants it."""
    end = moment(until, zone)
    if len(until) == 8:
        end = datetime.combine(end.date(), time(23, 59, 59), zone)
    return end.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def with_until_in_utc(rule, zone):
    parts = [part.split("=", 1) for part in rule.split(";")]
    return ";".join(
        f"{name}={in_utc(value, zone) if name.upper() == 'UNTIL' else value}" for name, value in parts
    )


def expanded(entry):
    """The starts of the occurrences, in order, as text."""
    whole_days = "zone" not in entry
    zone = tz.UTC if whole_days else tz.gettz(entry["zone"])
    assert zone is not None, f"{entry['zone']} is not known"
    start = datetime.fromisoformat(entry["start"]).replace(tzinfo=zone)
    rules, added, left_out = [], [start], set()
    for line in entry["lines"]:
        head, value = line.split(":", 1)
        name, *parameters = head.split(";")
        of = zone
        for parameter in parameters:
            if parameter.startswith("TZID="):
                of = tz.gettz(parameter.removeprefix("TZID="))
        if name == "RRULE":
            rules.append(rrule.rrulestr(with_until_in_utc(value, zone), dtstart=start))
        elif name == "RDATE":
            added += [moment(text, of) for text in value.split(",")]
        elif name == "EXDATE":
            left_out |= {instant(moment(text, of)) for text in value.split(",")}
        else:
            raise ValueError(f"{name} is not expected")
    shown = entry.get("shown", SHOWN)
    # Enough of each that what is struck out leaves as many as are shown.
    starts = {instant(at) for at in added}
    for rule in rules:
        starts |= {instant(at) for at in islice(rule, shown + len(left_out))}
    form = "%Y-%m-%d" if whole_days else "%Y-%m-%dT%H:%M:%SZ"
    return [at.strftime(form) for at in sorted(starts - left_out)[:shown]]


def instant(at):
    return tz.resolve_imaginary(at).astimezone(timezone.utc)


def everything():
    rules = json.loads(RULES.read_text())
    return {f"{entry['group']}: {entry['name']}": expanded(entry) for entry in rules}


def written(expansions):
    lines = (f"  {json.dumps(name)}: {json.dumps(starts)}" for name, starts in expansions.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    EXPANSIONS.write_text(written(everything()))
