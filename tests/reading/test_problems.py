"""Text that cannot be read gives one clear problem with a place, never a traceback."""

from __future__ import annotations

import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.places import library_texts
from tests.reading.readers import read_by_both
from wandblint.facts import FileFacts
from wandblint.reading import SyntaxProblem, read
from wandblint.reading.module import read_module
from wandblint.reading.quick import read_quickly

LEADING_ZEROS = (
    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"
)


WRONG_BRACKET = "Closing parenthesis ']' does not match opening parenthesis '('"


@pytest.mark.parametrize(
    ("text", "row", "column", "message"),
    [
        ("x = 1\ny = = 2\n", 2, 5, "invalid syntax"),
        ("print 'x'\n", 1, 7, "invalid syntax"),
        ("if x:\npass\n", 2, 1, "expected INDENT"),
        ("x = 1 + # why\n", 1, 7, "invalid syntax"),
        ("x = (\n", 1, 5, "invalid syntax"),
        ("def f(:\r\n    pass\r\n", 1, 7, "invalid syntax"),
        ("x = 1\ny = 'é' 3 4\n", 2, 9, "invalid syntax"),
        ("x = 1\ny = 'abc\n", 2, 5, "unterminated string literal"),
        ("x = 1\ny = $\n", 2, 5, "'$' is not a valid character in this position"),
        ("x = 1\ny = 1 * # $\n $\n", 3, 2, "'$' is not a valid character in this position"),
        ("x = 1\ny = 0777 # '", 2, 5, LEADING_ZEROS),
        ("x = 1\nif x:\n  f'''a", 3, 3, "unterminated triple-quoted string literal"),
        ("x = 1\ny = (1]\n", 2, 7, WRONG_BRACKET),
        ("x = 1\n\0", 2, 1, "a NUL character cannot be part of a program"),
        ("if x:\n    a\n  b\n", 3, 3, "no matching outer block for dedent"),
        ("x = 1\ny = '\ud800'\n", 2, 6, "lone surrogates cannot be part of a program"),
        ("x = 'a' b'b'", 1, 1, "LibCST refuses it: Cannot concatenate string and bytes."),
    ],
)
def test_problem(text: str, row: int, column: int, message: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        read("x.py", text)
    problem = caught.value
    assert (problem.row, problem.column, problem.message) == (row, column, message)
    assert str(problem) == f"{row}:{column}: {message}"


N = 20_000
ABSURD = {
    "parentheses": "(" * N + ")" * N,
    "open brackets": "[" * N,
    "dicts": "{1:" * N + "1" + "}" * N,
    "signs": "-" * N + "1",
    "sum": "1" + " + 1" * N,
    "power": "1" + "**1" * N,
    "and": "a" + " and a" * N,
    "not": "not " * N + "a",
    "lambdas": "lambda:" * N + "1",
    "conditions": "a" + " if b else c" * N,
    "attributes": "a" + ".b" * N,
    "calls": "a" + "()" * N,
    "elif": "if a: pass\n" + "elif a: pass\n" * N,
    "blocks": "".join(" " * depth + "if a:\n" for depth in range(2000)) + " " * 2000 + "pass",
    "import": "import a" + ".b" * 1500,
    "fields": "f'{" * N + "1" + "}'" * N,
    "brackets in a field": "f'{" + "(" * N + ")" * N + "}'",
    "specs": "f'{a:" + "{b:" * N + "}" * N + "}'",
    "just too deep for Python": "a" + " + a" * 1500,
}


FLAT = {"and", "import"}
"""What is no deep tree to Python."""


@pytest.mark.parametrize("kind", ABSURD)
def test_absurd_nesting_is_a_problem(kind: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        read_module("x.py", ABSURD[kind])
    assert read_quickly("x.py", ABSURD[kind]) is None or kind in FLAT
    if kind != "blocks":  # LibCST's own limit
        assert caught.value.message == "nested too deeply to be read"


@pytest.mark.parametrize(
    "text",
    [
        "x = [" + "1, " * N + "]",
        "x = (" + "'a' " * 2000 + ")",
        "x = 1\n" * N,
        "x = f('a', " + "'a'\n" * 2000 + ")",
    ],
    ids=lambda text: text[:20],
)
def test_long_is_not_deep(text: str) -> None:
    assert isinstance(read_by_both(text), FileFacts)


LIBRARY = [text for text in library_texts(step=120).values() if len(text) < 30_000]
DAMAGE = [*"()[]{}'\"\\#:,.=*fb\n\r\t \0é\ud800", "'''", "f'{", "lambda ", "case ", "\\\r\n"]


def outcome(text: str) -> FileFacts | SyntaxProblem:
    try:
        return read("x.py", text)
    except SyntaxProblem as problem:
        return problem


@given(st.data())
def test_damaged_programs_are_read_or_are_a_problem(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(LIBRARY)).splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines)))
    text = "".join(lines[first : first + 10])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(DAMAGE)) + text[at + data.draw(st.integers(0, 2)) :]
    assert isinstance(outcome(text), (FileFacts, SyntaxProblem))


@pytest.mark.parametrize("text", ["x = 1\n", "x = = 1\n"])
def test_the_garbage_collector_is_left_as_it_was(text: str) -> None:
    for switch, expected in ((gc.disable, False), (gc.enable, True)):
        switch()
        outcome(text)
        assert gc.isenabled() is expected
