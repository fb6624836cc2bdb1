"""A `TrackingModel` as bytes and back, for a run in which nothing changed.

The model is a graph of frozen values, most of which stand in many places. Each is written once: plain ones
as themselves, the others as a row of their kind and the numbers of what they are made of, parts first.
Nothing but these kinds can come of the bytes, whoever wrote them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, TypeAlias

import msgspec

from wandblint import finding, flow, model, span, template
from wandblint.model import TrackingModel
from wandblint.semantics import versions
from wandblint.template import Origin

_Plain: TypeAlias = str | int | float | bool | None
_Row: TypeAlias = list[int]


class NotAModel(Exception):  # noqa: N818 (a state of the bytes, not a mistake of the program)
    """The bytes hold no model."""


def encode(whole: TrackingModel) -> bytes:
    """The model as bytes. Raises `TypeError` for a value of no known kind, `OverflowError` for an integer
    of more than 64 bits."""
    writer = _Writer()
    writer.number(whole)
    return msgspec.msgpack.encode(writer.rows)


def decode(data: bytes) -> TrackingModel:
    """The inverse of `encode`; unknown pieces of strings stay the same or different as they were.

    Raises `NotAModel`.
    """
    Origin.forget()
    values: list[Any] = []
    value = values.__getitem__
    try:
        for row in _DECODER.decode(data):
            if isinstance(row, list):
                # Parts come first: a number beyond the end is a mistake, not a cycle.
                values.append(_MAKERS[row[0]](*map(value, row[1:])))
            else:
                values.append(row)
        found = values[-1]
    except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
        raise NotAModel(str(error)) from error
    if not isinstance(found, TrackingModel):
        raise NotAModel("no model at the end")
    return found


class _Writer:
    """Numbers the values of a graph in the order in which they are complete."""

    def __init__(self) -> None:
        self.rows: list[_Plain | _Row] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._by_id: dict[int, int] = {}
        self._origins = 0

    def number(self, value: object) -> int:
        """The number of a value, which is written if it has none yet."""
        if value is None or (isinstance(value, (str, int, float)) and type(value) in _PLAIN):
            return self._numbered((type(value), repr(value) if isinstance(value, float) else value), value)
        found = self._by_id.get(id(value))
        if found is None:
            kind = _kind_of(value)
            row = [kind, *map(self.number, self._parts(kind, value))]
            # Whoever holds the value lives as long as the writing takes, so that no other gets its id.
            found = self._by_id[id(value)] = self._numbered(tuple(row), row)
        return found

    def _numbered(self, key: tuple[object, ...], row: _Plain | _Row) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return self._numbers[key]

    def _parts(self, kind: int, value: object) -> Iterable[object]:
        if kind == _ORIGIN:
            # What it is the origin of means something to the linker only.
            self._origins += 1
            return [self._origins]
        if isinstance(value, dict):
            return [part for pair in value.items() for part in pair]
        if isinstance(value, (tuple, list, frozenset)):
            return value
        if isinstance(value, enum.Enum):
            return [value.value]
        return [getattr(value, name) for name in _FIELDS[kind]]


def _kind_of(value: object) -> int:
    try:
        return _NUMBERS[type(value)]
    except KeyError:
        raise TypeError(f"{type(value).__name__} is no part of a model") from None


def _tuple(*parts: object) -> tuple[object, ...]:
    return parts


def _list(*parts: object) -> list[object]:
    return list(parts)


def _frozenset(*parts: object) -> frozenset[object]:
    return frozenset(parts)


def _mapping(*parts: object) -> dict[object, object]:
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _origin(*parts: object) -> Origin:
    return Origin("kept", *parts)


def _defined(*modules: ModuleType) -> Iterator[type]:
    """The frozen values and enumerations that modules define, and the model."""
    for module in modules:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and issubclass(value, (msgspec.Struct, enum.Enum))
            ):
                yield value


_PLAIN = frozenset({str, int, float, bool})
_COLLECTIONS: dict[type, Callable[..., object]] = {
    tuple: _tuple,
    list: _list,
    frozenset: _frozenset,
    dict: _mapping,
    Origin: _origin,
}
_VALUES = sorted(_defined(finding, span, flow, model, template, versions), key=lambda made: made.__qualname__)
_NUMBERS = {made: number for number, made in enumerate([*_COLLECTIONS, *_VALUES])}
_MAKERS: list[Callable[..., object]] = [*_COLLECTIONS.values(), *_VALUES]
_ORIGIN = _NUMBERS[Origin]
_FIELDS = {
    _NUMBERS[made]: [name for name in made.__struct_fields__ if not name.startswith("_")]
    for made in _VALUES
    if issubclass(made, msgspec.Struct)
}
_DECODER = msgspec.msgpack.Decoder(list[_Row | _Plain])
