"""Positions in LibCST's tree, which does not hold every character of the text."""

from __future__ import annotations

from itertools import product

import libcst as cst
import pytest

from wandblint.fixing.source import ParsedSource
from wandblint.syntax.errors import ParseError

BLANKS = ["", " ", "\f", "  \f", " \f \f"]
TEXT = """{first}import a
if x:
{indent}    yy = (1,{indent} 22)
{blank}
    # é{blank}
    {first}zz{indent}={blank}33
{blank}# c
uu = 4"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_form_feeds_move_nothing(newline: str) -> None:
    checked = 0
    for first, indent, blank in product(["", "\f", "\f\f"], BLANKS, BLANKS):
        text = TEXT.format(first=first, indent=indent, blank=blank).replace("\n", newline)
        try:
            compile(text, "a.py", "exec")
            source = ParsedSource("a.py", text)
        except (SyntaxError, ParseError):
            continue
        words = [source.code(node) for node in source.find_all((cst.Name, cst.Integer))]
        assert words == ["a", "x", "yy", "1", "22", "zz", "33", "uu", "4"], text
        assert [source.code(node)[:2] for node in source.find_all(cst.Assign)] == ["yy", "zz", "uu"], text
        checked += 1
    assert checked >= 20


def test_strings_that_overflow_the_stack_are_refused() -> None:
    with pytest.raises(ParseError):
        ParsedSource("a.py", "x = " + "'a' " * 5000)
