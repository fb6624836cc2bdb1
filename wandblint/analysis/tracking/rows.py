"""Rows: their keys as wandb flattens them, and what is logged under each."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import NONE, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.events import LoggedKey, ValueKind
from wandblint.semantics import api
from wandblint.template import Template, template

_NO_KEY = template()

MAX_NESTING = 6
"""Nested dictionaries deeper than this are taken as open."""


def row_keys(
    m: Interpreter, row: Dictionary, outer: Template = _NO_KEY, within: tuple[Dictionary, ...] = ()
) -> Iterator[LoggedKey | None]:
    """The keys of a row as wandb flattens them, `outer.inner`; None stands for keys that are not known.

    `within` are the dictionaries that the row is in: one that may be in itself has keys without end.
    """
    for entry in list(row.entries.values()):
        if not isinstance(entry.key, Template):
            continue
        if entry.key.is_open and not outer.parts:
            yield None
            continue
        name = template(*outer.parts, *entry.key.parts, span=entry.key.span, trail=entry.key.provenance)
        nested = [made for _, made in m.objects(entry.value) if isinstance(made, Dictionary)]
        for made in nested:
            if len(within) == MAX_NESTING or any(made is other for other in (*within, row)):
                yield None
            else:
                inside = template(*name.parts, ".", span=name.span, trail=name.provenance)
                yield from row_keys(m, made, inside, (*within, row))
        if not nested or len(nested) < len(options(m.force(entry.value))):
            yield LoggedKey(name, kind_of(m, entry.value), entry.span)


def kind_of(m: Interpreter, value: Value) -> ValueKind:
    """What is logged: something that may be a number wins over the rest."""
    kinds = {_kind_of_one(m, option) for option in options(m.force(value))}
    if ValueKind.NUMBER in kinds:
        return ValueKind.NUMBER
    return ValueKind.MEDIA if ValueKind.MEDIA in kinds else ValueKind.TEXT


def _kind_of_one(m: Interpreter, value: Value) -> ValueKind:
    if isinstance(value, Template) or value == NONE:
        return ValueKind.TEXT
    if isinstance(value, Unknown) and api.makes_media(value.external):
        return ValueKind.MEDIA
    made = m.heap_sequence(value)
    if isinstance(made, SequenceObject):
        inside = all_items(made.items, made.tail)
        return ValueKind.MEDIA if inside and kind_of(m, join(inside)) is ValueKind.MEDIA else ValueKind.TEXT
    return ValueKind.NUMBER
