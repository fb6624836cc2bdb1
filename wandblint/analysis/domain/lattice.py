"""The lattice of abstract values: joins, alternatives, and strings made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wandblint.analysis.domain.values import MANY, Member, Scalar, Thunk, Union, Unknown, Value
from wandblint.span import Span
from wandblint.template import Hole, ProvenanceStep, SymbolId, Template, TemplatePart, template

MAX_PARTS, MAX_LENGTH = 64, 10_000
"""Pieces and characters of a string that is put together. A longer one is no key, and what doubles
itself over and over would fill the memory: it becomes unknown."""

Key = TypeVar("Key")


MAX_ALTERNATIVES = 48
"""More alternatives than this are no longer told apart: the value becomes unknown. Real projects have
a handful of stages, metrics and namespaces; 48 leaves room for a long literal list."""


def options(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value."""
    return value.options if type(value) is Union else (value,)


def has_thunk(value: Value) -> bool:
    """Whether some alternative is still to be worked out."""
    kind = type(value)
    return kind is Thunk or (kind is Union and any(type(option) is Thunk for option in options(value)))


def join_two(left: Value, right: Value) -> Value:
    """One of two values, as `join` has it, which most often is one that is there."""
    if left is right or (left == right if type(left) is not Union else right in left.options):
        return left
    return join((left, right))


def join(values: Iterable[Value]) -> Value:
    """One of the values, in the order of first appearance: joining in what is there changes nothing.

    Raises ValueError where there are no values.
    """
    given = tuple(values)
    if given and all(value is given[0] for value in given):
        return given[0]
    found: dict[Value, None] = {}
    for value in given:
        for option in options(value):
            found.setdefault(option)
    if not found:
        raise ValueError("a join needs at least one value")
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MAX_ALTERNATIVES or MANY in found:
        # What it is must not depend on which alternatives came last, or a loop would never settle.
        return MANY
    return Union(tuple(found))


def join_into(table: dict[Key, Value], key: Key, value: Value) -> None:
    """One thing more that may stand under a key."""
    known = table.get(key)
    table[key] = value if known is None else join_two(known, value)


def all_items(items: Iterable[Value], rest: Value | None) -> list[Value]:
    """All that an iteration over known items, and further ones, can meet."""
    return [*items, *(() if rest is None else (rest,))]


def hole_of(value: Value) -> Hole:
    """The hole that an unknown value leaves in a string."""
    if isinstance(value, Unknown):
        return Hole(value.symbol, value.label)
    return Hole(SymbolId("value", value))


def as_template(value: Value) -> Template:
    """How one alternative reads inside a string, as `str()` would write it."""
    if isinstance(value, Template):
        return value
    if isinstance(value, Scalar):
        return template(str(value.value))
    if isinstance(value, Member):
        return template(f"{value.info.name}.{value.name}")
    return template(hole_of(value))


def concatenate(pieces: Iterable[Value], span: Span | None) -> Value:
    """The strings that the pieces make when written one after the other, over all their alternatives."""
    products: list[tuple[tuple[TemplatePart, ...], tuple[ProvenanceStep, ...]]] = [((), ())]
    for piece in pieces:
        choices = [as_template(option) for option in options(piece)]
        if len(products) * len(choices) > MAX_ALTERNATIVES:
            choices = [template(hole_of(MANY))]
        products = [
            (_bounded(parts + choice.parts), trail + choice.provenance)
            for parts, trail in products
            for choice in choices
        ]
    return join(Template(parts, span, _unique_steps(trail)) for parts, trail in products)


def _bounded(parts: tuple[TemplatePart, ...]) -> tuple[TemplatePart, ...]:
    """The parts, neighbouring literals merged; one hole in place of too many."""
    parts = template(*parts).parts
    length = sum(len(part) for part in parts if isinstance(part, str))
    return (hole_of(MANY),) if len(parts) > MAX_PARTS or length > MAX_LENGTH else parts


def _unique_steps(trail: tuple[ProvenanceStep, ...]) -> tuple[ProvenanceStep, ...]:
    return tuple(dict.fromkeys(trail)) if trail else trail


def strings(value: Value) -> Iterator[Template]:
    """The alternatives that are strings, an unknown one as a string of one hole."""
    for option in options(value):
        if isinstance(option, Template):
            yield option
        elif isinstance(option, Unknown):
            yield template(hole_of(option))
