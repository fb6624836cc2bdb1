"""The formats of reports, by their names on the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from wandblint.reports.report import Report
from wandblint.reports.summary import statistics, summary


def _text(report: Report) -> Iterator[str]:
    """Every finding with its source, then the statistics and the summary."""
    from wandblint.reports.text import text_report  # noqa: PLC0415 (each format is imported when it is used)

    for located in report.findings:
        yield from text_report(located, report.style)
        yield ""
    yield from _counts(report)
    if report.summary:
        yield summary(report.findings, report.stats, report.style, complete=not report.problems)


def _counts(report: Report) -> Iterator[str]:
    if report.statistics:
        yield from statistics(report.findings, report.stats)
        yield ""


def _concise(report: Report) -> Iterator[str]:
    from wandblint.reports.concise import concise  # noqa: PLC0415 (as above)

    yield from concise(report.findings)
    yield from _counts(report)


def _grouped(report: Report) -> Iterator[str]:
    from wandblint.reports.grouped import grouped  # noqa: PLC0415 (as above)

    yield from grouped(report.findings, report.style)
    yield from _counts(report)
    if report.summary:
        yield summary(report.findings, report.stats, report.style, complete=not report.problems)


def _json(report: Report) -> Iterator[str]:
    from wandblint.reports.json_report import json_report  # noqa: PLC0415 (as above)

    yield json_report(report.findings, report.stats if report.statistics else None)


def _json_lines(report: Report) -> Iterator[str]:
    from wandblint.reports.json_report import json_lines  # noqa: PLC0415 (as above)

    yield from json_lines(report.findings)


def _junit(report: Report) -> Iterator[str]:
    from wandblint.reports.junit import junit  # noqa: PLC0415 (as above)

    yield from junit(report)


def _github(report: Report) -> Iterator[str]:
    from wandblint.reports.github import github  # noqa: PLC0415 (as above)

    yield from github(report)


def _azure(report: Report) -> Iterator[str]:
    from wandblint.reports.azure import azure  # noqa: PLC0415 (as above)

    yield from azure(report)


def _pylint(report: Report) -> Iterator[str]:
    from wandblint.reports.pylint import pylint  # noqa: PLC0415 (as above)

    yield from pylint(report)


def _rdjson(report: Report) -> Iterator[str]:
    from wandblint.reports.rdjson import rdjson  # noqa: PLC0415 (as above)

    yield from rdjson(report)


def _gitlab(report: Report) -> Iterator[str]:
    from wandblint.reports.gitlab import gitlab  # noqa: PLC0415 (as above)

    yield from gitlab(report)


def _sarif(report: Report) -> Iterator[str]:
    from wandblint.reports.sarif import sarif  # noqa: PLC0415 (as above)

    yield from sarif(report)


FORMATS: Mapping[str, Callable[[Report], Iterator[str]]] = {
    "text": _text,
    "concise": _concise,
    "grouped": _grouped,
    "json": _json,
    "json-lines": _json_lines,
    "github": _github,
    "azure": _azure,
    "gitlab": _gitlab,
    "junit": _junit,
    "pylint": _pylint,
    "rdjson": _rdjson,
    "sarif": _sarif,
}
"""Each format yields the lines of a report."""
