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

from wandblint.findings import AddAxis, Applicability, Finding, Fix, Related, Severity, Span
from wandblint.model import Definition, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.template import Template, Verdict, equal

NEAR = 0.85
"""The minimum similarity of a suggested key: `val_step` or `val/steps` for `val/step`, not `val/loss`."""

MAX_RELATED = 3
"""The maximum number of log calls in one finding."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per axis, at its definition."""
    unlogged_axes: dict[tuple[str, str], _Unlogged] = {}
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
                unlogged_axes.setdefault((definition.span.path, str(axis)), unlogged)
    for unlogged in unlogged_axes.values():
        yield _finding(unlogged, _fix(unlogged, keys_at))


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


def _plotted_over(session: Session) -> Mapping[Definition, list[tuple[LogCall, LoggedKey]]]:
    """By definition: the log calls and keys that wandb certainly plots over its axis."""
    plotted: dict[Definition, list[tuple[LogCall, LoggedKey]]] = defaultdict(list)
    for call in session.log_calls:
        for key in call.keys:
            definition = session.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            if definition is not None:
                plotted[definition].append((call, key))
    return plotted


def _finding(unlogged: _Unlogged, fix: Fix | None) -> Finding:
    session, definition, axis = unlogged.session, unlogged.definition, unlogged.axis
    plotted = unlogged.plotted
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
    return rule.finding(
        definition.step_span or definition.span,
        f"`{axis}` is the x-axis of `{definition.name}`, but {consequence}",
        "log a number for it" if non_numbers else _advice(session, axis, plotted),
        tuple(locations[:MAX_RELATED]),
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
