"""WB202: a step metric that no log call can supply.

wandb then inserts 0 in every row (core/pkg/runmetric of wandb: the table of last values starts at 0), or
leaves the column out with `step_sync=False`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity
from wandblint.model import Definition, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_built_in
from wandblint.template import Template

NEAR = 0.9
"""How alike a logged key must be to be named as what was meant: `val_step` for `val/step`, not `val/loss`."""

SHOWN_CALLS = 3
"""Log calls named in one finding; more say nothing new."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding an axis, at its definition."""
    reported: set[tuple[str, str]] = set()
    for session in model.sessions():
        for definition in session.definitions:
            axis = definition.step_metric
            if axis is None or not axis.parts or is_built_in(axis) or session.is_logged(axis):
                continue
            bound = list(_bound(session, definition))
            identity = (definition.span.path, str(axis))
            if bound and identity not in reported:
                reported.add(identity)
                yield _finding(session, definition, axis, bound)


def _bound(session: Session, definition: Definition) -> Iterator[tuple[LogCall, LoggedKey]]:
    """The rows that are certainly drawn over this axis."""
    for call in session.log_calls:
        for key in call.keys:
            if key.kind is ValueKind.NUMBER and session.bound(key) == definition:
                yield call, key


def _finding(
    session: Session, definition: Definition, axis: Template, bound: list[tuple[LogCall, LoggedKey]]
) -> Finding:
    what = "records 0 for it in every row" if definition.step_sync else "records no column for it"
    places = dict.fromkeys((call.span, str(key.name)) for call, key in bound)
    calls: dict[object, Related] = {}
    for span, name in places:
        calls.setdefault(span, Related(span, f"`{name}` is logged here without `{axis}`"))
    return rule.finding(
        definition.step_span or definition.span,
        f"`{axis}` is the x-axis of `{definition.name}`, but no call logs it: wandb {what}",
        _advice(session, axis),
        tuple(calls.values())[:SHOWN_CALLS],
    )


def _bare(name: str) -> str:
    """A name as one might misremember it: `val/step`, `val_step` and `Val Step` are one."""
    return "".join(char for char in name.lower() if char.isalnum())


def _advice(session: Session, axis: Template) -> str:
    name = axis.literal
    logged = sorted({str(key.name) for call in session.rows for key in call.keys})
    if name in {"step", "Step", "global_step"} and name not in logged:
        built_in = "; for wandb's own counter use the built-in axis `_step`, which needs no definition"
    else:
        built_in = ""
    near = difflib.get_close_matches(_bare(str(axis)), {_bare(key): key for key in logged}, 1, NEAR)
    if near:
        meant = next(key for key in logged if _bare(key) == near[0])
        return f"`{meant}` is logged: use one name for both{built_in}"
    return f'log it in the same call: `{{..., "{axis}": step}}`{built_in}'


rule = Rule(
    code="WB202",
    name="step-metric-never-logged",
    severity=Severity.ERROR,
    summary="A step metric that no call logs: wandb puts every point at x = 0",
    check=check,
)
