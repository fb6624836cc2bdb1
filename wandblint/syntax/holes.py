"""Parts of a text that are parsed alone, because the running Python cannot parse them where they stand.

In the text that it parses, a filler of the same length stands for each of them: an imaginary number for an
expression (`holes`), a field `{0}` for the fields of an f-string. When the reader comes to the filler, it
parses the part itself, at its own offset.
"""

from __future__ import annotations

import ast
import re

from wandblint import facts
from wandblint.sources.tokens import FORMATTED, tokens
from wandblint.syntax.dispatch import lower_at
from wandblint.syntax.errors import ParseError
from wandblint.syntax.fields import fields
from wandblint.syntax.python import parse_python
from wandblint.syntax.source import BLANK, HoleKind, SourceText


def parsable(source: SourceText, start: int, end: int) -> str:
    """A part of the text as this Python can parse it, of the same length."""
    if not source.is_rewritten:
        return source.text[start:end]
    text = source.text
    pieces: list[str] = []
    at = start
    for begin, hole in sorted(source.holes.items()):
        if begin >= at and hole.end <= end and (begin, hole.end) != (start, end):
            pieces += [text[at:begin], filler(hole.end - begin)]
            at = hole.end
    pieces.append(text[at:end])
    return _without_fields("".join(pieces), text, start)


def filler(length: int) -> str:
    """An imaginary number of this length, at least 2: an expression of unknown value."""
    return "0" * (length - 1) + "j"


def _without_fields(text: str, written: str, offset: int) -> str:
    """A text with fillers as fields of f-strings; `written` is the file, in which it begins at an offset."""
    pieces: list[str] = []
    at = 0
    found = tokens(text)
    for literal, start, end in zip(found.texts, found.starts, found.ends, strict=True):
        if FORMATTED.match(literal):
            for field in fields(written, offset + start, offset + end):
                begin, stop = field.start - offset, field.end - offset
                # `{}` holds no expression: Python says so.
                stub = f"{{0{' ' * (stop - begin - 3)}}}" if stop - begin > len("{}") else "{}"
                pieces += [text[at:begin], stub]
                at = stop
    pieces.append(text[at:])
    return "".join(pieces)


def parse_alone(source: SourceText, start: int, end: int) -> facts.Expr:
    """The expression between two offsets, which is nothing but that."""
    text, offset = parsable(source, start, end), start
    is_long = "\n" in text or "\r" in text
    if is_long:
        text, offset = f"({text}\n)", offset - 1
    expression = _expression(text, offset)
    if is_long and isinstance(expression, ast.Tuple) and expression.col_offset == 0 == expression.lineno - 1:
        return _bare_tuple(expression.elts, text, offset, source)  # it took our parentheses for its own
    return lower_at([expression], text, offset, source)[0]


def _expression(text: str, offset: int) -> ast.expr:
    body = parse_python(text, offset).body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise ParseError("invalid syntax", offset)
    return body[0].value


def _bare_tuple(elements: list[ast.expr], text: str, offset: int, source: SourceText) -> facts.Sequence:
    """The tuple of expressions without parentheses, in a text that has one bracket of ours before them."""
    items = lower_at(elements, text, offset, source)
    return facts.Sequence(
        source.after(_BLANKS, offset + 1), source.after(_END, items[-1].end), "tuple", items
    )


def lower_hole(start: int, source: SourceText) -> facts.Expr | None:
    """The fact of the hole that begins here, if one does."""
    hole = source.holes.get(start)
    if hole is None:
        return None
    text, offset = parsable(source, start, hole.end), start - 1
    if hole.kind is HoleKind.UNKNOWN:
        source.newer.append(facts.NewerSyntax(start, hole.end, hole.python))
        effects = source.effects
        text = f"({text}\n)"
        parts = lower_at([_expression(text, offset)], text, offset, source)
        return facts.Other(start, hole.end, parts if source.effects != effects else [])
    text = f"[{text}\n]"
    display = _expression(text, offset)
    assert isinstance(display, ast.List), "its brackets are around it"
    if hole.kind is HoleKind.TUPLE:
        return _bare_tuple(display.elts, text, offset, source)
    return lower_at(display.elts, text, offset, source)[0]


_BLANKS = re.compile(BLANK)
_END = re.compile(rf"(?:{BLANK}\))*(?:{BLANK},)?")
