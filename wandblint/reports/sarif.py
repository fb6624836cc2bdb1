"""SARIF 2.1.0, for code scanning services and editors."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from wandblint import __version__
from wandblint.findings.finding import Severity
from wandblint.reports.links import DOCS, rule_url
from wandblint.reports.location import LocatedEdit, LocatedFinding, LocatedFix, Location
from wandblint.reports.report import Checked, Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "wandblint/v1"
"""The kind of our fingerprints; its number changes when their computation does."""
ROOT = "%SRCROOT%"
"""The usual name of the repository's root."""
_PROBLEM_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
"""GitHub's names of SARIF's levels."""


def sarif(report: Report) -> Iterator[str]:
    """Yields a log of one run, without machine and time: equal findings give equal bytes."""
    rule_indices = {checked.rule.code: index for index, checked in enumerate(report.checked)}
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
            _result(located, identity, rule_indices, report)
            for located, identity in zip(report.findings, identities, strict=True)
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


def _result(
    located: LocatedFinding, identity: str, rule_indices: dict[str, int], report: Report
) -> dict[str, object]:
    finding = located.finding
    steps = [note for note in located.related if note.is_step]
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": finding.severity.value,
        "message": {"text": f"{finding.message}\n{finding.help}" if finding.help else finding.message},
        "locations": [_location(located.location, report)],
        "partialFingerprints": {FINGERPRINT: identity},
        "properties": {"confidence": finding.confidence.value},
    }
    if finding.code in rule_indices:
        result["ruleIndex"] = rule_indices[finding.code]
    if located.related:
        result["relatedLocations"] = [
            {"id": index, **_location(note.location, report, note.message)}
            for index, note in enumerate(located.related)
        ]
    if steps:
        path = [
            *(_location(step.location, report, step.message) for step in steps),
            _location(located.location, report, finding.message),
        ]
        flow = {"locations": [{"location": location} for location in path]}
        result["codeFlows"] = [{"threadFlows": [flow]}]
    fix = located.fix
    if fix is not None and not fix.shows_key and not any(edit.location.cell for edit in fix.edits):
        result["fixes"] = [_fix(fix, report)]
    return result


def _fix(fix: LocatedFix, report: Report) -> dict[str, object]:
    """A fix with its edits by file, which is not a notebook: services cannot edit the source in its JSON."""
    files: dict[str, list[LocatedEdit]] = defaultdict(list)
    for edit in fix.edits:
        files[report.path(edit.location)].append(edit)
    return {
        "description": {"text": fix.message},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(edits[0].location, report),
                "replacements": [
                    {"deletedRegion": _region(edit.location), "insertedContent": {"text": edit.text}}
                    for edit in edits
                ],
            }
            for edits in files.values()
        ],
        "properties": {"applicability": fix.applicability.value},
    }


def _region(location: Location) -> dict[str, int]:
    """Rows and columns in the file; in a notebook rows only, because they contain JSON."""
    lines = {"startLine": location.line, "endLine": location.end_line}
    if location.cell:
        return lines
    return {**lines, "startColumn": location.column, "endColumn": location.end_column}


def _artifact(location: Location, report: Report) -> dict[str, object]:
    return {"uri": quote(os.fsencode(report.path(location))), "uriBaseId": ROOT}


def _location(location: Location, report: Report, message: str | None = None) -> dict[str, object]:
    result: dict[str, object] = {
        "physicalLocation": {"artifactLocation": _artifact(location, report), "region": _region(location)}
    }
    if location.cell is not None:
        result["logicalLocations"] = [{"fullyQualifiedName": location.position}]
    return result if message is None else {**result, "message": {"text": message}}
