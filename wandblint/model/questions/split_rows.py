"""Rows that are split: one log call per key, so that every key gets its own row and step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint.model.events import Definition, LogCall, ValueKind
from wandblint.model.questions.cooccurrence import contradict
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.axes import covers
from wandblint.span import Span
from wandblint.template import Verdict

MIN_CALLS = 3
"""Two consecutive calls may be two events; three with one key each are a split row."""


class NameLoop(msgspec.Struct, frozen=True):
    """A log call that logs one key of a dictionary in each iteration of a loop over it."""

    call: Span
    loop: Span


def name_loops(model: TrackingModel) -> Iterator[NameLoop]:
    """The log calls that certainly split a row over the iterations of a loop, each place once."""
    loops: dict[tuple[NameLoop, int], list[LogCall]] = defaultdict(list)
    for call in _splitting_calls(model):
        logs_number = call.is_open or any(key.kind is ValueKind.NUMBER for key in call.keys)
        if call.context.name_loop is not None and logs_number:
            loops[NameLoop(call.span, call.context.name_loop), call.entry_id].append(call)
    found: dict[Span, NameLoop] = {}
    for (loop, _), calls in loops.items():
        if _may_log_several(calls):
            found.setdefault(loop.call, loop)
    yield from found.values()


def _may_log_several(calls: list[LogCall]) -> bool:
    """Whether a loop may log more than one row here: a dictionary with a single item is one row."""
    names = {key.name for call in calls for key in call.keys}
    return (
        len(names) > 1 or any(call.is_open for call in calls) or any(name.literal is None for name in names)
    )


def split_rows(model: TrackingModel) -> Iterator[list[Span]]:
    """The consecutive log calls that certainly split a row, by the first of them."""
    series: dict[tuple[Span, int], dict[Span, list[LogCall]]] = defaultdict(lambda: defaultdict(list))
    for call in _splitting_calls(model):
        if call.context.consecutive_calls is not None:
            series[call.context.consecutive_calls, call.entry_id][call.span].append(call)
    found: dict[Span, list[Span]] = {}
    for (first, _), members in series.items():
        calls = [call for at_span in members.values() for call in at_span]
        numbers = [span for span, at_span in members.items() if all(map(_is_one_number, at_span))]
        is_one_run = len({(call.runs, call.receiver) for call in calls}) == 1
        has_other_keys = len({key.name for call in calls for key in call.keys}) >= len(numbers)
        if len(numbers) >= MIN_CALLS and is_one_run and has_other_keys:
            found.setdefault(first, numbers)
    yield from found.values()


def _is_one_number(call: LogCall) -> bool:
    return not call.is_open and len(call.keys) == 1 and call.keys[0].kind is ValueKind.NUMBER


def _splitting_calls(model: TrackingModel) -> list[LogCall]:
    """The log calls that may log one key each of what is one row."""
    return [
        call
        for call in model.log_calls
        if _is_one_of_several(call)
        and _ends_row(call)
        and not _may_have_axis(model, call)
        and not _may_have_step(model, call)
    ]


def _is_one_of_several(call: LogCall) -> bool:
    """Whether the call may be one of several that log one key each."""
    return call.context.name_loop is not None or call.context.consecutive_calls is not None


def _ends_row(call: LogCall) -> bool:
    """Whether the call certainly ends a row, and may do so more than once."""
    return (
        call.is_must
        and call.is_direct
        and call.step is None
        and call.commit is None
        and not call.context.runs_once
    )


def _may_have_step(model: TrackingModel, call: LogCall) -> bool:
    """Whether the same row may be logged with a step instead, where a test that is not decided says so."""
    return any(
        other.step is not None
        and (other.entry_id, other.call_stack) == (call.entry_id, call.call_stack)
        and contradict(call, other)
        for other in model.log_calls
    )


def _may_have_axis(model: TrackingModel, call: LogCall) -> bool:
    """Whether a definition may give its keys an axis: then the steps do not matter.

    An unknown key may match any definition on its run or entry point, and `*` anywhere.
    """
    return any(
        definition.step_metric is not None
        and (
            any(covers(definition.name, key.name) is not Verdict.NO for key in call.keys)
            or (call.is_open and (definition.name.literal == "*" or _may_share_run(definition, call)))
        )
        for definition in model.definitions
    )


def _may_share_run(definition: Definition, call: LogCall) -> bool:
    return definition.entry_id == call.entry_id or bool(definition.runs & call.runs)
