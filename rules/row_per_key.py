"""WB306: one log call per key, so that every key gets a row and a step of its own.

A call without `step=` and `commit=` writes a row and raises the step (`Run.log` of wandb).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, MergeLoop, Related, Severity
from wandblint.model import Definition, LogCall, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import covers
from wandblint.span import Span
from wandblint.template import Verdict

IN_A_ROW = 3
"""Two calls in a row may be two events; three with a key each are a row taken apart."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a loop, and one for each row of calls."""
    calls = [
        call
        for call in model.log_calls
        if _stands_with_others(call) and _makes_a_row(call) and not _has_an_axis(model, call)
    ]
    yield from _loops(calls)
    yield from _series(calls)


def _stands_with_others(call: LogCall) -> bool:
    """Whether the call may be one of several that log a key each."""
    return call.context.name_loop is not None or call.context.consecutive_calls is not None


def _makes_a_row(call: LogCall) -> bool:
    """Whether the call certainly ends a row, and more than once."""
    return (
        call.is_must
        and call.is_direct
        and call.step is None
        and call.commit is None
        and not call.context.runs_once
    )


def _has_an_axis(model: TrackingModel, call: LogCall) -> bool:
    """Whether a definition may give its keys an axis: then the steps do not matter.

    A key of which nothing is known may be any key of the call path, and of the others what `*` covers.
    """
    return any(
        definition.step_metric is not None
        and (
            any(covers(definition.name, key.name) is not Verdict.NO for key in call.keys)
            or (call.is_open and (definition.name.literal == "*" or _meet(definition, call)))
        )
        for definition in model.definitions
    )


def _meet(definition: Definition, call: LogCall) -> bool:
    return definition.entry_id == call.entry_id or bool(definition.runs & call.runs)


def _loops(calls: list[LogCall]) -> Iterator[Finding]:
    found: dict[Span, LogCall] = {}
    for call in calls:
        numbers = call.is_open or any(key.kind is ValueKind.NUMBER for key in call.keys)
        if call.context.name_loop is not None and numbers:
            found.setdefault(call.span, call)
    for span, call in found.items():
        loop = call.context.name_loop
        yield rule.finding(
            span,
            "this logs one row per key, so wandb's step advances on every iteration",
            "collect the keys in one dict and log it once, after the loop",
            () if loop is None else (Related(loop, "one iteration per name"),),
            fix=None
            if loop is None
            else Fix(Applicability.UNSAFE, "log all keys with one call", (MergeLoop(loop, span),)),
        )


def _series(calls: list[LogCall]) -> Iterator[Finding]:
    rows: dict[tuple[Span, int], dict[Span, list[LogCall]]] = defaultdict(lambda: defaultdict(list))
    for call in calls:
        if call.context.consecutive_calls is not None:
            rows[call.context.consecutive_calls, call.entry_id][call.span].append(call)
    reported: set[Span] = set()
    for (first, _), members in rows.items():
        numbers = [span for span, met in members.items() if all(_is_one_number(call) for call in met)]
        runs = {(call.runs, call.receiver) for met in members.values() for call in met}
        keys = {key.name for met in members.values() for call in met for key in call.keys}
        if len(numbers) < IN_A_ROW or len(runs) > 1 or len(keys) < len(numbers) or first in reported:
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
