"""Keys as templates: literal text and holes, such as `training/{stage}/{metric}`, with their provenance.

Relations between templates answer with a `Verdict`; rules stay silent on MAYBE.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from wandblint.span import Span


class SymbolId:
    """The identity of an unknown value: `f"{name}/*"` covers `f"{name}/loss"` if both names are one symbol.

    Symbols are interned by their keys, so symbols whose keys contain symbols compare and hash in constant
    time.
    """

    __slots__ = ("key", "number")

    key: tuple[object, ...]
    number: int | None
    """A hash of the key that is the same in every run, once it has been computed (`domain/hashing.py`)."""

    def __new__(cls, *key: object) -> SymbolId:
        """The symbol with this key: what the value comes from, and where."""
        return _interned(key)

    @staticmethod
    def clear() -> None:
        """Drop all interned symbols: those of one project mean nothing to the next."""
        _interned.cache_clear()


@cache
def _interned(key: tuple[object, ...]) -> SymbolId:
    symbol = object.__new__(SymbolId)
    symbol.key, symbol.number = key, None
    return symbol


class Verdict(enum.Enum):
    """A three-valued answer."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class ProvenanceStep(msgspec.Struct, frozen=True):
    """A place that a value passed through, with a few words for the reader."""

    span: Span
    words: str


class Hole(msgspec.Struct, frozen=True):
    """An unknown piece of a string; `label` is its name in the source."""

    symbol: SymbolId
    label: str = "..."

    def __eq__(self, other: object) -> bool:
        """Whether it is the same unknown value; labels do not count."""
        return isinstance(other, Hole) and self.symbol is other.symbol

    def __hash__(self) -> int:
        """Hash of the symbol, as equality compares it."""
        return hash(self.symbol)


TemplatePart: TypeAlias = str | Hole


class Template(msgspec.Struct, frozen=True):
    """A string of literals and holes. No two adjacent parts are literals; the empty string has no parts."""

    parts: tuple[TemplatePart, ...]
    span: Span | None = None
    """Where the source writes or builds it."""
    provenance: tuple[ProvenanceStep, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Whether it is the same string; span and provenance do not count."""
        return isinstance(other, Template) and self.parts == other.parts

    def __hash__(self) -> int:
        """Hash of the parts, as equality compares them."""
        return hash(self.parts)

    @property
    def literal(self) -> str | None:
        """The string itself if it is fully known."""
        if not self.parts:
            return ""
        first = self.parts[0]
        return first if len(self.parts) == 1 and isinstance(first, str) else None

    @property
    def prefix(self) -> str:
        """The literal text before the first hole."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, str) else ""

    @property
    def is_open(self) -> bool:
        """Whether no part of the string is known."""
        return bool(self.parts) and not any(isinstance(part, str) for part in self.parts)

    def __str__(self) -> str:
        """The string with its holes in braces: `training/{stage}/loss`."""
        return "".join(part if isinstance(part, str) else "{" + part.label + "}" for part in self.parts)

    def at(self, span: Span) -> Template:
        """The same string, built at another place."""
        return replace(self, span=span)

    def passed_through(self, step: ProvenanceStep) -> Template:
        """The same string with one more provenance step."""
        return self if step in self.provenance else replace(self, provenance=(*self.provenance, step))


def template(
    *parts: TemplatePart, span: Span | None = None, provenance: tuple[ProvenanceStep, ...] = ()
) -> Template:
    """A string of these parts, with adjacent literals merged."""
    merged: list[TemplatePart] = []
    for part in parts:
        if isinstance(part, str):
            if not part:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += part
                continue
        merged.append(part)
    return Template(tuple(merged), span, provenance)


def equal(left: Template, right: Template) -> Verdict:
    """Whether two templates are the same string."""
    if left.parts == right.parts:
        return Verdict.YES
    if left.literal is not None and right.literal is not None:
        return Verdict.NO
    if not (left.prefix.startswith(right.prefix) or right.prefix.startswith(left.prefix)):
        return Verdict.NO
    return Verdict.MAYBE if _can_match(_pattern(left.parts), _pattern(right.parts)) else Verdict.NO


def starts_with(text: Template, prefix: Template) -> Verdict:
    """Whether `text` begins with `prefix`."""
    if _begins_with(text.parts, prefix.parts):
        return Verdict.YES
    if text.literal is not None and prefix.literal is not None:
        return Verdict.NO
    pattern = (*_pattern(prefix.parts), None)
    return Verdict.MAYBE if _can_match(_pattern(text.parts), pattern) else Verdict.NO


def without_suffix(text: Template, suffix: str) -> Template | None:
    """The template without a literal suffix; None if it does not end with it."""
    last = text.parts[-1] if text.parts else None
    if not isinstance(last, str) or not last.endswith(suffix):
        return None
    return replace(text, parts=template(*text.parts[:-1], last[: len(last) - len(suffix)]).parts)


def _begins_with(parts: Sequence[TemplatePart], prefix: Sequence[TemplatePart]) -> bool:
    """Whether the parts begin with the prefix, where each hole equals only itself."""
    if not prefix or parts[: len(prefix)] == tuple(prefix):
        return True
    head, last = prefix[:-1], prefix[-1]
    if len(parts) < len(prefix) or parts[: len(head)] != tuple(head):
        return False
    next_part = parts[len(head)]
    return isinstance(last, str) and isinstance(next_part, str) and next_part.startswith(last)


def _pattern(parts: Sequence[TemplatePart]) -> tuple[str | None, ...]:
    """The characters of a template, with None for each hole."""
    return tuple(char for part in parts for char in (part if isinstance(part, str) else (None,)))


@lru_cache(maxsize=8192)
def _can_match(left: tuple[str | None, ...], right: tuple[str | None, ...]) -> bool:
    """Whether some string matches both patterns, where None matches any text.

    `reachable` are the positions in `right` that match the part of `left` read so far.
    """
    reachable = {0}
    _skip_holes(reachable, right)
    for char in left:
        if char is None:
            # A hole on the left matches any text on the right, from the first reachable position on.
            reachable = set(range(min(reachable), len(right) + 1))
            continue
        following = set()
        for position in reachable:
            if position < len(right):
                if right[position] is None:
                    following.add(position)
                elif right[position] == char:
                    following.add(position + 1)
        if not following:
            return False
        _skip_holes(following, right)
        reachable = following
    return len(right) in reachable


def _skip_holes(reachable: set[int], pattern: tuple[str | None, ...]) -> None:
    """Add the positions after holes: a hole may be empty."""
    for start in sorted(reachable):
        position = start
        while position < len(pattern) and pattern[position] is None:
            position += 1
            reachable.add(position)
