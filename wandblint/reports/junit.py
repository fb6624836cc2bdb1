"""JUnit XML for Jenkins and others: one suite per file, one failed case per finding.

Its names are from the schema of Jenkins' xUnit plugin (`junit-10.xsd`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wandblint.reports.display import printable
from wandblint.reports.location import LocatedFinding
from wandblint.reports.report import Report


def junit(report: Report) -> Iterator[str]:
    """Yields one document. A clean project is one passed case: some readers treat no cases as a failure."""
    root = Element("testsuites", name="wandblint")
    for filename, group in groupby(report.findings, key=lambda located: report.path(located.location)):
        _add_suite(root, printable(filename), list(group))
    if report.problems:
        suite = _suite(root, "wandblint", len(report.problems), errors=len(report.problems))
        name = "could not do all of its work"
        for problem in report.problems:
            _add(suite, "wandblint", name, "error", "problem", printable(problem), "")
    if not len(root):
        _case(_suite(root, "wandblint", 1), "wandblint", "nothing found")
    indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield tostring(root, encoding="unicode")


def _add_suite(root: Element, filename: str, findings: list[LocatedFinding]) -> None:
    suite = _suite(root, filename, len(findings), failures=len(findings))
    for located in findings:
        finding, location = located.finding, located.location
        text = printable(f"{location}: {finding.help}")
        name = f"{finding.code} {finding.name} {location.position}"
        _add(suite, filename, name, "failure", finding.severity.value, printable(finding.message), text)


def _suite(root: Element, name: str, tests: int, *, failures: int = 0, errors: int = 0) -> Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return SubElement(root, "testsuite", {"name": name, **counts})


def _case(suite: Element, classname: str, name: str) -> Element:
    return SubElement(suite, "testcase", {"name": name, "classname": classname})


def _add(suite: Element, classname: str, name: str, tag: str, kind: str, message: str, text: str) -> None:
    SubElement(_case(suite, classname, name), tag, {"type": kind, "message": message}).text = text
