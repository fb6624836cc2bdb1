"""Keys as templates: literal text and holes, `training/{stage}/{metric}`, each with its trail.

The relations between templates answer with a `Verdict`: what cannot be known is MAYBE, and a rule
stays silent on it.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, TypeAlias

import msgspec
from msgspec.structs import replace

from wandblint.span import Span


class SymbolId:
    """The identity of something unknown: two unknowns of one origin are the same value, so that
    `f"{name}/*"` covers `f"{name}/loss"`.

    Equal keys make one and the same origin, so that origins made of origins compare and hash at once.
    """

    __slots__ = ("key",)
    _all: ClassVar[dict[tuple[object, ...], SymbolId]] = {}

    key: tuple[object, ...]

    def __new__(cls, *key: object) -> SymbolId:
        """The origin of a key: what it is an origin of, and where."""
        found = cls._all.get(key)
        if found is None:
            found = super().__new__(cls)
            found.key = key
            cls._all[key] = found
        return found

    @classmethod
    def clear(cls) -> None:
        """Lets go of all origins: those of one project mean nothing to the next."""
        cls._all.clear()


class Verdict(enum.Enum):
    """An answer that may be unknown."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class ProvenanceStep(msgspec.Struct, frozen=True):
    """One place that a value came through, with a few words for the reader."""

    span: Span
    words: str


class Hole(msgspec.Struct, frozen=True):
    """An unknown piece of a string; `label` is how the source calls it."""

    symbol: SymbolId
    label: str = "..."

    def __eq__(self, other: object) -> bool:
        """Whether it is the same unknown, whatever it is called."""
        return isinstance(other, Hole) and self.symbol is other.symbol

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self.symbol)


TemplatePart: TypeAlias = str | Hole


class Template(msgspec.Struct, frozen=True):
    """A string of literal pieces and holes. No two neighbours are literal; the empty string has no parts."""

    parts: tuple[TemplatePart, ...]
    span: Span | None = None
    """Where it was written or put together."""
    provenance: tuple[ProvenanceStep, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Whether it is the same string, wherever it came through."""
        return isinstance(other, Template) and self.parts == other.parts

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self.parts)

    @property
    def literal(self) -> str | None:
        """The string itself, where it is fully known."""
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
        """Whether nothing at all is known about the string."""
        return bool(self.parts) and not any(isinstance(part, str) for part in self.parts)

    def __str__(self) -> str:
        """The string as a reader would write it: `training/{stage}/loss`."""
        return "".join(part if isinstance(part, str) else "{" + part.label + "}" for part in self.parts)

    def at(self, span: Span) -> Template:
        """The same string, put together at another place."""
        return replace(self, span=span)

    def passed_through(self, step: ProvenanceStep) -> Template:
        """The same string after it came through a place."""
        return self if step in self.provenance else replace(self, provenance=(*self.provenance, step))


def template(
    *parts: TemplatePart, span: Span | None = None, trail: tuple[ProvenanceStep, ...] = ()
) -> Template:
    """A string of these parts, neighbouring literals merged."""
    merged: list[TemplatePart] = []
    for part in parts:
        if isinstance(part, str):
            if not part:
                continue
            if merged and isinstance(merged[-1], str):
                merged[-1] += part
                continue
        merged.append(part)
    return Template(tuple(merged), span, trail)


def equal(left: Template, right: Template) -> Verdict:
    """Whether two templates are the same string."""
    if left.parts == right.parts:
        return Verdict.YES
    if left.literal is not None and right.literal is not None:
        return Verdict.NO
    return Verdict.MAYBE if _can_meet(_pattern(left.parts), _pattern(right.parts)) else Verdict.NO


def starts_with(text: Template, prefix: Template) -> Verdict:
    """Whether `text` begins with `prefix`."""
    rest = _after(text.parts, prefix.parts)
    if rest:
        return Verdict.YES
    if text.literal is not None and prefix.literal is not None:
        return Verdict.NO
    wanted = (*_pattern(prefix.parts), None)
    return Verdict.MAYBE if _can_meet(_pattern(text.parts), wanted) else Verdict.NO


def without_suffix(text: Template, suffix: str) -> Template | None:
    """The template less a literal suffix; None where it does not end so."""
    last = text.parts[-1] if text.parts else None
    if not isinstance(last, str) or not last.endswith(suffix):
        return None
    return replace(text, parts=template(*text.parts[:-1], last[: len(last) - len(suffix)]).parts)


def _after(parts: Sequence[TemplatePart], prefix: Sequence[TemplatePart]) -> bool:
    """Whether the parts begin with those of the prefix, holes taken as equal only to themselves."""
    if not prefix:
        return True
    if parts[: len(prefix)] == tuple(prefix):
        return True
    head, last = prefix[:-1], prefix[-1]
    if len(parts) < len(prefix) or parts[: len(head)] != tuple(head):
        return False
    next_part = parts[len(head)]
    return isinstance(last, str) and isinstance(next_part, str) and next_part.startswith(last)


def _pattern(parts: Sequence[TemplatePart]) -> tuple[str | None, ...]:
    """Characters and None for a hole."""
    out: list[str | None] = []
    for part in parts:
        if isinstance(part, str):
            out.extend(part)
        else:
            out.append(None)
    return tuple(out)


@lru_cache(maxsize=8192)
def _can_meet(left: tuple[str | None, ...], right: tuple[str | None, ...]) -> bool:
    """Whether some string fits both patterns, a None standing for any text."""
    reachable = {0}
    _close(reachable, right)
    for char in left:
        if char is None:
            # A hole on the left eats any stretch on the right, itself included.
            reachable = set(range(min(reachable), len(right) + 1))
            continue
        following = set()
        for at in reachable:
            if at < len(right):
                if right[at] is None:
                    following.add(at)
                elif right[at] == char:
                    following.add(at + 1)
        if not following:
            return False
        _close(following, right)
        reachable = following
    return len(right) in reachable


def _close(reachable: set[int], pattern: tuple[str | None, ...]) -> None:
    """Adds the places behind holes that match nothing."""
    for start in sorted(reachable):
        at = start
        while at < len(pattern) and pattern[at] is None:
            at += 1
            reachable.add(at)
