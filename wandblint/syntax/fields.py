"""Where the replacement fields of f-strings are.

Before Python 3.12 the places that `ast` gives inside of an f-string are not reliable, so the text is searched
for them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wandblint.sources.tokens import FIELD_TOKEN, FORMATTED, formatted_end, tokens
from wandblint.syntax.source import BLANK, Unsupported


class Field(NamedTuple):
    """A field from its `{` to its `}`: where its expression ends, and the fields in its format spec.

    `shown_end` is where its text ends if that is part of the string (`{x = }`), else 0.
    """

    start: int
    expression_end: int
    end: int
    shown_end: int
    conversion: str
    has_spec: bool
    inner: list[Field]

    @property
    def is_text(self) -> bool:
        """Whether the string holds the `str()` of the value."""
        return not self.has_spec and (self.conversion == "s" or not (self.conversion or self.shown_end))


def fields(text: str, start: int, end: int) -> list[Field]:
    """The fields of the strings between two offsets, which stand beside each other."""
    found: list[Field] = []
    literals = tokens(text, start, end)
    for literal, begin, stop in zip(literals.texts, literals.starts, literals.ends, strict=True):
        opening = FORMATTED.match(literal)
        if opening:
            inside = _IN_RAW if "r" in opening["prefix"].lower() else _IN_TEXT
            found += _fields_of_text(
                inside, text, begin + opening.end(), stop - len(opening["quote"]), opening["quote"]
            )
    return found


def _fields_of_text(inside: re.Pattern[str], text: str, at: int, end: int, quote: str) -> list[Field]:
    found = []
    while brace := inside.search(text, at, end):
        at = brace.end()
        if brace[0] == "{":
            found.append(_field(text, at, end, quote))
            at = found[-1].end
    return found


def _field(text: str, start: int, end: int, quote: str) -> Field:
    """The field whose expression begins at `start`, of a string in these quotes."""
    depth, at, expression_end = 0, start, 0
    while found := FIELD_TOKEN.search(text, at, end):
        token, at = found[0], found.end()
        if token in _OPENING:
            depth += 1
        elif depth:
            depth -= token in _CLOSING
        elif token in _ENDS_EXPRESSION:
            expression_end = expression_end or found.start()
            if token in "}:":
                after = _AFTER_EXPRESSION.match(text, expression_end, found.start())
                if after is None or after.end() != found.start():
                    break
                inner, at = ([], at) if token == "}" else _spec(text, at, end, quote)
                shown_end, conversion = max(after.end("shown"), 0), after["conversion"] or ""
                return Field(start - 1, expression_end, at, shown_end, conversion, token == ":", inner)
        if FORMATTED.match(token):
            at = formatted_end(text, found.start(), end)
    raise Unsupported


def _spec(text: str, at: int, end: int, quote: str) -> tuple[list[Field], int]:
    """The fields of a format spec, and where the field around it ends."""
    inner: list[Field] = []
    while found := _IN_SPEC.search(text, at, end):
        at = found.end()
        if found[0] == "}":
            return inner, at
        if text.startswith(quote, found.start()):  # which would end the string
            break
        if found[0] != "{":
            continue
        inner.append(_field(text, at, end, quote))
        at = inner[-1].end
    raise Unsupported


_OPENING = frozenset("([{")
_CLOSING = frozenset(")]}")
_ENDS_EXPRESSION = frozenset("}:!=")

_AFTER_EXPRESSION = re.compile(rf"(?P<shown>={BLANK})?{BLANK}(?:!{BLANK}(?P<conversion>[sra]){BLANK})?")
_IN_TEXT = re.compile(r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\{", re.DOTALL)
_IN_RAW = re.compile(r"\{\{|\{")
_IN_SPEC = re.compile(r"\\[^{}]|[{}\"']", re.DOTALL)
