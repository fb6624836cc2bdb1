"""Which findings a baseline covers: as many as it lists, the most likely first."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.findings.finding import Finding, Severity
from wandblint.span import Span
from wandblint.suppression.baseline import (
    BaselineEntry,
    BaselineError,
    BaselineMatch,
    entry,
    match,
    read,
    write,
)


def finding(path: str, message: str, code: str = "WB101") -> Finding:
    return Finding(code, "reinit-bool", Severity.WARNING, message, "", Span(path, 0, 1))


def matched_with(
    entries: list[BaselineEntry], *findings: tuple[Finding, str], checked: bool = True
) -> BaselineMatch:
    return match(entries, list(findings), lambda _: checked)


FIRST, SECOND = finding("a.py", "one"), finding("a.py", "other")


def test_listed_findings_are_known_and_the_others_are_new() -> None:
    matched = matched_with([entry(FIRST, "f")], (FIRST, "f"), (SECOND, "g"))
    assert (matched.new, matched.known, matched.stale) == ([SECOND], [entry(FIRST, "f")], [])


def test_the_listed_one_of_equal_fingerprints_is_known() -> None:
    assert matched_with([entry(SECOND, "f")], (FIRST, "f"), (SECOND, "f")).new == [FIRST]
    assert matched_with([entry(FIRST, "f")], (FIRST, "f"), (SECOND, "f")).new == [SECOND]


def test_a_copy_is_new_and_a_move_is_not() -> None:
    copy = finding("b.py", "one")
    assert matched_with([entry(FIRST, "f")], (copy, "f"), (FIRST, "f")).new == [copy]
    moved = matched_with([entry(FIRST, "f")], (copy, "f"))
    assert (moved.new, moved.known, moved.stale) == ([], [entry(copy, "f")], [])


def test_a_reworded_finding_is_not_new() -> None:
    assert matched_with([entry(finding("a.py", "as it was said before"), "f")], (FIRST, "f")).new == []


def test_an_entry_without_a_finding_is_stale_where_it_was_checked() -> None:
    listed = [entry(FIRST, "f")]
    assert matched_with(listed) == BaselineMatch([], [], listed, [])
    assert matched_with(listed, checked=False) == BaselineMatch([], [], [], listed)


texts = st.sampled_from(["a", "b", "c"])
findings = st.tuples(st.builds(finding, texts, texts), texts)


@given(st.lists(findings, max_size=8), st.lists(findings, max_size=8))
def test_every_finding_and_every_entry_is_accounted_for(
    listed: list[tuple[Finding, str]], findings: list[tuple[Finding, str]]
) -> None:
    matched = matched_with([entry(*pair) for pair in listed], *findings)
    assert len(matched.new) + len(matched.known) == len(findings)
    assert len(matched.known) + len(matched.stale) == len(listed)
    assert matched_with([entry(*pair) for pair in findings], *findings).new == []


@given(st.lists(st.builds(BaselineEntry, st.text(), texts, st.text(), texts)))
def test_a_file_round_trips(entries: list[BaselineEntry]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "baseline.json"
        write(file, entries)
        assert read(file) == sorted(entries)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "not a baseline: Input data was truncated; rewrite it with --write-baseline"),
        ("[]", "not a baseline: Expected `object`, got `array`; rewrite it with --write-baseline"),
        (
            '{"version": 9, "findings": []}',
            "written by another version of wandblint (format 9, not 1); rewrite it with --write-baseline",
        ),
    ],
)
def test_a_file_that_is_not_a_baseline(tmp_path: Path, text: str, error: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as raised:
        read(file)
    assert str(raised.value) == error
