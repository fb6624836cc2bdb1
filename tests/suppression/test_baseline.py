"""Which findings a baseline holds: as many as it lists, the likeliest first."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.findings.finding import Finding, Severity
from wandblint.span import Span
from wandblint.suppression.baseline import BaselineEntry, BaselineError, Matched, entry, match, read, write


def finding(path: str, message: str, code: str = "WB101") -> Finding:
    return Finding(code, "reinit-bool", Severity.WARNING, message, "", Span(path, 0, 1))


def beside(entries: list[BaselineEntry], *found: tuple[Finding, str], judged: bool = True) -> Matched:
    return match(entries, list(found), lambda one: judged)


ONE, OTHER = finding("a.py", "one"), finding("a.py", "other")


def test_what_is_listed_is_known_and_the_rest_is_new() -> None:
    matched = beside([entry(ONE, "f")], (ONE, "f"), (OTHER, "g"))
    assert (matched.new, matched.known, matched.gone) == ([OTHER], [entry(ONE, "f")], [])


def test_of_those_that_share_a_fingerprint_the_listed_one_is_known() -> None:
    assert beside([entry(OTHER, "f")], (ONE, "f"), (OTHER, "f")).new == [ONE]
    assert beside([entry(ONE, "f")], (ONE, "f"), (OTHER, "f")).new == [OTHER]


def test_a_copy_is_new_and_a_move_is_not() -> None:
    copy = finding("b.py", "one")
    assert beside([entry(ONE, "f")], (copy, "f"), (ONE, "f")).new == [copy]
    moved = beside([entry(ONE, "f")], (copy, "f"))
    assert (moved.new, moved.known, moved.gone) == ([], [entry(copy, "f")], [])


def test_another_wording_is_no_new_finding() -> None:
    assert beside([entry(finding("a.py", "as it was said before"), "f")], (ONE, "f")).new == []


def test_what_is_not_found_any_more_is_gone_where_that_can_be_said() -> None:
    listed = [entry(ONE, "f")]
    assert beside(listed) == Matched([], [], listed, [])
    assert beside(listed, judged=False) == Matched([], [], [], listed)


texts = st.sampled_from(["a", "b", "c"])
findings = st.tuples(st.builds(finding, texts, texts), texts)


@given(st.lists(findings, max_size=8), st.lists(findings, max_size=8))
def test_nothing_is_lost(listed: list[tuple[Finding, str]], found: list[tuple[Finding, str]]) -> None:
    matched = beside([entry(*pair) for pair in listed], *found)
    assert len(matched.new) + len(matched.known) == len(found)
    assert len(matched.known) + len(matched.gone) == len(listed)
    assert beside([entry(*pair) for pair in found], *found).new == []


@given(st.lists(st.builds(BaselineEntry, st.text(), texts, st.text(), texts)))
def test_a_file_is_read_as_it_was_written(entries: list[BaselineEntry]) -> None:
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
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str, error: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as raised:
        read(file)
    assert str(raised.value) == error
