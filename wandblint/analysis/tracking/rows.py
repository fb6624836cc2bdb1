"""Rows: their keys as wandb flattens them, and the kind of value under each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import NONE, External, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import arrays
from wandblint.analysis.tracking.run_events import allocation
from wandblint.model.events import LoggedKey, ValueKind
from wandblint.semantics import api
from wandblint.semantics.metrics import NESTING
from wandblint.template import Hole, SymbolId, Template, template

_NO_KEY = template()

MAX_NESTING = 6
"""What is nested deeper than this counts as any key below its own."""

MAX_NESTED = 300
"""The same for what is nested after so many others: dictionaries may contain one another in many ways."""


def row_keys(
    m: Interpreter,
    row: Dictionary,
    outer: Template = _NO_KEY,
    within: tuple[Dictionary, ...] = (),
    nested_so_far: Iterator[int] | None = None,
    *,
    is_alternative: bool = False,
) -> Iterator[LoggedKey | None]:
    """The keys of a row as wandb flattens them, `outer.inner`; None stands for unknown keys of numbers.

    `within` holds the dictionaries around the row: one that may contain itself has endless keys.
    `nested_so_far` counts those that are nested in the whole row. With `is_alternative`, the row may be
    another one.
    """
    nested_so_far = count() if nested_so_far is None else nested_so_far
    for entry in list(row.entries.values()):
        if not isinstance(entry.key, Template):
            continue
        if entry.key.is_open and not outer.parts and kind_of(m, entry.value) is ValueKind.NUMBER:
            yield None
            continue
        name = template(*outer.parts, *entry.key.parts, span=entry.key.span, provenance=entry.key.provenance)
        may_lack = is_alternative or not entry.is_must
        nested = [inner for _, inner in m.objects(entry.value) if isinstance(inner, Dictionary)]
        for inner in nested:
            prefix = template(*name.parts, NESTING, span=name.span, provenance=name.provenance)
            is_endless = len(within) == MAX_NESTING or any(inner is other for other in (*within, row))
            if is_endless or next(nested_so_far) >= MAX_NESTED:
                below = template(*prefix.parts, Hole(SymbolId("below", name), "..."), span=name.span)
                yield LoggedKey(below, ValueKind.NUMBER, entry.span, True)
            else:
                may_be_other = may_lack or len(options(m.force(entry.value))) > 1
                yield from row_keys(
                    m, inner, prefix, (*within, row), nested_so_far, is_alternative=may_be_other
                )
        values = options(m.force(entry.value))
        charts = [value for value in values if chart_key(value) is not None]
        chart_keys = dict.fromkeys(filter(None, map(chart_key, charts)))
        is_one_of_several = may_lack or len(chart_keys) > 1 or 0 < len(nested) + len(charts) < len(values)
        for before, after in chart_keys:
            renamed = template(before, *name.parts, after, span=name.span, provenance=name.provenance)
            yield LoggedKey(renamed, ValueKind.MEDIA, entry.span, is_one_of_several)
        if len(nested) + len(charts) < len(values):
            others = join([value for value in values if value not in charts]) if charts else entry.value
            kind = kind_of(m, others)
            made = allocation(m, others) if kind is ValueKind.MEDIA else None
            size = arrays.size_of(m, m.force(others)) if kind is ValueKind.ARRAY else None
            yield LoggedKey(name, kind, entry.span, is_one_of_several, made, size)


def chart_key(value: Value) -> tuple[str, str] | None:
    """What wandb puts before and after the key of a value that is a custom chart."""
    return api.chart_key(value.external) if isinstance(value, Unknown) and value.external else None


def kind_of(m: Interpreter, value: Value) -> ValueKind:
    """The kind of a logged value; a value that may be a number counts as one."""
    kinds = {_kind_of_option(m, option) for option in options(m.force(value))}
    order = (ValueKind.NUMBER, ValueKind.ARRAY, ValueKind.MEDIA)
    return next((kind for kind in order if kind in kinds), ValueKind.TEXT)


def _kind_of_option(m: Interpreter, value: Value) -> ValueKind:
    if isinstance(value, Template) or value == NONE:
        return ValueKind.TEXT
    if isinstance(value, Unknown) and api.makes_media(value.external):
        return ValueKind.MEDIA
    if isinstance(value, External) and api.is_figure(value.path):
        return ValueKind.MEDIA
    sequence = m.heap_sequence(value)
    if isinstance(sequence, SequenceObject):
        items = all_items(sequence.items, sequence.tail)
        return ValueKind.MEDIA if items and kind_of(m, join(items)) is ValueKind.MEDIA else ValueKind.TEXT
    size = arrays.size_of(m, value)
    return ValueKind.NUMBER if size is None or size == 1 else ValueKind.ARRAY
