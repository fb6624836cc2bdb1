"""WB202: a step metric that no log call can supply.

wandb then inserts 0 in every row (core/pkg/runmetric of wandb: the table of last values starts at 0), or
omits the column with `step_sync=False`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import AddAxis, Applicability, Define, Finding, Fix, Names, Related, Severity, Span
from wandblint.infra.words import join_names
from wandblint.model import LogCall, TrackingModel, UnloggedAxis, keys_over, unlogged_axes
from wandblint.rule import OptionValue, Rule

MAX_RELATED = 3
"""The maximum number of log calls in one finding."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per axis, at its definition."""
    axes = unlogged_axes(model)
    keys = keys_over(axes)
    for unlogged in axes:
        yield _finding(unlogged, _rename(unlogged) if unlogged.meant else _log(unlogged, keys))


def _log(
    unlogged: UnloggedAxis, keys: Mapping[Span, Mapping[LogCall, dict[tuple[str, str], None]]]
) -> Fix | None:
    """Log the axis with the value of `step=` in every row that wandb plots over it."""
    calls = {call.span: call for call, _ in unlogged.uses[0].plotted}
    changes = []
    for span, call in sorted(calls.items(), key=lambda item: item[0]):
        if call.step is None or any(other.is_open for other in keys[span]):
            return None
        rows = {tuple(pairs) for pairs in keys[span].values()}
        changes.append(AddAxis(span, call.step.span, tuple(sorted(rows))))
    return Fix(Applicability.UNSAFE, "log the axis in the row, with the value of `step=`", tuple(changes))


def _rename(unlogged: UnloggedAxis) -> Fix | None:
    """Name the key that is meant in all definitions of the axis."""
    changes = []
    for definition in unlogged.definitions:
        name, axis, axis_span = definition.name.literal, unlogged.axis.literal, definition.step_span
        if name is None or axis is None or axis_span is None or unlogged.meant is None:
            return None
        old, new = Names(name, axis), Names(name, unlogged.meant)
        changes.append(Define(definition.span, definition.name_span, axis_span, old, new, is_rename=True))
    return Fix(Applicability.UNSAFE, f"use `{unlogged.meant}` as the x-axis", tuple(changes))


def _finding(unlogged: UnloggedAxis, fix: Fix | None) -> Finding:
    axis, definitions = unlogged.axis, unlogged.definitions
    definition, others = definitions[0], {other.span: other for other in definitions[1:]}
    others.pop(definition.span, None)
    if unlogged.non_numbers:
        consequence = "no call logs a number for it, and wandb reads an axis from numbers only"
        advice = "log a number for it"
        related = [Related(key.span, "this is not a number") for key in unlogged.non_numbers]
    else:
        rows = "records 0 for it in every row" if definition.step_sync else "records no column for it"
        consequence, advice = f"no call logs it: wandb {rows}", _advice(unlogged)
        calls: dict[Span, Related] = {}
        for call, key in unlogged.plotted:
            words = f"`{key.name}` is logged here without `{axis}`"
            calls.setdefault(call.span, Related(call.span, words))
        related = list(calls.values())
    names = join_names(list(dict.fromkeys(f"`{other.name}`" for other in definitions)))
    also = [
        Related(other.step_span or other.span, f"the x-axis of `{other.name}`, too")
        for other in others.values()
    ]
    return rule.finding(
        definition.step_span or definition.span,
        f"`{axis}` is the x-axis of {names}, but {consequence}",
        advice,
        (*also, *related[:MAX_RELATED]),
        fix=None if unlogged.non_numbers else fix,
    )


def _advice(unlogged: UnloggedAxis) -> str:
    if unlogged.meant is not None:
        return f"did you mean `{unlogged.meant}`? The same rows hold it"
    name = str(unlogged.axis)
    is_own = name in {"step", "Step", "global_step"} and name not in unlogged.logged_names
    built_in = "; for wandb's own counter use the built-in axis `_step`, which needs no definition"
    if unlogged.nearest is not None:
        return f"`{unlogged.nearest}` is logged: use one name for both{built_in if is_own else ''}"
    word = name.rpartition("/")[2]
    row = f'{{..., "{name}": {word if word.isidentifier() else "step"}}}'
    by_step = " (`step=` sets `_step` only)" if any(call.step for call, _ in unlogged.plotted) else ""
    return f"log it in the same call: `{row}`{by_step}{built_in if is_own else ''}"


rule = Rule(
    code="WB202",
    name="step-metric-never-logged",
    severity=Severity.ERROR,
    summary="A step metric that no call logs: wandb puts every point at x = 0",
    check=check,
)
