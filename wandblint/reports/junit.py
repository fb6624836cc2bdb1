"""JUnit XML, as Jenkins and others read it: a suite a file, a failed case a finding.

Its names are those of the schema of Jenkins' xUnit plugin (`junit-10.xsd`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from wandblint.reports.display import printable
from wandblint.reports.location import Located
from wandblint.reports.report import Report


def junit(report: Report) -> Iterator[str]:
    """One document. A clean project is one case that passed: no case at all would be a failure to some."""
    root = Element("testsuites", name="wandblint")
    for filename, found in groupby(report.found, key=lambda located: report.path(located.place)):
        _add_suite(root, printable(filename), list(found))
    if report.problems:
        suite = _suite(root, "wandblint", len(report.problems), errors=len(report.problems))
        for problem in report.problems:
            _add(
                suite, "wandblint", "could not do all of its work", "error", "problem", printable(problem), ""
            )
    if not len(root):
        _case(_suite(root, "wandblint", 1), "wandblint", "nothing found")
    indent(root)
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield tostring(root, encoding="unicode")


def _add_suite(root: Element, filename: str, found: list[Located]) -> None:
    suite = _suite(root, filename, len(found), failures=len(found))
    for located in found:
        finding, place = located.finding, located.place
        text = printable(f"{place}: {finding.help}")
        name = f"{finding.code} {finding.name} {place.position}"
        _add(suite, filename, name, "failure", finding.severity.value, printable(finding.message), text)


def _suite(root: Element, name: str, tests: int, *, failures: int = 0, errors: int = 0) -> Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return SubElement(root, "testsuite", {"name": name, **counts})


def _case(suite: Element, classname: str, name: str) -> Element:
    return SubElement(suite, "testcase", {"name": name, "classname": classname})


def _add(suite: Element, classname: str, name: str, tag: str, kind: str, message: str, text: str) -> None:
    SubElement(_case(suite, classname, name), tag, {"type": kind, "message": message}).text = text
