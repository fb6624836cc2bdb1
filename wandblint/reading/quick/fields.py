"""Where the replacement fields of f-strings are.

Before Python 3.12 the places that `ast` gives inside of an f-string are not reliable, so the text is searched
for them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wandblint.reading.quick.source import Defies
from wandblint.sources.tokens import FIELD_TOKEN, FORMATTED, formatted_end, tokens


class Field(NamedTuple):
    """A field from its `{` to its `}`: where its expression ends, and the fields in its format spec."""

    start: int
    expression_end: int
    end: int
    inner: list[Field]


def fields(text: str, start: int, end: int) -> list[Field]:
    """The fields of the strings between two offsets, which stand beside each other."""
    found: list[Field] = []
    literals = tokens(text, start, end)
    for literal, begin, stop in zip(literals.texts, literals.starts, literals.ends, strict=True):
        opening = FORMATTED.match(literal)
        if opening:
            inside = _IN_RAW if "r" in opening["prefix"].lower() else _IN_TEXT
            found += _fields_of_text(inside, text, begin + opening.end(), stop - len(opening["quote"]))
    return found


def _fields_of_text(inside: re.Pattern[str], text: str, at: int, end: int) -> list[Field]:
    found = []
    while brace := inside.search(text, at, end):
        at = brace.end()
        if brace[0] == "{":
            found.append(_field(text, at, end))
            at = found[-1].end
    return found


def _field(text: str, start: int, end: int) -> Field:
    """The field whose expression begins at `start`."""
    depth, at, expression_end = 0, start, 0
    while found := FIELD_TOKEN.search(text, at, end):
        token, at = found[0], found.end()
        if token in _OPENING:
            depth += 1
        elif depth:
            depth -= token in _CLOSING
        elif token in _ENDS_EXPRESSION:
            expression_end = expression_end or found.start()
            if token == "}":
                return Field(start - 1, expression_end, at, [])
            if token == ":":
                inner, at = _spec(text, at, end)
                return Field(start - 1, expression_end, at, inner)
        if FORMATTED.match(token):
            at = formatted_end(text, found.start(), end)
    raise Defies


def _spec(text: str, at: int, end: int) -> tuple[list[Field], int]:
    """The fields of a format spec, and where the field around it ends."""
    inner: list[Field] = []
    while brace := _BRACE.search(text, at, end):
        at = brace.end()
        if brace[0] == "}":
            return inner, at
        inner.append(_field(text, at, end))
        at = inner[-1].end
    raise Defies


_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_ENDS_EXPRESSION = frozenset("}:!=")

_IN_TEXT = re.compile(r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\{", re.DOTALL)
_IN_RAW = re.compile(r"\{\{|\{")
_BRACE = re.compile(r"[{}]")
