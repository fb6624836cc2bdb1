"""WB202: a step metric that no log call can supply.

wandb then inserts 0 in every row (core/pkg/runmetric of wandb: the table of last values starts at 0), or
omits the column with `step_sync=False`.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec

from wandblint.findings import (
    AddAxis,
    Applicability,
    Define,
    Finding,
    Fix,
    Names,
    Related,
    Severity,
    Span,
)
from wandblint.infra.words import join_names
from wandblint.model import Definition, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_step_name
from wandblint.template import Template, Verdict, equal

NEAR = 0.85
"""The minimum similarity of a suggested key: `val_step` or `val/steps` for `val/step`, not `val/loss`."""

MAX_RELATED = 3
"""The maximum number of log calls in one finding."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per axis, at its definition."""
    unlogged_axes: dict[tuple[str, str], list[_Unlogged]] = defaultdict(list)
    keys_at: _KeysOfCalls = defaultdict(lambda: defaultdict(dict))
    for session in model.sessions():
        plotted_over = _plotted_over(session)
        for definition in session.definitions:
            axis = definition.step_metric
            if axis is None or not session.never_moves(definition):
                continue
            plotted = plotted_over.get(definition, [])
            for call, key in plotted:
                keys_at[call.span][call].setdefault((str(key.name), str(axis)))
            if plotted:
                unlogged = _Unlogged(session, definition, axis, plotted)
                unlogged_axes[definition.span.path, str(axis)].append(unlogged)
    for group in unlogged_axes.values():
        meant = _meant(group)
        fix = _fix(group[0], keys_at) if meant is None else _fix_of_definitions(group, meant)
        yield _finding(group, meant, fix)


class _Unlogged(msgspec.Struct, frozen=True):
    """An axis that no call logs, its definition, and the log calls and keys that wandb plots over it."""

    session: Session
    definition: Definition
    axis: Template
    plotted: list[tuple[LogCall, LoggedKey]]


_KeysOfCalls: TypeAlias = "dict[Span, dict[LogCall, dict[tuple[str, str], None]]]"
"""By the span of a call and the call itself: its keys with their axes that nothing logs."""


def _fix(unlogged: _Unlogged, keys_at: _KeysOfCalls) -> Fix | None:
    """Log the axis with the value of `step=` in every row that wandb plots over it."""
    calls = {call.span: call for call, _ in unlogged.plotted}
    changes = []
    for span, call in sorted(calls.items(), key=lambda item: item[0]):
        if call.step is None or any(other.is_open for other in keys_at[span]):
            return None
        rows = {tuple(pairs) for pairs in keys_at[span].values()}
        changes.append(AddAxis(span, call.step.span, tuple(sorted(rows))))
    return Fix(Applicability.UNSAFE, "log the axis in the row, with the value of `step=`", tuple(changes))


def _meant(group: list[_Unlogged]) -> str | None:
    """A key that all rows hold and that may be what the axis was meant to be: `step` for `train/step`."""
    axis = str(group[0].axis)
    calls = [call for unlogged in group for call, _ in unlogged.plotted]
    rows = [{str(key.name) for key in call.keys if _is_counter(key)} for call in calls]
    common = set.intersection(*rows)
    sections, _, word = axis.rpartition("/")
    same_word = sorted(name for name in common if _bare(name.rpartition("/")[2]) == _bare(word))
    same_section = sorted(name for name in common if sections and name.rpartition("/")[0] == sections)
    choices = same_word or same_section
    return choices[0] if len(choices) == 1 else None


def _is_counter(key: LoggedKey) -> bool:
    """Whether each row certainly holds a number of a counter's name under the key."""
    is_certain = key.kind is ValueKind.NUMBER and not key.is_alternative and key.name.literal is not None
    return is_certain and is_step_name(str(key.name).rpartition("/")[2])


def _fix_of_definitions(group: list[_Unlogged], meant: str) -> Fix | None:
    """Name the key that is logged in all definitions of the axis."""
    changes = []
    for definition in dict.fromkeys(unlogged.definition for unlogged in group):
        name, axis, axis_span = definition.name.literal, definition.step_metric, definition.step_span
        if name is None or axis is None or axis.literal is None or axis_span is None:
            return None
        old, new = Names(name, axis.literal), Names(name, meant)
        changes.append(Define(definition.span, definition.name_span, axis_span, old, new, is_rename=True))
    return Fix(Applicability.UNSAFE, f"use `{meant}` as the x-axis", tuple(changes))


def _plotted_over(session: Session) -> Mapping[Definition, list[tuple[LogCall, LoggedKey]]]:
    """By definition: the log calls and keys that wandb certainly plots over its axis."""
    plotted: dict[Definition, list[tuple[LogCall, LoggedKey]]] = defaultdict(list)
    for call in session.log_calls:
        for key in call.keys:
            definition = session.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            if definition is not None:
                plotted[definition].append((call, key))
    return plotted


def _finding(group: list[_Unlogged], meant: str | None, fix: Fix | None) -> Finding:
    session, definition, axis = group[0].session, group[0].definition, group[0].axis
    plotted = [pair for unlogged in group for pair in unlogged.plotted]
    definitions = list(dict.fromkeys(unlogged.definition for unlogged in group))
    others = {other.span: other for other in definitions if other.span != definition.span}
    calls: dict[Span, Related] = {}
    for call, key in plotted:
        calls.setdefault(call.span, Related(call.span, f"`{key.name}` is logged here without `{axis}`"))
    # Keys that log the axis with a text, None or an image.
    non_numbers = [key for call in session.rows for key in call.keys if equal(key.name, axis) is Verdict.YES]
    if non_numbers:
        consequence = "no call logs a number for it, and wandb reads an axis from numbers only"
        locations = [Related(key.span, "this is not a number") for key in non_numbers]
    else:
        rows = "records 0 for it in every row" if definition.step_sync else "records no column for it"
        consequence = f"no call logs it: wandb {rows}"
        locations = list(calls.values())
    if non_numbers:
        advice = "log a number for it"
    elif meant is not None:
        advice = f"did you mean `{meant}`? The same rows hold it"
    else:
        advice = _advice(session, axis, plotted)
    names = join_names(list(dict.fromkeys(f"`{other.name}`" for other in definitions)))
    also = [
        Related(other.step_span or other.span, f"the x-axis of `{other.name}`, too")
        for other in others.values()
    ]
    return rule.finding(
        definition.step_span or definition.span,
        f"`{axis}` is the x-axis of {names}, but {consequence}",
        advice,
        (*also, *locations[:MAX_RELATED]),
        fix=None if non_numbers else fix,
    )


def _similarity(name: str, other: str) -> float:
    """The similarity of two names without their common sections, which would make all names similar.

    0 if it is below `NEAR`.
    """
    parts, others = name.split("/"), other.split("/")
    while min(len(parts), len(others)) > 1 and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    matcher = difflib.SequenceMatcher(None, _bare("".join(parts)), _bare("".join(others)))
    # Cheap upper bounds first: nearly all names are far from each other.
    if matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR:
        return 0.0
    return matcher.ratio()


def _bare(name: str) -> str:
    """A name without case and punctuation: `val/step`, `val_step` and `Val Step` are the same."""
    return "".join(char for char in name.lower() if char.isalnum())


def _advice(session: Session, axis: Template, plotted: list[tuple[LogCall, LoggedKey]]) -> str:
    name = axis.literal
    logged = sorted({str(key.name) for call in session.rows for key in call.keys})
    if name in {"step", "Step", "global_step"} and name not in logged:
        built_in = "; for wandb's own counter use the built-in axis `_step`, which needs no definition"
    else:
        built_in = ""
    nearest = max(logged, key=lambda key: _similarity(str(axis), key), default=None)
    if nearest is not None and _similarity(str(axis), nearest) >= NEAR:
        return f"`{nearest}` is logged: use one name for both{built_in}"
    last_word = str(axis).rpartition("/")[2]
    value = last_word if last_word.isidentifier() else "step"
    by_step = " (`step=` sets `_step` only)" if any(call.step is not None for call, _ in plotted) else ""
    return f'log it in the same call: `{{..., "{axis}": {value}}}`{by_step}{built_in}'


rule = Rule(
    code="WB202",
    name="step-metric-never-logged",
    severity=Severity.ERROR,
    summary="A step metric that no call logs: wandb puts every point at x = 0",
    check=check,
)
