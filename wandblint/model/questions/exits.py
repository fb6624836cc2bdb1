"""Rows that are lost because the process ends before wandb has written them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint.model.events import LogCall
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState


class LostRow(msgspec.Struct, frozen=True):
    """The last row before a call that ends the process at once."""

    exit: Call
    row: LogCall


def lost_rows(model: TrackingModel) -> Iterator[LostRow]:
    """The calls of `os._exit` that certainly end the process while a run is open, each with its last row."""
    for call in model.calls:
        if call.name == "os._exit" and call.is_must and call.run.state is RunState.OPEN:
            logged = [row for row in model.log_calls if _loses(call, row)]
            if logged:
                yield LostRow(call, max(logged, key=lambda row: row.point.sequence))


def _loses(call: Call, row: LogCall) -> bool:
    """Whether the process ends after a row wherever it logs it: a forked child has a branch of its own."""
    return (
        row.is_must
        and row.is_direct
        and row.entry_id == call.entry_id
        and bool(row.runs & call.run.sites)
        and row.point.precedes(call.point)
        and set(call.point.conditions) <= set(row.point.conditions)
    )
