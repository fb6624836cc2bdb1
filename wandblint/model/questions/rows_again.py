"""What is logged again: a table that has been filled further, and a key in a row that is still open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint.model.control_flow import BranchKind, Condition, Loop, ProgramPoint
from wandblint.model.events import Allocation, LogCall, LoggedKey, ValueKind
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call
from wandblint.span import Span

_FILLS = frozenset({"wandb.Table.add_column", "wandb.Table.add_data", "wandb.Table.add_row"})


class TableRelog(msgspec.Struct, frozen=True):
    """A table that is logged, filled and logged again. `logged` is where the row gets it."""

    made: Span
    filled: Span
    logged: Span


class OverwrittenKey(msgspec.Struct, frozen=True):
    """A key that a call logs into a row which another call, or its own next one, logs it into again."""

    name: str
    call: Span
    by: Span


class _Row(msgspec.Struct, frozen=True):
    """One occurrence of a log call, with the row that it logs; None where that is not known."""

    call: Call
    row: LogCall | None

    @property
    def point(self) -> ProgramPoint:
        return self.call.point

    @property
    def keys(self) -> tuple[LoggedKey, ...]:
        return () if self.row is None else self.row.keys


def _rows(model: TrackingModel) -> dict[int, list[_Row]]:
    """The log calls of each entry point, in the order in which it first makes them."""
    places: dict[tuple[object, ...], list[LogCall]] = defaultdict(list)
    for row in model.log_calls:
        places[row.span, row.entry_id, row.call_stack].append(row)
    rows: dict[int, list[_Row]] = defaultdict(list)
    for call in model.calls:
        if call.name == "wandb.Run.log":
            here = places[call.span, call.entry_id, call.call_stack]
            exact = [row for row in here if row.point.sequence == call.occurrence]
            # Equal rows of several occurrences are one event.
            is_known = len(exact) == 1 or len(here) == 1
            rows[call.entry_id].append(_Row(call, (exact or here)[0] if is_known else None))
    return {entry: sorted(of_entry, key=_order) for entry, of_entry in rows.items()}


def _order(row: _Row) -> int:
    return row.call.occurrence


# --- tables ---


def table_relogs(model: TrackingModel) -> Iterator[TableRelog]:
    """The tables of which wandb keeps only the first version."""
    tables: dict[int, list[Call]] = defaultdict(list)
    for call in model.calls:
        if call.name == "wandb.Table" and _is_immutable(call):
            tables[call.entry_id].append(call)
    fills: dict[Allocation, list[Call]] = defaultdict(list)
    for call in model.calls:
        table = call.argument("self")
        if call.name in _FILLS and call.is_must and table is not None and table.made is not None:
            fills[table.made].append(call)
    found: dict[Span, TableRelog] = {}
    for entry_id, rows in _rows(model).items() if fills else ():
        logged: dict[Allocation, list[tuple[_Row, LoggedKey]]] = defaultdict(list)
        for row in rows:
            for key in row.keys:
                if key.made is not None and key.made in fills and row.call.is_must:
                    logged[key.made].append((row, key))
        making: dict[Span, set[Loop | Condition]] = defaultdict(set)
        for call in tables[entry_id]:
            making[call.span].update(filter(_may_make_several, call.point.control_context))
        every: set[Loop | Condition] = set().union(*making.values())
        for made, uses in logged.items():
            if made.span not in making:
                continue
            one = [(row, key) for row, key in uses if _is_one(row.point, making[made.span])]
            fillings = [fill for fill in fills[made] if _is_one(fill.point, making[made.span])]
            relog = _relog(made.span, fillings, one, every)
            if relog is not None:
                found.setdefault(relog.made, relog)
    yield from found.values()


def _may_make_several(step: Loop | Condition) -> bool:
    """Whether what a loop, or a library that calls a function, makes may be several objects."""
    if isinstance(step, Loop):
        return step.max_iterations != 1
    return step.kind in {BranchKind.CALLBACK, BranchKind.HIGHER_ORDER}


def _is_one(use: ProgramPoint, making: set[Loop | Condition]) -> bool:
    """Whether a use of a table means the only one that the iterations `making` it have made.

    After the loop, or in another one, it may be any of those that the iterations have made.
    """
    return making.issubset(use.control_context)


def _is_immutable(call: Call) -> bool:
    return call.argument("log_mode") is None and not call.has_unseen_arguments


def _relog(
    made: Span, fills: list[Call], uses: list[tuple[_Row, LoggedKey]], making: set[Loop | Condition]
) -> TableRelog | None:
    for row, key in uses:
        for fill in fills:
            if fill.entry_id == row.call.entry_id and (
                _both_repeat(fill, row, making)
                or _is_between(fill, row, uses)
                or _surrounds(fills, fill, row)
            ):
                return TableRelog(made, fill.span, key.span)
    return None


def _both_repeat(fill: Call, row: _Row, making: set[Loop | Condition]) -> bool:
    """Whether a loop fills and logs the table in any number of iterations.

    One of the loops `making` tables does not: its next iteration may fill the table that this one has made.
    """
    context = row.point.control_context
    loop = next((loop for loop in reversed(row.point.loops) if loop in fill.point.loops), None)
    if loop is None or loop.max_iterations == 1 or loop in making:
        return False
    inside = context[len(context) - context[::-1].index(loop) :]
    return all(step.is_periodic and not step.may_hold_once for step in inside if isinstance(step, Condition))


def _is_between(fill: Call, row: _Row, uses: list[tuple[_Row, LoggedKey]]) -> bool:
    """Whether the table is logged, then certainly filled, and then certainly logged again."""
    return any(
        other.point.dominates(row.point) and fill.point.is_between(other.point, row.point)
        for other, _ in uses
    )


def _surrounds(fills: list[Call], fill: Call, row: _Row) -> bool:
    """Whether an unrolled loop fills the table before and after it logs it, so that it logs it again."""
    return any(
        other.span == fill.span
        and other.call_stack == fill.call_stack
        and fill.occurrence < row.call.occurrence < other.occurrence
        and fill.point.control_context == other.point.control_context
        and fill.point.dominates(row.point)
        for other in fills
    )


# --- keys ---


def overwritten_keys(model: TrackingModel) -> Iterator[OverwrittenKey]:
    """The media that a later call overwrites in a row that is still open."""
    for entry_id, rows in _rows(model).items():
        if model.may_log_unseen(entry_id):
            continue
        for number, row in enumerate(rows):
            if not _stays_open(row):
                continue
            names = [key.name for key in row.keys if _is_fixed(key)]
            by = _next(rows, number)
            if by is None or not names:
                continue
            again = next((name for name in names if any(key.name == name for key in by.keys)), None)
            if again is not None:
                yield OverwrittenKey(str(again), row.call.span, by.call.span)


def _stays_open(row: _Row) -> bool:
    commit = row.call.argument("commit")
    is_kept = commit is not None and commit.is_known and commit.literal is False
    is_known = row.row is not None and row.row.is_must and row.row.step is None
    return is_kept and is_known and row.call.is_must


def _is_fixed(key: LoggedKey) -> bool:
    return key.kind is ValueKind.MEDIA and key.name.literal is not None and not key.is_alternative


def _next(rows: list[_Row], number: int) -> _Row | None:
    """The next log call, if it is certain: the row itself where a loop around it alone makes it again."""
    row, context = rows[number], rows[number].point.control_context
    loop = context[-1] if context else None
    if isinstance(loop, Loop) and loop.max_iterations != 1:
        others = [other for other in rows if loop in other.point.loops]
        if all(_stays_open(other) for other in others):
            return row
    following = rows[number + 1] if number + 1 < len(rows) else None
    if following is None or following.call.run.runs != row.call.run.runs:
        return None
    return following if row.point.dominates(following.point) else None
