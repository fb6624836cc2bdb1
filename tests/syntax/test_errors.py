"""Text that cannot be parsed gives one clear error with a position, never a traceback."""

from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.syntax.python_positions import library_texts, python_tree
from wandblint.facts import FileFacts
from wandblint.syntax import ParseError, read
from wandblint.syntax.concrete import parse_concrete

LEADING_ZEROS = (
    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"
)
WRONG_BRACKET = "closing parenthesis ']' does not match opening parenthesis '('"

# `«` marks the offset.
ERRORS = [
    ("x = 1\ny = «= 2\n", "invalid syntax"),
    ("«print 'x'\n", "Missing parentheses in call to 'print'. Did you mean print(...)?"),
    ("if x:\n«pass\n", "expected an indented block after 'if' statement on line 1"),
    ("x = 1 + «# why\n", "invalid syntax"),
    ("x = 1\ny = «(\n\nz = 2\n", "'(' was never closed"),
    ("def f(«:\r\n    pass\r\n", "invalid syntax"),
    ("x = 1\ry = 'é' «3 4\r", "invalid syntax"),
    ("x = 1\ny = «'abc\n", "unterminated string literal (detected at line 2)"),
    ("x = 1\ny = «$\n", "invalid syntax"),
    ("x = 1\ny = «0777 # '", LEADING_ZEROS),
    ("x = 1\nif x:\n  «'''a", "unterminated triple-quoted string literal (detected at line 3)"),
    ("x = 1\ny = (1«]\n", WRONG_BRACKET),
    ("x = 1\nx\n«\0", "source code string cannot contain null bytes"),
    ("if x:\n    a\n  «b\n", "unindent does not match any outer indentation level"),
    ("x = 1\n\f  «y = 2\n", "unexpected indent"),
    ("def f():\n\tx\n        «y\n", "inconsistent use of tabs and spaces in indentation"),
    ("x = 1\ny = '«\ud800'\n", "lone surrogates cannot be part of a program"),
    ("with a as b«\n    c\n", "expected ':'"),
    ("x = " + "(" * 200 + "«(" * 1 + "(" * 300, "too many nested parentheses"),
    ("f(a=1, 2«)", "positional argument follows keyword argument"),
]


@pytest.mark.parametrize(("marked", "message"), ERRORS)
def test_errors_have_the_words_of_python(marked: str, message: str) -> None:
    with pytest.raises(ParseError) as caught:
        read("x.py", marked.replace("«", ""))
    assert (caught.value.message, caught.value.offset) == (message, marked.index("«"))
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["x = 'a' b'b'", "x = '\\x1'", "f'{a b}'", "class A:\n", "\\"])
def test_the_offset_is_inside_the_text(text: str) -> None:
    """Some positions that Python reports are not."""
    with pytest.raises(SyntaxError) as of_python:
        python_tree(text)
    with pytest.raises(ParseError) as caught:
        read("x.py", text)
    assert caught.value.message in of_python.value.msg
    assert 0 <= caught.value.offset <= len(text)


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
"""Texts that give Python no deep tree."""
REJECTED = {"parentheses", "open brackets", "dicts", "blocks", "fields", "brackets in a field", "specs"}
"""Texts that Python rejects as syntax errors."""


@pytest.mark.parametrize("kind", ABSURD)
def test_absurd_nesting_is_an_error(kind: str) -> None:
    text = "x = 1\n" + ABSURD[kind]
    if kind in FLAT and sys.version_info >= (3, 11):
        assert isinstance(read("x.py", text), FileFacts)
        return
    result = read_or_error(text)
    if kind in REJECTED:
        assert isinstance(result, ParseError)
        assert not result.is_python
    elif kind not in FLAT:
        assert isinstance(result, ParseError)
        assert (result.message, result.is_python) == ("nested too deeply to be read", True)
        assert result.offset >= len("x = 1\n")


@pytest.mark.parametrize("kind", ABSURD)
def test_text_that_would_overflow_the_stack_of_libcst_is_not_passed_to_it(kind: str) -> None:
    with pytest.raises(ParseError):
        parse_concrete(ABSURD[kind])


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
    assert isinstance(read("x.py", text), FileFacts)
    assert parse_concrete(text).body


LIBRARY = [text for text in library_texts(step=120).values() if len(text) < 30_000]
DAMAGE = [
    *"()[]{}'\"\\#:,.=*fbt\n\r\t \0é\ud800",
    *("'''", "f'{", "t'{", "lambda ", "case ", "type ", "except* ", "[*", "\\\r\n"),
]


def read_or_error(text: str) -> FileFacts | ParseError:
    try:
        return read("x.py", text)
    except ParseError as error:
        return error


@given(st.data())
def test_damaged_programs_give_facts_or_an_error(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(LIBRARY)).splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines)))
    text = "".join(lines[first : first + 10])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(DAMAGE)) + text[at + data.draw(st.integers(0, 2)) :]
    result = read_or_error(text)
    assert isinstance(result, FileFacts) or 0 <= result.offset <= len(text)


@pytest.mark.parametrize("text", ["x = 1\n", "x = = 1\n"])
def test_the_garbage_collector_is_left_as_it_was(text: str) -> None:
    for switch, expected in ((gc.disable, False), (gc.enable, True)):
        switch()
        read_or_error(text)
        assert gc.isenabled() is expected


def test_unknown_syntax_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a Python that is newer than wandblint."""
    from wandblint.syntax.dispatch import EXPRESSIONS  # noqa: PLC0415 (filled by the readers)

    read("x.py", "x")
    monkeypatch.delitem(EXPRESSIONS, next(kind for kind in EXPRESSIONS if kind.__name__ == "Await"))
    result = read_or_error("x = 1\nawait y\n")
    assert isinstance(result, ParseError)
    assert (result.offset, result.is_python) == (6, True)
    assert result.message == "in syntax that this version of wandblint does not know (Await)"
