"""A `TrackingModel` as bytes and back, for a run in which nothing changed, and parts of it.

It is a graph of frozen values, most of which stand in many places. Each is written once: plain ones
as themselves, the others as a row of their kind and the numbers of what they are made of, parts first.
Nothing but these kinds can come of the bytes, whoever wrote them.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any, TypeAlias

import msgspec

from wandblint import span, template
from wandblint.findings import finding
from wandblint.model import control_flow, events, sessions, tracking_model
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics import versions
from wandblint.span import Span
from wandblint.template import SymbolId

_Plain: TypeAlias = str | int | float | bool | None
_Row: TypeAlias = list[int]


class NotAModel(Exception):  # noqa: N818 (a state of the bytes, not a mistake of the program)
    """The bytes hold no model."""


def encode(whole: TrackingModel) -> bytes:
    """The model as bytes. Raises `TypeError` for a value of no known kind, `OverflowError` for an integer
    of more than 64 bits."""
    return MODEL.encode(whole)


def decode(data: bytes) -> TrackingModel:
    """The inverse of `encode`; unknown pieces of strings stay the same or different as they were.

    Raises `NotAModel`.
    """
    SymbolId.clear()
    found = MODEL.decode(data)
    if not isinstance(found, TrackingModel):
        raise NotAModel("no model at the end")
    return found


class Codec:
    """How values of some kinds are written: lists, tuples, dictionaries and plain values are always known."""

    def __init__(
        self,
        kinds: Iterable[type],
        write_origin: Callable[[SymbolId], Iterable[object]] | None,
        read_origin: Callable[..., SymbolId],
        read_span: Callable[..., Span] = Span,
    ) -> None:
        """`write_origin` tells the parts from which `read_origin` makes an origin; with None the origins are
        numbered in the order in which they are met. `read_span` makes places."""
        values = sorted(kinds, key=lambda made: made.__qualname__)
        self.write_origin = write_origin
        self._makers: list[Callable[..., object]] = [
            *_COLLECTIONS.values(),
            read_origin,
            *(read_span if made is Span else made for made in values),
        ]
        self.numbers = {made: number for number, made in enumerate([*_COLLECTIONS, SymbolId, *values])}
        self.fields = {
            self.numbers[made]: [name for name in made.__struct_fields__ if not name.startswith("_")]
            for made in values
            if issubclass(made, msgspec.Struct)
        }

    def encode(self, whole: object) -> bytes:
        """A graph as bytes. Raises `TypeError`, `OverflowError` as `encode`."""
        return self._written(whole).data()

    def decode(self, data: bytes) -> Any:  # noqa: ANN401 (whoever reads it knows what was written)
        """The value that was written last. Raises `NotAModel`."""
        found = self.decode_all(data)
        if not found:
            raise NotAModel("nothing is written")
        return found[-1]

    def decode_all(self, data: bytes) -> list[Any]:
        """All values, by their numbers. Raises `NotAModel`."""
        try:
            return self._read(_DECODER.decode(data))
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise NotAModel(str(error)) from error

    def copied(self, whole: object) -> Any:  # noqa: ANN401 (as above)
        """The graph as it would come back. Raises `TypeError` as `encode`."""
        return self._read(self._written(whole).rows)[-1]

    def _written(self, whole: object) -> Writer:
        writer = Writer(self)
        writer.number(whole)
        return writer

    def _read(self, rows: Iterable[_Plain | _Row]) -> list[Any]:
        values: list[Any] = []
        value = values.__getitem__
        for row in rows:
            if isinstance(row, list):
                # Parts come first: a number beyond the end is a mistake, not a cycle.
                values.append(self._makers[row[0]](*map(value, row[1:])))
            else:
                values.append(row)
        return values


class Writer:
    """Numbers the values of a graph in the order in which they are complete."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.rows: list[_Plain | _Row] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._by_id: dict[int, int] = {}
        self._written: list[object] = []
        self._origins = 0

    def data(self) -> bytes:
        """All that was written. Raises `OverflowError` for an integer of more than 64 bits."""
        return msgspec.msgpack.encode(self.rows)

    def number(self, value: object) -> int:
        """The number of a value, which is written if it has none yet. Raises `TypeError` for a value of no
        known kind."""
        if value is None or (isinstance(value, (str, int, float)) and type(value) in _PLAIN):
            return self._numbered((type(value), repr(value) if isinstance(value, float) else value), value)
        found = self._by_id.get(id(value))
        if found is None:
            kind = self._codec.numbers.get(type(value))
            if kind is None:
                raise TypeError(f"{type(value).__name__} is no part of a model")
            row = [kind, *map(self.number, self._parts(kind, value))]
            found = self._by_id[id(value)] = self._numbered(tuple(row), row)
            # No other gets its id while this writes.
            self._written.append(value)
        return found

    def _numbered(self, key: tuple[object, ...], row: _Plain | _Row) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return self._numbers[key]

    def _parts(self, kind: int, value: object) -> Iterable[object]:
        if isinstance(value, SymbolId):
            if self._codec.write_origin is not None:
                return self._codec.write_origin(value)
            # What it is the origin of means something to the linker only.
            self._origins += 1
            return [self._origins]
        if isinstance(value, dict):
            return [part for pair in value.items() for part in pair]
        if isinstance(value, frozenset):
            # Equal sets may stand in different orders, which also depend on the process.
            return sorted(value, key=repr)
        if isinstance(value, (tuple, list)):
            return value
        if isinstance(value, enum.Enum):
            return [value.value]
        return [getattr(value, name) for name in self._codec.fields[kind]]


def _tuple(*parts: object) -> tuple[object, ...]:
    return parts


def _list(*parts: object) -> list[object]:
    return list(parts)


def _frozenset(*parts: object) -> frozenset[object]:
    return frozenset(parts)


def _mapping(*parts: object) -> dict[object, object]:
    return dict(zip(parts[::2], parts[1::2], strict=True))


def kept_origin(*parts: object) -> SymbolId:
    """The origin of a piece that is told by numbers."""
    return SymbolId("kept", *parts)


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
}
_DECODER = msgspec.msgpack.Decoder(list[_Row | _Plain])
KINDS = [*_defined(finding, span, control_flow, events, sessions, tracking_model, template, versions)]
MODEL = Codec(KINDS, None, kept_origin)
