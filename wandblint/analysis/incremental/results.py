"""What came of following call paths, as the next run finds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import EntryPointKey, FunctionId, Query, SharedFactKey
from wandblint.analysis.domain.values import (
    CALLERS_RUN,
    MANY,
    External,
    Imported,
    Metric,
    Module,
    Run,
    Scalar,
    Union,
    Unknown,
)
from wandblint.analysis.state.recorder import EntryEvents
from wandblint.model.codec import KINDS, Codec, kept_origin
from wandblint.span import Span
from wandblint.template import SymbolId


class PublishedFact(msgspec.Struct, array_like=True):
    """What a path said of a topic: a number for it, and the number of the value where that can be kept."""

    key: int
    fingerprint: int
    value: int | None


class DependencyNode(msgspec.Struct, array_like=True):
    """What a call path, or running a part of a module, depended on: the numbers of questions, and of what the
    parts did that it looked into."""

    queries: list[int]
    depends_on: list[int]


class EntryResult(msgspec.Struct, array_like=True):
    """What one call path depended on, and what it did besides telling wandb.

    `needs` is the number of what it asked, `seen` are numbers of topics with what they were then. `allowance`
    are the statements that it might run, `spent` those that it did.
    """

    key: EntryPointKey
    entry_id: int
    dependencies: int
    facts_read: list[tuple[int, int]]
    step_budget: int
    steps_used: int
    is_complete: bool
    reads_other_entries: bool
    entered: list[FunctionId]
    defined: list[FunctionId]
    ambiguous_targets: list[FunctionId]
    non_wandb_calls: list[tuple[str, int, int]]
    published: list[PublishedFact]
    fingerprint: int
    """Tells apart what may have come of it: a number for all that it depended on."""


class CachedResults(msgspec.Struct, array_like=True):
    """The outcomes of a run, in order, and what they share.

    `interesting` are the names that led to wandb, `relevant` the
    files that were read for it.
    """

    reaches_wandb: list[str]
    relevant: list[str]
    queries: list[tuple[Query, int]]
    nodes: list[DependencyNode]
    fact_keys: list[SharedFactKey]
    results: list[EntryResult]
    values: bytes
    records: bytes


def _number_of(origin: SymbolId) -> list[object]:
    first, *others = origin.key
    return others if first == "kept" else [stable_hash(origin)]


_CONSTANTS = {value.symbol.key: value.symbol for value in (MANY, CALLERS_RUN)}


def _symbol(*parts: object) -> SymbolId:
    return _CONSTANTS.get(parts) or SymbolId(*parts)


VALUES = Codec(
    [*KINDS, Imported, External, Metric, Module, Run, Scalar, Union, Unknown],
    lambda origin: origin.key,
    _symbol,
)
"""Values that are the same wherever they are looked at. Others stand for what changes: objects, scopes."""

_RECORDS = Codec(KINDS, _number_of, kept_origin)


def encode_records(records: list[EntryEvents | None]) -> bytes:
    """Records as bytes. Raises `OverflowError` for an integer of more than 64 bits."""
    return _RECORDS.encode([None if record is None else _parts(record) for record in records])


def decode_records(data: bytes) -> list[EntryEvents | None]:
    """The inverse. Raises `NotAModel`."""
    return [None if parts is None else EntryEvents(*parts) for parts in _RECORDS.decode(data)]


def with_hashed_symbols(record: EntryEvents, place: Callable[[str, int, int], Span]) -> EntryEvents:
    """The same record, with the origins of what is unknown told by numbers alone; `place` makes places."""
    return EntryEvents(*Codec(KINDS, _number_of, kept_origin, place).copied(_parts(record)))


def _parts(record: EntryEvents) -> tuple[object, ...]:
    # When a place was first met is told by what was met there.
    others = {"sequence": {}, "induction_events": record.used_induction_events}
    return tuple(others.get(name, getattr(record, name)) for name in record.__struct_fields__)


def with_entry_id(record: EntryEvents, root: int, number: int) -> EntryEvents:
    """The record of a call path that has another number now."""
    if root == number:
        return record

    def moved(made: Any) -> Any:  # noqa: ANN401 (whatever belongs to a call path)
        return replace(made, entry_id=number)

    return EntryEvents(
        {moved(made): None for made in record.inits},
        {moved(made): None for made in record.definitions},
        {moved(made): None for made in record.log_calls},
        record.guards,
        {(span, number if of == root else of): None for span, of in record.unseen_effects},
        record.api_uses,
        record.induction_events,
        record.runs_opened,
        {},
        {moved(made): None for made in record.inits_while_active},
        {moved(made): None for made in record.launches},
    )


def decode(data: bytes) -> CachedResults:
    """Outcomes that were kept. Raises `msgspec.MsgspecError`, which is a `ValueError`."""
    # What makes a decoder takes milliseconds, and most runs have nothing to decode.
    return msgspec.msgpack.decode(data, type=CachedResults)


ENCODER = msgspec.msgpack.Encoder()
