"""f-strings of `ast` as facts."""

from __future__ import annotations

import ast

from wandblint import facts
from wandblint.reading.escapes import can_be_stored
from wandblint.reading.quick.dispatch import expression, lower
from wandblint.reading.quick.fields import Field, fields
from wandblint.reading.quick.source import Defies, Source, rows_of


@expression("JoinedStr")
def _formatted_string(node: ast.JoinedStr, start: int, end: int, source: Source) -> facts.Expr:
    parts: list[str | facts.Expr] = []
    effects: list[facts.Expr] = []
    found = iter(fields(source.text, start, end) if _has_fields(node) else [])
    for value in node.values:
        if isinstance(value, ast.FormattedValue):
            parts.append(_read_field(value, next(found, None), effects, source))
        else:
            _add_text(value, parts)
    if next(found, None) is not None:
        raise Defies
    texts = [part for part in parts if isinstance(part, str)]
    if not all(map(can_be_stored, texts)):
        return facts.Other(start, end, effects)
    if len(texts) == len(parts):
        return facts.Const(start, end, "".join(texts))
    return facts.Template(start, end, parts)


def _has_fields(node: ast.JoinedStr) -> bool:
    return any(isinstance(value, ast.FormattedValue) for value in node.values)


def _add_text(node: ast.expr, parts: list[str | facts.Expr]) -> None:
    """Adds text, joined with the text before it."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise Defies
    text = node.value
    before = parts[-1] if parts else None
    if isinstance(before, str):
        parts[-1] = before + text
    elif text:
        parts.append(text)


def _read_field(
    node: ast.FormattedValue, field: Field | None, effects: list[facts.Expr], source: Source
) -> facts.Expr:
    """The value of a field, or an unknown value where its text is not its `str()`."""
    if field is None:
        raise Defies
    before = source.effects
    value = _expression(node.value, field, source)
    own = [value] if source.effects != before else []
    inner = iter(field.inner)
    for part in node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []:
        if isinstance(part, ast.FormattedValue):
            _read_field(part, next(inner, None), own, source)
    if next(inner, None) is not None:
        raise Defies
    effects += own
    if node.format_spec is None and node.conversion in _TEXT_CONVERSIONS:
        return value
    return facts.Other(field.start, field.end, own)


def _expression(known: ast.expr, field: Field, source: Source) -> facts.Expr:
    """The expression of a field: the one that is known, read anew for its places."""
    inside = source.text[field.start + 1 : field.expression_end]
    text = inside.lstrip()
    offset = field.expression_end - len(text)
    text = text.rstrip()
    if isinstance(known, ast.Name) and text == known.id:
        return facts.Name(offset, offset + len(text), text)
    is_long = "\n" in text or "\r" in text
    if is_long:
        text, offset = f"({text}\n)", offset - 1
    (statement,) = ast.parse(text).body
    if not isinstance(statement, ast.Expr) or type(statement.value) is not type(known):
        raise Defies
    if is_long and isinstance(known, ast.Tuple) and statement.value.col_offset == 0:
        raise Defies  # a tuple took the parentheses that are ours
    rows, source.rows = source.rows, rows_of(text, offset)
    try:
        return lower(statement.value, source)
    finally:
        source.rows = rows


_TEXT_CONVERSIONS = (-1, ord("s"))
"""None, and `!s`."""
