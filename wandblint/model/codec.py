"""Encode a `TrackingModel` as bytes and decode it, for runs in which nothing changed.

The model is a graph of frozen values, most of which are shared. Each is written once: plain values as
themselves, others as a row of the number of their class and the indices of their fields, fields first.
Decoding creates only values of these classes, whatever the bytes are.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import msgspec

from wandblint import span, template
from wandblint.findings import finding
from wandblint.model import control_flow, doubt, events, sessions, step_values, tracking_model, uses
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics import launchers, sweeps, versions
from wandblint.span import Span
from wandblint.template import SymbolId

_Plain: TypeAlias = str | int | float | bool | None
_Row: TypeAlias = list[int]


class NotAModel(Exception):  # noqa: N818 (a state of the bytes, not a mistake of the program)
    """The bytes do not encode a model."""


def encode(model: TrackingModel) -> bytes:
    """The model as bytes.

    Raises `TypeError` for a value of an unknown class, `OverflowError` for an integer of more than 64 bits.
    """
    return MODEL.encode(model)


def decode(data: bytes) -> TrackingModel:
    """The inverse of `encode`, up to the keys of symbols. Raises `NotAModel`."""
    SymbolId.clear()
    model = MODEL.decode(data)
    if not isinstance(model, TrackingModel):
        raise NotAModel("the last value is not a model")
    return model


class Codec:
    """The encoding of values of some classes, besides collections and plain values."""

    def __init__(
        self,
        classes: Iterable[type],
        write_symbol: Callable[[SymbolId], Iterable[object]] | None,
        read_symbol: Callable[..., SymbolId],
        read_span: Callable[..., Span] = Span,
    ) -> None:
        """`write_symbol` gives the key from which `read_symbol` makes a symbol; with None the symbols are
        numbered in the order of their first use. `read_span` makes spans."""
        kinds = sorted(classes, key=lambda kind: kind.__qualname__)
        self.write_symbol = write_symbol
        self._makers: list[Callable[..., object]] = [
            *_COLLECTIONS.values(),
            read_symbol,
            *(read_span if kind is Span else kind for kind in kinds),
        ]
        self._field_classes = [
            _field_classes(maker) if isinstance(maker, type) else None for maker in self._makers
        ]
        self.numbers = {kind: number for number, kind in enumerate([*_COLLECTIONS, SymbolId, *kinds])}
        self.fields = {
            self.numbers[kind]: [name for name in kind.__struct_fields__ if not name.startswith("_")]
            for kind in kinds
            if issubclass(kind, msgspec.Struct)
        }

    def encode(self, value: object) -> bytes:
        """A graph as bytes. Raises `TypeError`, `OverflowError` as `encode`."""
        return self._written(value).data()

    def decode(self, data: bytes) -> Any:  # noqa: ANN401 (the caller knows what was written)
        """The last value that was written. Raises `NotAModel`."""
        values = self.decode_all(data)
        if not values:
            raise NotAModel("the data contains no value")
        return values[-1]

    def decode_all(self, data: bytes) -> list[Any]:
        """All values, by index. Raises `NotAModel`."""
        try:
            return self._read(_DECODER.decode(data))
        except (msgspec.MsgspecError, LookupError, TypeError, ValueError, RecursionError) as error:
            raise NotAModel(str(error)) from error

    def copied(self, value: object) -> Any:  # noqa: ANN401 (as above)
        """The value as decoding would return it. Raises `TypeError` as `encode`."""
        return self._read(self._written(value).rows)[-1]

    def _written(self, value: object) -> Writer:
        writer = Writer(self)
        writer.number(value)
        return writer

    def _read(self, rows: Iterable[_Plain | _Row]) -> list[Any]:
        values: list[Any] = []
        for row in rows:
            if isinstance(row, list):
                # Fields come first: an index beyond the end is an error, not a cycle.
                parts, classes = [*map(values.__getitem__, row[1:])], self._field_classes[row[0]]
                if classes is not None and not all(map(isinstance, parts, classes)):
                    raise NotAModel("a field has a value of another class")
                values.append(self._makers[row[0]](*parts))
            else:
                values.append(row)
        return values


class Writer:
    """Writes the values of a graph, each once, in the order in which they are complete."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self.rows: list[_Plain | _Row] = []
        self._numbers: dict[tuple[object, ...], int] = {}
        self._by_id: dict[int, int] = {}
        self._alive: list[object] = []
        """Written values, referenced here so that no other value gets their `id`."""
        self._symbols = 0

    def data(self) -> bytes:
        """Everything written. Raises `OverflowError` for an integer of more than 64 bits."""
        return msgspec.msgpack.encode(self.rows)

    def number(self, value: object) -> int:
        """The index of a value, which is written if it is new. Raises `TypeError` for unknown classes."""
        if value is None or (isinstance(value, (str, int, float)) and type(value) in _PLAIN):
            return self._numbered((type(value), repr(value) if isinstance(value, float) else value), value)
        index = self._by_id.get(id(value))
        if index is None:
            kind = self._codec.numbers.get(type(value))
            if kind is None:
                raise TypeError(f"{type(value).__name__} is not part of a model")
            children = [kind, *map(self.number, self._parts(kind, value))]
            index = self._by_id[id(value)] = self._numbered(tuple(children), children)
            self._alive.append(value)
        return index

    def _numbered(self, key: tuple[object, ...], row: _Plain | _Row) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.rows)
            self.rows.append(row)
        return self._numbers[key]

    def _parts(self, kind: int, value: object) -> Iterable[object]:
        if isinstance(value, SymbolId):
            if self._codec.write_symbol is not None:
                return self._codec.write_symbol(value)
            # The key of a symbol means something to the analysis only.
            self._symbols += 1
            return [self._symbols]
        if isinstance(value, dict):
            return [part for pair in value.items() for part in pair]
        if isinstance(value, frozenset):
            # The order of equal sets may differ, also between processes.
            return sorted(value, key=repr)
        if isinstance(value, (tuple, list)):
            return value
        if isinstance(value, enum.Enum):
            return [value.value]
        return [getattr(value, name) for name in self._codec.fields[kind]]


def restored_symbol(*parts: object) -> SymbolId:
    """A symbol that is restored from numbers."""
    return SymbolId(RESTORED, *parts)


def _field_classes(kind: type) -> list[tuple[type, ...]] | None:
    """The classes that each field of a struct may have; None for an enumeration, which checks its value."""
    if not issubclass(kind, msgspec.Struct):
        return None
    hints = get_type_hints(kind)
    return [_classes(hints[name]) for name in kind.__struct_fields__ if not name.startswith("_")]


def _classes(hint: Any) -> tuple[type, ...]:  # noqa: ANN401 (a type expression has no common class)
    """The classes of the values that have a type, whatever these contain."""
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return tuple(kind for part in get_args(hint) for kind in _classes(part))
    if hint is float:
        return (float, int)
    return (origin or hint,)


def _defined(*modules: ModuleType) -> Iterator[type]:
    """The structs and enumerations that modules define."""
    for module in modules:
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.__name__
                and issubclass(value, (msgspec.Struct, enum.Enum))
            ):
                yield value


RESTORED = "restored"
"""The first part of the keys of restored symbols."""

_PLAIN = frozenset({str, int, float, bool})
_COLLECTIONS: dict[type, Callable[..., object]] = {
    tuple: lambda *parts: parts,
    list: lambda *parts: list(parts),
    frozenset: lambda *parts: frozenset(parts),
    dict: lambda *parts: dict(zip(parts[::2], parts[1::2], strict=True)),
}
_DECODER = msgspec.msgpack.Decoder(list[_Row | _Plain])
KINDS = [
    *_defined(
        *(finding, span, control_flow, doubt, events, sessions, step_values, tracking_model, uses),
        *(template, versions, launchers, sweeps),
    )
]
MODEL = Codec(KINDS, None, restored_symbol)
