"""The formats of reports by their names on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from wandblint.reports.concise import concise
from wandblint.reports.github import github
from wandblint.reports.gitlab import gitlab
from wandblint.reports.grouped import grouped
from wandblint.reports.json_report import json_lines, json_report
from wandblint.reports.report import Report
from wandblint.reports.sarif import sarif
from wandblint.reports.summary import statistics, summary
from wandblint.reports.text import text_report


def _text(report: Report) -> Iterator[str]:
    """The report for people, with its last line."""
    for located in report.found:
        yield from text_report(located, report.style)
        yield ""
    yield from _counts(report)
    if report.summary:
        yield summary(report.found, report.looked, report.style, complete=not report.problems)


def _counts(report: Report) -> Iterator[str]:
    if report.statistics:
        yield from statistics(report.found, report.looked)
        yield ""


def _concise(report: Report) -> Iterator[str]:
    yield from concise(report.found)
    yield from _counts(report)


def _grouped(report: Report) -> Iterator[str]:
    yield from grouped(report.found, report.style)
    yield from _counts(report)
    if report.summary:
        yield summary(report.found, report.looked, report.style, complete=not report.problems)


def _json(report: Report) -> Iterator[str]:
    yield json_report(report.found, report.looked if report.statistics else None)


def _json_lines(report: Report) -> Iterator[str]:
    yield from json_lines(report.found)


def _junit(report: Report) -> Iterator[str]:
    from wandblint.reports.junit import junit  # noqa: PLC0415 (XML is seldom asked for)

    yield from junit(report)


FORMATS: Mapping[str, Callable[[Report], Iterator[str]]] = {
    "text": _text,
    "concise": _concise,
    "grouped": _grouped,
    "json": _json,
    "json-lines": _json_lines,
    "github": github,
    "gitlab": gitlab,
    "junit": _junit,
    "sarif": sarif,
}
"""What makes the lines of a report in each format."""
