"""The lattice of abstract values: joins, alternatives, and strings that consist of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wandblint.analysis.domain.values import MANY, Member, Scalar, Thunk, Union, Unknown, Value
from wandblint.span import Span
from wandblint.template import Hole, ProvenanceStep, SymbolId, Template, TemplatePart, template

MAX_PARTS, MAX_LENGTH = 64, 10_000
"""The parts and characters of a concatenated string. A longer one becomes unknown: it is no key, and a string
that doubles in a loop would exhaust the memory."""

MAX_ALTERNATIVES = 48
"""A value with more alternatives becomes unknown. Real projects have a handful of stages, metrics and
namespaces; 48 leaves room for a long literal list."""

Key = TypeVar("Key")


def options(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value."""
    return value.options if type(value) is Union else (value,)


def has_thunk(value: Value) -> bool:
    """Whether some alternative is a thunk."""
    kind = type(value)
    return kind is Thunk or (kind is Union and any(type(option) is Thunk for option in options(value)))


def join_two(left: Value, right: Value) -> Value:
    """The join of two values: a fast path for the common case that it is one of them."""
    if left is right or (left == right if type(left) is not Union else right in left.options):
        return left
    return join((left, right))


def join(values: Iterable[Value]) -> Value:
    """The join of values, with the alternatives in order of first appearance.

    Raises ValueError where there are no values.
    """
    first, *others = values
    alternatives = dict.fromkeys(options(first))
    known = len(alternatives)
    for value in others:
        if value is not first:
            alternatives.update(dict.fromkeys(options(value)))
    if len(alternatives) == known:
        return first
    if len(alternatives) > MAX_ALTERNATIVES or MANY in alternatives:
        # The result must not depend on the order of the alternatives, or a loop would reach no fixpoint.
        return MANY
    return Union(tuple(alternatives))


def join_into(table: dict[Key, Value], key: Key, value: Value) -> bool:
    """Joins a value into the entry under a key; returns whether that changes the entry."""
    known = table.get(key)
    table[key] = value if known is None else join_two(known, value)
    return table[key] != known


def has_news(old: Value | None, new: Value) -> bool:
    """Whether a value has an alternative that says more than the old ones, so that code may do more with it.

    Beside an unknown value, texts, numbers and other unknown values say nothing; a counter does.
    """
    if old is new:
        return False
    known = () if old is None else options(old)
    is_open = any(isinstance(option, Unknown) and not option.is_counter for option in known)
    return any(
        option not in known and not (is_open and _is_covered_by_unknown(option)) for option in options(new)
    )


def _is_covered_by_unknown(value: Value) -> bool:
    return isinstance(value, (Scalar, Template)) or (isinstance(value, Unknown) and not value.is_counter)


def all_items(items: Iterable[Value], tail: Value | None) -> list[Value]:
    """The values that an iteration over known items and a tail can yield."""
    return [*items, *(() if tail is None else (tail,))]


def hole_of(value: Value) -> Hole:
    """The hole that a value leaves in a string."""
    if isinstance(value, Unknown):
        return Hole(value.symbol, value.label)
    return Hole(SymbolId("value", value))


def as_template(value: Value) -> Template:
    """The string that `str()` makes of a single alternative."""
    if isinstance(value, Template):
        return value
    if isinstance(value, Scalar):
        return template(str(value.value))
    if isinstance(value, Member):
        return template(f"{value.info.name}.{value.name}")
    return template(hole_of(value))


def concatenate(pieces: Iterable[Value], span: Span | None) -> Value:
    """The concatenation of the pieces, over all their alternatives."""
    products: list[tuple[tuple[TemplatePart, ...], tuple[ProvenanceStep, ...]]] = [((), ())]
    for piece in pieces:
        choices = [as_template(option) for option in options(piece)]
        if len(products) * len(choices) > MAX_ALTERNATIVES:
            choices = [template(hole_of(MANY))]
        products = [
            (_bounded(parts + choice.parts), provenance + choice.provenance)
            for parts, provenance in products
            for choice in choices
        ]
    return join(Template(parts, span, _unique_steps(provenance)) for parts, provenance in products)


def _bounded(parts: tuple[TemplatePart, ...]) -> tuple[TemplatePart, ...]:
    """The parts with adjacent literals merged; a single hole where there are too many."""
    parts = template(*parts).parts
    length = sum(len(part) for part in parts if isinstance(part, str))
    return (hole_of(MANY),) if len(parts) > MAX_PARTS or length > MAX_LENGTH else parts


def _unique_steps(provenance: tuple[ProvenanceStep, ...]) -> tuple[ProvenanceStep, ...]:
    return tuple(dict.fromkeys(provenance)) if provenance else provenance


def strings(value: Value) -> Iterator[Template]:
    """The alternatives that are strings; an unknown one counts as a string of one hole."""
    for option in options(value):
        if isinstance(option, Template):
            yield option
        elif isinstance(option, Unknown):
            yield template(hole_of(option))
