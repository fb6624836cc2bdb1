"""What came of following call paths, as the next run finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from wandblint.finding import Span
from wandblint.linking.deeds import Key, Place, Question, Topic
from wandblint.linking.identity import number_of
from wandblint.linking.recorder import Record
from wandblint.linking.values import (
    MANY,
    OUTSIDE_RUN,
    Imported,
    Library,
    MetricValue,
    Module,
    RunValue,
    Scalar,
    Union,
    Unknown,
)
from wandblint.model_codec import KINDS, Codec, kept_origin
from wandblint.template import Origin


class Said(msgspec.Struct, array_like=True):
    """What a path said of a topic: a number for it, and the number of the value where that can be kept."""

    topic: int
    number: int
    value: int | None


class Need(msgspec.Struct, array_like=True):
    """What a call path, or running a part of a module, depended on: the numbers of questions, and of what the
    parts did that it looked into."""

    asked: list[int]
    parts: list[int]


class Outcome(msgspec.Struct, array_like=True):
    """What one call path depended on, and what it did besides telling wandb.

    `needs` is the number of what it asked, `seen` are numbers of topics with what they were then. `allowance`
    are the statements that it might run, `spent` those that it did.
    """

    key: Key
    root: int
    needs: int
    seen: list[tuple[int, int]]
    allowance: int
    spent: int
    is_complete: bool
    looked_at_any: bool
    executed: list[Place]
    defined: list[Place]
    vaguely_called: list[Place]
    other_calls: list[tuple[str, int, int]]
    said: list[Said]
    stamp: int
    """Tells apart what may have come of it: a number for all that it depended on."""


class Kept(msgspec.Struct, array_like=True):
    """The outcomes of a run, in order, and what they share.

    `interesting` are the names that led to wandb, `relevant` the
    files that were read for it.
    """

    interesting: list[str]
    relevant: list[str]
    questions: list[tuple[Question, int]]
    needs: list[Need]
    topics: list[Topic]
    outcomes: list[Outcome]
    values: bytes
    records: bytes


def _number_of(origin: Origin) -> list[object]:
    first, *others = origin.key
    return others if first == "kept" else [number_of(origin)]


_CONSTANTS = {value.origin.key: value.origin for value in (MANY, OUTSIDE_RUN)}


def _origin(*parts: object) -> Origin:
    return _CONSTANTS.get(parts) or Origin(*parts)


VALUES = Codec(
    [*KINDS, Imported, Library, MetricValue, Module, RunValue, Scalar, Union, Unknown],
    lambda origin: origin.key,
    _origin,
)
"""Values that are the same wherever they are looked at. Others stand for what changes: objects, scopes."""

_RECORDS = Codec(KINDS, _number_of, kept_origin)


def encode_records(records: list[Record | None]) -> bytes:
    """Records as bytes. Raises `OverflowError` for an integer of more than 64 bits."""
    return _RECORDS.encode([None if record is None else _parts(record) for record in records])


def decode_records(data: bytes) -> list[Record | None]:
    """The inverse. Raises `NotAModel`."""
    return [None if parts is None else Record(*parts) for parts in _RECORDS.decode(data)]


def in_numbers(record: Record, place: Callable[[str, int, int], Span]) -> Record:
    """The same record, with the origins of what is unknown told by numbers alone; `place` makes places."""
    return Record(*Codec(KINDS, _number_of, kept_origin, place).copied(_parts(record)))


def _parts(record: Record) -> tuple[object, ...]:
    # When a place was first met is told by what was met there.
    others = {"order": {}, "counts": record.used_counts}
    return tuple(others.get(name, getattr(record, name)) for name in record.__struct_fields__)


def renumbered(record: Record, root: int, number: int) -> Record:
    """The record of a call path that has another number now."""
    if root == number:
        return record

    def moved(made: Any) -> Any:  # noqa: ANN401 (whatever belongs to a call path)
        return replace(made, root=number)

    return Record(
        {moved(made): None for made in record.inits},
        {moved(made): None for made in record.definitions},
        {moved(made): None for made in record.log_calls},
        record.guards,
        {(span, number if of == root else of): None for span, of in record.hidden},
        record.api_uses,
        record.counts,
        record.openings,
        {},
        {moved(made): None for made in record.reopenings},
        {moved(made): None for made in record.launches},
    )


def decode(data: bytes) -> Kept:
    """Outcomes that were kept. Raises `msgspec.MsgspecError`, which is a `ValueError`."""
    # What makes a decoder takes milliseconds, and most runs have nothing to decode.
    return msgspec.msgpack.decode(data, type=Kept)


ENCODER = msgspec.msgpack.Encoder()
