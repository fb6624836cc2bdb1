"""SARIF 2.1.0, as code scanning services and editors read it."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from wandblint import __version__
from wandblint.findings.finding import Severity
from wandblint.reports.links import DOCS, rule_url
from wandblint.reports.location import Located, LocatedEdit, LocatedFix, Location
from wandblint.reports.report import Checked, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "wandblint/v1"
"""The kind of our fingerprints; another number is for another way to make them."""
ROOT = "%SRCROOT%"
"""What services call the root of the repository."""
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
"""How GitHub calls what SARIF calls levels."""


def sarif(report: Report) -> Iterator[str]:
    """One log of one run. It says nothing of the machine or the time: equal findings give equal bytes."""
    index = {checked.rule.code: at for at, checked in enumerate(report.checked)}
    identities = report.identities()
    run: dict[str, object] = {
        "tool": {
            "driver": {
                "name": "wandblint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": DOCS,
                "rules": [_rule(checked) for checked in report.checked],
            }
        },
        "invocations": [_invocation(report.problems)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _result(located, identity, index, report)
            for located, identity in zip(report.found, identities, strict=True)
        ],
    }
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(checked: Checked) -> dict[str, object]:
    rule = checked.rule
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.summary},
        "help": {"text": checked.page, "markdown": checked.page},
        "helpUri": rule_url(rule.name),
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"problem.severity": _PROBLEM_SEVERITY[rule.severity], "tags": ["wandb"]},
    }


def _invocation(problems: Sequence[str]) -> dict[str, object]:
    notes = [{"level": "error", "message": {"text": problem}} for problem in problems]
    return {"executionSuccessful": not problems, "toolExecutionNotifications": notes}


def _result(located: Located, identity: str, index: dict[str, int], report: Report) -> dict[str, object]:
    finding = located.finding
    steps = [note for note in located.related if note.is_step]
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}\n{finding.help}" if finding.help else finding.message},
        "locations": [_location(located.place, report)],
        "partialFingerprints": {FINGERPRINT: identity},
        "properties": {"confidence": finding.confidence.value},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if located.related:
        result["relatedLocations"] = [
            {"id": at, **_location(note.place, report, note.message)}
            for at, note in enumerate(located.related)
        ]
    if steps:
        way = [
            *(_location(step.place, report, step.message) for step in steps),
            _location(located.place, report, finding.message),
        ]
        flow = {"locations": [{"location": location} for location in way]}
        result["codeFlows"] = [{"threadFlows": [flow]}]
    if located.fix is not None and not any(edit.place.cell for edit in located.fix.edits):
        result["fixes"] = [_fix(located.fix, report)]
    return result


def _fix(fix: LocatedFix, report: Report) -> dict[str, object]:
    """The edits by file. Those of a notebook have no place in its JSON that a service could edit."""
    files: dict[str, list[LocatedEdit]] = defaultdict(list)
    for edit in fix.edits:
        files[report.path(edit.place)].append(edit)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(edits[0].place, report),
                "replacements": [
                    {"deletedRegion": _region(edit.place), "insertedContent": {"text": edit.text}}
                    for edit in edits
                ],
            }
            for edits in files.values()
        ],
        "properties": {"applicability": fix.applicability.value},
    }


def _region(place: Location) -> dict[str, int]:
    """Lines of the file; in a notebook they hold JSON, whose columns say nothing."""
    lines = {"startLine": place.line, "endLine": place.end_line}
    return lines if place.cell else {**lines, "startColumn": place.column, "endColumn": place.end_column}


def _artifact(place: Location, report: Report) -> dict[str, object]:
    return {"uri": quote(os.fsencode(report.path(place))), "uriBaseId": ROOT}


def _location(place: Location, report: Report, message: str | None = None) -> dict[str, object]:
    location: dict[str, object] = {
        "physicalLocation": {
            "artifactLocation": _artifact(place, report),
            "region": _region(place),
        }
    }
    if place.cell is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": place.position}]
    return location if message is None else {**location, "message": {"text": message}}
