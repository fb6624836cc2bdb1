"""The findings as a JSON array, for programs. Its fields are a promise: they are added to, never changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from wandblint.reports.links import rule_url
from wandblint.reports.location import Located, LocatedFix, Location
from wandblint.reports.summary import RunStats


def json_report(found: Sequence[Located], looked: RunStats | None = None) -> str:
    """All findings as one array of objects, ASCII only so that any output encoding carries it.

    With `looked` the array is `findings` of an object, beside `statistics`.
    """
    findings = [_object(located) for located in found]
    if looked is None:
        return json.dumps(findings, indent=2)
    return json.dumps({"findings": findings, "statistics": _statistics(found, looked)}, indent=2)


def json_lines(found: Iterable[Located]) -> Iterator[str]:
    """The objects of the array, each on a line of its own."""
    for located in found:
        yield json.dumps(_object(located))


def _statistics(found: Sequence[Located], looked: RunStats) -> dict[str, object]:
    return {
        "rules": dict(sorted(Counter(located.finding.code for located in found).items())),
        "files": looked.checked,
        "log_calls": {
            "total": looked.log_calls,
            "all_keys_known": looked.all_known,
            "some_keys_known": looked.some_known,
            "not_reached": looked.unreached,
        },
        "call_paths_given_up": looked.entries_given_up,
    }


def _object(located: Located) -> dict[str, object]:
    finding = located.finding
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "help": finding.help,
        "filename": located.place.filename,
        "cell": located.place.cell,
        "location": _start(located.place),
        "end_location": {"row": located.place.end_row, "column": located.place.end_column},
        "related": [
            {
                "filename": note.place.filename,
                "cell": note.place.cell,
                "location": _start(note.place),
                "message": note.message,
            }
            for note in located.related
        ],
        "fix": None if located.fix is None else _fix(located.fix),
        "fingerprint": located.fingerprint,
        "url": rule_url(finding.name),
    }


def _fix(fix: LocatedFix) -> dict[str, object]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [
            {
                "filename": edit.place.filename,
                "location": _start(edit.place),
                "end_location": {"row": edit.place.end_row, "column": edit.place.end_column},
                "content": edit.text,
            }
            for edit in fix.edits
        ],
    }


def _start(place: Location) -> dict[str, int]:
    return {"row": place.row, "column": place.column}
