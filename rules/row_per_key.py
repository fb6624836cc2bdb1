"""WB306: one log call per key, so every key gets its own row and step.

A call without `step=` and `commit=` writes a row and raises the step (`Run.log` of wandb).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, MergeLoop, Related, Severity, Span
from wandblint.model import Definition, LogCall, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import covers
from wandblint.template import Verdict

MIN_CALLS = 3
"""Two consecutive calls may be two events; three with one key each are a split row."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per loop and per series of consecutive calls."""
    calls = [
        call
        for call in model.log_calls
        if _is_one_of_several(call) and _ends_row(call) and not _may_have_axis(model, call)
    ]
    yield from _loops(calls)
    yield from _series(calls)


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


def _loops(calls: list[LogCall]) -> Iterator[Finding]:
    loops: dict[Span, Span] = {}
    for call in calls:
        logs_number = call.is_open or any(key.kind is ValueKind.NUMBER for key in call.keys)
        if call.context.name_loop is not None and logs_number:
            loops.setdefault(call.span, call.context.name_loop)
    for span, loop in loops.items():
        yield rule.finding(
            span,
            "this logs one row per key, so wandb's step advances on every iteration",
            "collect the keys in one dict and log it once, after the loop",
            (Related(loop, "one iteration per name"),),
            fix=Fix(Applicability.UNSAFE, "log all keys with one call", (MergeLoop(loop, span),)),
        )


def _series(calls: list[LogCall]) -> Iterator[Finding]:
    groups: dict[tuple[Span, int], dict[Span, list[LogCall]]] = defaultdict(lambda: defaultdict(list))
    for call in calls:
        if call.context.consecutive_calls is not None:
            groups[call.context.consecutive_calls, call.entry_id][call.span].append(call)
    reported: set[Span] = set()
    for (first, _), members in groups.items():
        numbers = [span for span, at_span in members.items() if all(map(_is_one_number, at_span))]
        runs = {(call.runs, call.receiver) for at_span in members.values() for call in at_span}
        keys = {key.name for at_span in members.values() for call in at_span for key in call.keys}
        if len(numbers) < MIN_CALLS or len(runs) > 1 or len(keys) < len(numbers) or first in reported:
            continue
        reported.add(first)
        head, *others = numbers
        yield rule.finding(
            head,
            f"{len(numbers)} consecutive calls log one key each, so wandb writes {len(numbers)} rows "
            f"and advances its step {len(numbers)} times",
            "log one dict with all keys",
            tuple(Related(span, "another row") for span in others),
        )


def _is_one_number(call: LogCall) -> bool:
    return not call.is_open and len(call.keys) == 1 and call.keys[0].kind is ValueKind.NUMBER


rule = Rule(
    code="WB306",
    name="row-per-key",
    severity=Severity.WARNING,
    summary="One log call per key: every key gets its own row and step",
    check=check,
)
