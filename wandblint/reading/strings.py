"""Strings, f-strings, t-strings and their concatenations as facts."""

from __future__ import annotations

from typing import TypeAlias

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import expression
from wandblint.reading.escapes import can_be_stored, unescape, unify_newlines
from wandblint.reading.fields import Contents, read_contents

_String: TypeAlias = "cst.SimpleString | cst.FormattedString | cst.TemplatedString"


@expression("SimpleString")
def _simple_string(node: cst.SimpleString, cursor: Cursor) -> facts.Expr:
    at = cursor.take(node.value)
    return _constant(cursor.starts[at], cursor.ends[at], _string_value(node.value))


def _constant(start: int, end: int, value: str | None) -> facts.Expr:
    """The string as a constant, or an unknown value for bytes and what cannot be stored."""
    if value is None or not can_be_stored(value):
        return facts.Other(start, end, [])
    return facts.Const(start, end, value)


def _string_value(literal: str) -> str | None:
    """The value of a string literal; `None` for bytes."""
    quoted = literal.lstrip("rRbBuU")
    prefix = literal[: -len(quoted)].lower()
    if "b" in prefix:
        return None
    width = 3 if quoted.startswith(('"""', "'''")) else 1
    text = unify_newlines(quoted[width:-width])
    return text if "r" in prefix else unescape(text)


@expression("FormattedString")
def _formatted_string(node: cst.FormattedString, cursor: Cursor) -> facts.Expr:
    start, contents = cursor.start, Contents()
    read_contents(node, cursor, contents)
    return _template(start, cursor.end, contents)


@expression("TemplatedString")
def _templated_string(node: cst.TemplatedString, cursor: Cursor) -> facts.Expr:
    """A t-string is an object, not text: only the effects of its fields matter."""
    start, contents = cursor.start, Contents()
    read_contents(node, cursor, contents)
    return facts.Other(start, cursor.end, contents.effects)


@expression("ConcatenatedString")
def _concatenated_string(node: cst.ConcatenatedString, cursor: Cursor) -> facts.Expr:
    start, contents = cursor.start, Contents()
    is_text = True
    for string in _strings(node):
        if isinstance(string, cst.SimpleString):
            cursor.take(string.value)
            value = _string_value(string.value)
            is_text &= value is not None
            contents.add_text(value or "")
        else:
            is_text &= isinstance(string, cst.FormattedString)
            read_contents(string, cursor, contents)
    if is_text:
        return _template(start, cursor.end, contents)
    return facts.Other(start, cursor.end, contents.effects)


def _strings(node: cst.ConcatenatedString) -> list[_String]:
    strings: list[_String] = [node.left]
    right = node.right
    while isinstance(right, cst.ConcatenatedString):
        strings.append(right.left)
        right = right.right
    return [*strings, right]


def _template(start: int, end: int, contents: Contents) -> facts.Expr:
    """The text as a template, or as a constant where it has no fields."""
    texts = [part for part in contents.parts if isinstance(part, str)]
    if len(texts) == len(contents.parts):
        return _constant(start, end, "".join(texts))
    if not all(map(can_be_stored, texts)):
        return facts.Other(start, end, contents.effects)
    return facts.Template(start, end, contents.parts)
