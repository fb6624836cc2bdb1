"""The serialized results of entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import (
    EntryPointKey,
    FunctionId,
    QualifiedName,
    Query,
    SharedFactKey,
)
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
from wandblint.model.codec import KINDS, RESTORED, Codec, restored_symbol
from wandblint.span import Span
from wandblint.template import SymbolId


class PublishedFact(msgspec.Struct, array_like=True):
    """A published fact: the number of its key, a hash, and the number of its value if that was encoded."""

    key: int
    fingerprint: int
    value: int | None


class DependencyNode(msgspec.Struct, array_like=True):
    """The dependencies of an entry point or module slice: the numbers of queries and of other nodes."""

    queries: list[int]
    depends_on: list[int]


class EntryResult(msgspec.Struct, array_like=True):
    """The dependencies of an entry point, and its effects apart from events.

    `dependencies` is the number of its node. `facts_read` are the numbers of fact keys, each with the
    fingerprint that was read. `step_budget` is the number of statements that it might run, `steps_used` the
    number that it ran; `calls` are calls of project functions, `calls_cut_off` those not run to their end.
    """

    key: EntryPointKey
    entry_id: int
    dependencies: int
    facts_read: list[tuple[int, int]]
    step_budget: int
    steps_used: int
    calls: int
    calls_cut_off: int
    is_complete: bool
    reads_other_entries: bool
    entered: list[FunctionId]
    defined: list[FunctionId]
    ambiguous_targets: list[FunctionId]
    non_wandb_calls: list[tuple[str, int, int]]
    published: list[PublishedFact]
    fingerprint: int
    """A hash of all that it depends on, which identifies the result."""


class CachedResults(msgspec.Struct, array_like=True):
    """The results of a run, in order, and what they share.

    `reaching` are the functions and classes that reached wandb, `relevant` the files that the run selected.
    """

    reaching: list[QualifiedName]
    relevant: list[str]
    queries: list[tuple[Query, int]]
    nodes: list[DependencyNode]
    fact_keys: list[SharedFactKey]
    results: list[EntryResult]
    values: bytes
    records: bytes


def _hash_of(symbol: SymbolId) -> list[object]:
    kind, *parts = symbol.key
    return parts if kind == RESTORED else [stable_hash(symbol)]


_CONSTANTS = {value.symbol.key: value.symbol for value in (MANY, CALLERS_RUN)}


def _symbol(*parts: object) -> SymbolId:
    return _CONSTANTS.get(parts) or SymbolId(*parts)


VALUES = Codec(
    [*KINDS, Imported, External, Metric, Module, Run, Scalar, Union, Unknown],
    lambda symbol: symbol.key,
    _symbol,
)
"""Serializes the values that mean the same in every run. Others refer to mutable objects or scopes."""

_RECORDS = Codec(KINDS, _hash_of, restored_symbol)


def encode_records(records: list[EntryEvents | None]) -> bytes:
    """Events as bytes. Raises `OverflowError` for an integer of more than 64 bits."""
    return _RECORDS.encode([None if record is None else _fields(record) for record in records])


def decode_records(data: bytes) -> list[EntryEvents | None]:
    """The inverse. Raises `NotAModel`."""
    return [None if fields is None else EntryEvents(*fields) for fields in _RECORDS.decode(data)]


def with_hashed_symbols(record: EntryEvents, to_source: Callable[[str, int, int], Span]) -> EntryEvents:
    """The same events with each symbol as a hash only; `to_source` creates their spans."""
    return EntryEvents(*Codec(KINDS, _hash_of, restored_symbol, to_source).copied(_fields(record)))


def _fields(record: EntryEvents) -> tuple[object, ...]:
    # The events already contain their sequence numbers.
    replaced = {"sequence": {}, "induction_events": record.used_induction_events}
    return tuple(replaced.get(name, getattr(record, name)) for name in record.__struct_fields__)


def with_entry_id(record: EntryEvents, old: int, new: int) -> EntryEvents:
    """The events of an entry point under the id that it has in this run."""
    if old == new:
        return record

    def renumbered(events: Iterable[Any]) -> dict[Any, None]:
        return {replace(event, entry_id=new): None for event in events}

    return EntryEvents(
        renumbered(record.inits),
        renumbered(record.definitions),
        renumbered(record.log_calls),
        record.guards,
        {(span, new if entry_id == old else entry_id): None for span, entry_id in record.unseen_effects},
        record.api_uses,
        record.induction_events,
        record.runs_opened,
        {},
        renumbered(record.inits_while_active),
        renumbered(record.launches),
        renumbered(record.front_end_runs),
        renumbered(record.calls),
        renumbered(record.writes),
        renumbered(record.reads),
    )


def decode(data: bytes) -> CachedResults:
    """Decodes cached results. Raises what `UNDECODABLE` lists."""
    # No module-level decoder: its creation takes milliseconds, and most runs have nothing to decode.
    return msgspec.msgpack.decode(data, type=CachedResults)


ENCODER = msgspec.msgpack.Encoder()
