"""The style variants of a case's files."""

from __future__ import annotations

import ast

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings

from wandblint.pages.variants import statement_rows, suppress, width, with_tabs

BLOCK = """\
def log(run):
    if run:
        run.log({
          "loss": 1,
        })
    # said before
    return '''
    text
'''
"""


def test_statements_are_indented_with_tabs() -> None:
    assert with_tabs(BLOCK) == (
        "def log(run):\n\tif run:\n\t\trun.log({\n"
        "          \"loss\": 1,\n        })\n    # said before\n\treturn '''\n    text\n'''\n"
    )


@pytest.mark.parametrize(
    "text", ["if x:\n  y()\n", "if x:\n\ty()\n", "if x:\n    y(\n", "if x:\n    y()\n  z()\n"]
)
def test_code_that_tabs_would_break_is_unchanged(text: str) -> None:
    assert with_tabs(text) == text


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(suppress_health_check=list(HealthCheck), max_examples=25)
@given(hypothesmith.from_grammar())
def test_tabs_change_no_meaning(text: str) -> None:
    assert ast.dump(ast.parse(with_tabs(text))) == ast.dump(ast.parse(text))
    assert [width(line) for line in with_tabs(text).split("\n")] == [width(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [(1, range(1, 2)), (2, range(2, 3)), (4, range(3, 6)), (6, range(6, 7)), (8, range(7, 10))],
)
def test_the_rows_of_a_statement(row: int, expected: range) -> None:
    assert statement_rows(BLOCK, row) == expected


@pytest.mark.parametrize(
    ("text", "row", "changed_row"),
    [
        (BLOCK, 1, 1),
        (BLOCK, 4, 4),
        (BLOCK, 7, 9),
        ("a = 1 + \\\n    2\n", 1, 2),
        ("# a comment\n", 1, 1),
        ("a = 1  # a comment\n", 1, 1),
        ("a = (\n", 1, 1),
    ],
)
def test_where_a_suppression_goes(text: str, row: int, changed_row: int) -> None:
    before, after = text.split("\n"), suppress(text, row, "WB101").split("\n")
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True), 1) if old != new]
    assert changed == [changed_row]
    assert after[changed_row - 1] == f"{before[changed_row - 1]}  # wandblint: ignore[WB101]"
