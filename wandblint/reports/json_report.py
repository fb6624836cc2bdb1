"""The findings as a JSON array, for programs. Its fields are a promise: they are added to, never changed."""

from __future__ import annotations

import json
from collections.abc import Iterable

from wandblint.reports.links import rule_url
from wandblint.reports.place import Located, Place


def json_report(found: Iterable[Located]) -> str:
    """All findings as one array of objects, ASCII only so that any output encoding carries it."""
    return json.dumps([_object(located) for located in found], indent=2)


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
        "location": _start(located.place),
        "end_location": {"row": located.place.end_row, "column": located.place.end_column},
        "related": [
            {"filename": note.place.filename, "location": _start(note.place), "message": note.message}
            for note in located.related
        ],
        "fix": None,
        "url": rule_url(finding.name),
    }


def _start(place: Place) -> dict[str, int]:
    return {"row": place.row, "column": place.column}
