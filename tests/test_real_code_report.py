"""The tables of docs/real-code.md."""

from __future__ import annotations

import pytest

from real_code_report import (
    PAGE,
    VERDICTS,
    Found,
    Row,
    count_verdicts,
    load_verdicts,
    projects_table,
    rules_table,
    with_block,
)

TEXT = """
[[verdict]]
project = "me/mine"
code = "WB101"
places = ["train.py:3", "train.py:9"]
verdict = "{verdict}"
why = "deprecated"
"""
ROW = Row(
    project="me/mine",
    files=3,
    log_calls=4,
    all_known=3,
    some_known=4,
    over_budget=1,
    findings=[Found(code="WB101", place="train.py:3"), Found(code="WB101", place="train.py:9")],
)


def test_tables() -> None:
    counts = count_verdicts([ROW], load_verdicts(TEXT.format(verdict="right")))
    assert list(projects_table([ROW], {"me/mine": "0123456789abcdef"}, counts))[2:] == [
        "| me/mine | 0123456789 | 3 | 4 | 3 (75.0 %) | 4 (100.0 %) | 1 | WB101 2 | 2, 0, 0 |",
        "| **all 1** | | 3 | 4 | **3 (75.0 %)** | **4 (100.0 %)** | 1 | 2 | |",
    ]
    assert list(rules_table(counts))[2:] == [
        "| WB101 | 2 | 2 | 0 | 0 | 2 (100.0 %) |",
        "| **all** | 2 | 2 | 0 | 0 | 2 (100.0 %) |",
    ]


def test_a_finding_without_a_verdict_is_named() -> None:
    other = Row("me/mine", 1, 0, 0, 0, 0, [Found("WB701", "train.py:1")])
    with pytest.raises(ValueError, match=r"no verdict on me/mine WB701 train\.py:1"):
        count_verdicts([other], load_verdicts(TEXT.format(verdict="right")))


def test_invalid_verdicts() -> None:
    with pytest.raises(ValueError, match="'good' is no verdict"):
        load_verdicts(TEXT.format(verdict="good"))
    with pytest.raises(ValueError, match=r"two verdicts on me/mine WB101 train\.py:3"):
        load_verdicts(TEXT.format(verdict="right") + TEXT.format(verdict="wrong"))


def test_the_page_has_its_blocks_and_its_verdicts() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in ("rules", "projects"):
        assert "new" in with_block(page, name, iter(["new"]))
    verdicts = load_verdicts(VERDICTS.read_text(encoding="utf-8"))
    decided = {project for project, _, _ in verdicts}
    assert [project for project in decided if f"| {project} |" not in page] == []
