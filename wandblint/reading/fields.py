"""The inside of f-strings and t-strings: texts and replacement fields.

Such a string is one token of its file. The places inside it are found by lexing each field on its own.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor, OutOfStep
from wandblint.reading.dispatch import lower
from wandblint.reading.escapes import unescape, unify_newlines

_FormattedNode: TypeAlias = "cst.FormattedString | cst.TemplatedString"
_FieldNode: TypeAlias = "cst.FormattedStringExpression | cst.TemplatedStringExpression"


class Contents:
    """What strings hold: texts and fields in order, and of the fields those with effects."""

    def __init__(self) -> None:
        self.parts: list[str | facts.Expr] = []
        self.effects: list[facts.Expr] = []

    def add_text(self, text: str) -> None:
        """Adds text, joined with the text before it."""
        if self.parts and isinstance(self.parts[-1], str):
            self.parts[-1] += text
        elif text:
            self.parts.append(text)


def read_contents(node: _FormattedNode, cursor: Cursor, contents: Contents) -> None:
    """Passes the token of the string and adds what it holds."""
    start, end = cursor.start, cursor.ends[cursor.at]
    cursor.at += 1
    offset, inside_end = start + len(node.start), end - len(node.end)
    is_raw = "r" in node.prefix
    for part in node.parts:
        if isinstance(part, _FIELDS):
            offset = _add_field(part, offset, inside_end, cursor, contents)
        elif isinstance(part, _TEXTS):
            text = unify_newlines(part.value.replace("{{", "{").replace("}}", "}"))
            contents.add_text(text if is_raw else unescape(text))
            offset += len(part.value)
    if offset != inside_end or not cursor.text.startswith(node.start, start):
        raise OutOfStep


def _add_field(node: _FieldNode, offset: int, end: int, cursor: Cursor, contents: Contents) -> int:
    """Adds the field whose `{` is at `offset`, and returns where it ends."""
    inside = Cursor(cursor.text, cursor.lex, cursor.lex(offset + 1, end), offset + 1)
    value = lower(node.expression, inside)
    at = max(inside.end, value.end)
    effects = [value] if inside.effects else []
    if node.equal is not None:
        at = _after(_EQUAL, cursor, at)
        contents.add_text(unify_newlines(cursor.text[offset + 1 : at]))
    at = _after(_CONVERSION, cursor, at)
    if node.format_spec is not None:
        specified = Contents()
        at = _after(_COLON, cursor, at)
        for part in node.format_spec:
            if isinstance(part, _FIELDS):
                at = _add_field(part, at, end, inside, specified)
            elif isinstance(part, _TEXTS):
                at += len(part.value)
        effects += specified.effects
    at = _after(_CLOSING_BRACE, cursor, at)
    if node.format_spec is not None or node.conversion not in _TEXT_CONVERSIONS[node.equal is not None]:
        value = facts.Other(offset, at, effects)
    contents.parts.append(value)
    contents.effects += effects
    cursor.effects += inside.effects
    return at


def _after(pattern: re.Pattern[str], cursor: Cursor, offset: int) -> int:
    """The end of the pattern at an offset. Raises `OutOfStep` if it is not there."""
    found = pattern.match(cursor.text, offset)
    if not found:
        raise OutOfStep
    return found.end()


_FIELDS = (cst.FormattedStringExpression, cst.TemplatedStringExpression)
_TEXTS = (cst.FormattedStringText, cst.TemplatedStringText)
_TEXT_CONVERSIONS = {False: (None, "s"), True: ("s",)}
"""The conversions that give a value's `str()`, without and with `=`."""

_BLANK = r"(?:[\s\\]|#[^\r\n]*)*"
_EQUAL = re.compile(rf"{_BLANK}={_BLANK}")
_CONVERSION = re.compile(rf"{_BLANK}(?:!{_BLANK}[a-z]{_BLANK})?")
_COLON = re.compile(":")
_CLOSING_BRACE = re.compile("}")
