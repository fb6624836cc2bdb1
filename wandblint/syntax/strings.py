"""f-strings and t-strings of `ast` as facts."""

from __future__ import annotations

import ast
import re

from wandblint import facts
from wandblint.infra.secrets import has_key
from wandblint.sources.tokens import comments, tokens
from wandblint.syntax.dispatch import expression
from wandblint.syntax.fields import Field, fields
from wandblint.syntax.holes import parse_alone
from wandblint.syntax.source import SourceText, StringKind, Unsupported


class _Contents:
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


@expression("JoinedStr", "TemplateStr")
def _formatted_string(node: ast.JoinedStr, start: int, end: int, source: SourceText) -> facts.Expr:
    """A t-string is an object, not text: only the effects of its fields matter."""
    try:
        contents = _contents(node.values, start, end, source)
    except Unsupported:
        if source.is_rewritten:  # it may be no string at all
            raise
        return facts.Other(start, end, [])
    texts = [part for part in contents.parts if isinstance(part, str)]
    is_text = type(node) is ast.JoinedStr and not kinds_of_strings(start, end, source)
    if not is_text or not all(map(can_be_stored, texts)):
        return facts.Other(start, end, contents.effects)
    if len(texts) == len(contents.parts):
        return facts.Const(start, end, "".join(texts))
    return facts.FormattedString(start, end, contents.parts)


def _contents(values: list[ast.expr], start: int, end: int, source: SourceText) -> _Contents:
    contents = _Contents()
    has_fields = any(not isinstance(value, ast.Constant) for value in values)
    found = fields(source.text, start, end) if has_fields else []
    following = iter(found)
    for value in values:
        if isinstance(value, ast.Constant):
            assert isinstance(value.value, str), "a text between fields"
            contents.add_text(value.value)
            continue
        field = next(following, None)
        if field is None:
            raise Unsupported
        if source.is_rewritten and field.shown_end:
            contents.add_text(_shown(source.text[field.start + 1 : field.shown_end]))
        # The filler of a field has no value of its own.
        known = None if source.is_rewritten else getattr(value, "value", None)
        contents.parts.append(_field(field, known, contents.effects, source))
    if next(following, None) is not None:
        raise Unsupported
    return contents


def _shown(text: str) -> str:
    """The text of `{x = }` as Python shows it."""
    for start, end in reversed(comments(text)):
        text = text[:start] + text[end:]
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kinds_of_strings(start: int, end: int, source: SourceText) -> set[StringKind]:
    """What the strings between two offsets are that are not what they seem."""
    if not source.strings:
        return set()
    found = {
        begin: source.strings[begin]
        for begin in tokens(source.text, start, end).starts
        if begin in source.strings
    }
    unknown = [begin for begin, kind in found.items() if kind is StringKind.UNKNOWN]
    source.newer += [facts.NewerSyntax(begin, end, "") for begin in unknown]
    return set(found.values())


def _field(field: Field, known: ast.expr | None, effects: list[facts.Expr], source: SourceText) -> facts.Expr:
    """The value of a field, or an unknown value where its text is not its `str()`."""
    before = source.effects
    value = _value(field, known, source)
    own = [value] if source.effects != before else []
    for inner in field.inner:
        _field(inner, None, own, source)
    effects += own
    if field.is_text:
        return value
    operands = own if value in own else [value, *own]
    return facts.Other(field.start, field.end, operands, "format")


def _value(field: Field, known: ast.expr | None, source: SourceText) -> facts.Expr:
    """The expression of a field: the one that is known, parsed alone for its places."""
    inside = source.text[field.start + 1 : field.expression_end]
    text = inside.lstrip()
    start = field.expression_end - len(text)
    text = text.rstrip(" \t\f\r\n\\")
    if isinstance(known, ast.Name) and text == known.id:
        return facts.Name(start, start + len(text), text)
    return parse_alone(source, start, start + len(text))


def can_be_stored(text: str) -> bool:
    """Whether facts may contain the text: no lone surrogate, which no encoding holds, and no API key."""
    return (text.isascii() or not _SURROGATE.search(text)) and not has_key(text)


_SURROGATE = re.compile("[\ud800-\udfff]")
