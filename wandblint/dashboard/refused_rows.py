"""Rows that wandb refuses: the call raises, because its run is finished or not open yet."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.model.questions.refusals import CLOSES, next_init
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState
from wandblint.span import Span


def after_end(model: TrackingModel, site: Span, entry_id: int) -> tuple[Span, ...]:
    """The log calls of an entry point that come after the end of a run, and never before it."""
    calls = [call for call in model.calls if call.entry_id == entry_id]
    ends = {call.span for call in calls if call.name in CLOSES and site in call.run.sites}
    drawn = {call.span for call in model.log_calls if site in call.runs}
    late = {
        call.span
        for call in calls
        if call.name == "wandb.Run.log"
        and call.run.is_closed
        and (site in call.run.sites or not ends.isdisjoint(call.run.closed))
    }
    return tuple(sorted(late - drawn))


def before_init(model: TrackingModel, site: Span, entry_id: int) -> tuple[Span, ...]:
    """The log calls after which an entry point first opens a run, which is this one."""
    drawn = {call.span for call in model.log_calls if site in call.runs}
    early = {call.span for call in _early(model, entry_id) if _next_site(model, call) == site}
    return tuple(sorted(early - drawn))


def without_run(model: TrackingModel) -> tuple[Span, ...]:
    """The log calls of entry points that open no run, neither before nor after them."""
    drawn = {call.span for call in model.log_calls}
    early = {call.span for call in _early(model, None) if _next_site(model, call) is None}
    return tuple(sorted(early - drawn))


def _early(model: TrackingModel, entry_id: int | None) -> Iterator[Call]:
    for call in model.calls:
        is_row = call.name == "wandb.Run.log" and entry_id in {None, call.entry_id}
        if is_row and call.run.is_missing and call.run.state is RunState.NONE:
            yield call


def _next_site(model: TrackingModel, call: Call) -> Span | None:
    later = next_init(model, call)
    return None if later is None else later.span
