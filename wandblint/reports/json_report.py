"""The JSON formats. Their fields are stable: new ones may appear, existing ones never change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from wandblint.findings.finding import Finding
from wandblint.reports.links import rule_url
from wandblint.reports.location import LocatedFinding, LocatedFix, Location
from wandblint.reports.summary import RunStats


def json_report(findings: Sequence[LocatedFinding], stats: RunStats | None = None) -> str:
    """All findings as an array of objects; ASCII only, so any output encoding can represent it.

    With `stats`, an object with the array as `findings`, and `statistics`.
    """
    objects = [_object(located) for located in findings]
    if stats is None:
        return json.dumps(objects, indent=2)
    return json.dumps({"findings": objects, "statistics": _statistics(findings, stats)}, indent=2)


def json_lines(findings: Iterable[LocatedFinding]) -> Iterator[str]:
    """Yields the objects of the array, one per line."""
    for located in findings:
        yield json.dumps(_object(located))


def _statistics(findings: Sequence[LocatedFinding], stats: RunStats) -> dict[str, object]:
    return {
        "rules": dict(sorted(Counter(located.finding.code for located in findings).items())),
        "files": stats.checked,
        "log_calls": {
            "total": stats.log_calls,
            "all_keys_known": stats.all_known,
            "some_keys_known": stats.some_known,
            "not_reached": stats.unreached,
        },
        "cut_off": {
            "entry_points": stats.entries_cut_off,
            "calls": stats.calls_cut_off,
            "of_calls": stats.calls,
        },
    }


def finding_fields(finding: Finding) -> dict[str, object]:
    """The fields of a finding that do not depend on its location."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "help": finding.help,
    }


def _object(located: LocatedFinding) -> dict[str, object]:
    finding = located.finding
    return {
        **finding_fields(finding),
        "filename": located.location.filename,
        "cell": located.location.cell,
        "location": _start(located.location),
        "end_location": {"row": located.location.end_row, "column": located.location.end_column},
        "related": [
            {
                "filename": note.location.filename,
                "cell": note.location.cell,
                "location": _start(note.location),
                "message": note.message,
            }
            for note in located.related
        ],
        "fix": None if located.fix is None or located.fix.shows_key else _fix(located.fix),
        "fingerprint": located.fingerprint,
        "url": rule_url(finding.name),
    }


def _fix(fix: LocatedFix) -> dict[str, object]:
    return {
        "applicability": fix.applicability.value,
        "message": fix.message,
        "edits": [
            {
                "filename": edit.location.filename,
                "location": _start(edit.location),
                "end_location": {"row": edit.location.end_row, "column": edit.location.end_column},
                "content": edit.text,
            }
            for edit in fix.edits
        ],
    }


def _start(location: Location) -> dict[str, int]:
    return {"row": location.row, "column": location.column}
