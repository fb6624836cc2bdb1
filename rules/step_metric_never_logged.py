"""WB202: a step metric that no log call can supply.

wandb then inserts 0 in every row (core/pkg/runmetric of wandb: the table of last values starts at 0), or
leaves the column out with `step_sync=False`.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec

from wandblint.findings import AddAxis, Applicability, Finding, Fix, Related, Severity
from wandblint.model import Definition, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal

NEAR = 0.85
"""How alike a logged key must be to be named as what was meant: `val_step` or `val/steps` for `val/step`, not
`val/loss`."""

SHOWN_CALLS = 3
"""Log calls named in one finding; more say nothing new."""


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding an axis, at its definition."""
    found: dict[tuple[str, str], _Unlogged] = {}
    rows: _Rows = defaultdict(lambda: defaultdict(dict))
    for session in model.sessions():
        for definition in session.definitions:
            axis = definition.step_metric
            if axis is None or not session.never_moves(definition):
                continue
            bound = list(_bound(session, definition))
            for call, key in bound:
                rows[call.span][call].setdefault((str(key.name), str(axis)))
            if bound:
                one = _Unlogged(session, definition, axis, bound)
                found.setdefault((definition.span.path, str(axis)), one)
    for unlogged in found.values():
        yield _finding(unlogged, _fix(unlogged, rows))


class _Unlogged(msgspec.Struct, frozen=True):
    """An axis that no call logs, its definition, and the rows that are drawn over it."""

    session: Session
    definition: Definition
    axis: Template
    bound: list[tuple[LogCall, LoggedKey]]


_Rows: TypeAlias = "dict[Span, dict[LogCall, dict[tuple[str, str], None]]]"
"""By the place of a call and the way to it: its keys over axes that are never logged, with these."""


def _fix(unlogged: _Unlogged, rows: _Rows) -> Fix | None:
    """Log the axis with what `step=` has, in every row that is drawn over it."""
    calls = {call.span: call for call, _ in unlogged.bound}
    changes = []
    for span, call in sorted(calls.items(), key=lambda item: item[0]):
        if call.step is None or any(other.is_open for other in rows[span]):
            return None
        ways = {tuple(pairs) for pairs in rows[span].values()}
        changes.append(AddAxis(span, call.step.span, tuple(sorted(ways))))
    message = "log the axis in the row, with the value of `step=`"
    return Fix(Applicability.UNSAFE, message, tuple(changes))


def _bound(session: Session, definition: Definition) -> Iterator[tuple[LogCall, LoggedKey]]:
    """The rows that are certainly drawn over this axis."""
    for call in session.log_calls:
        for key in call.keys:
            if key.kind is ValueKind.NUMBER and session.axis_definition(key) == definition:
                yield call, key


def _finding(unlogged: _Unlogged, fix: Fix | None) -> Finding:
    session, definition, axis = unlogged.session, unlogged.definition, unlogged.axis
    bound = unlogged.bound
    calls: dict[Span, Related] = {}
    for call, key in bound:
        calls.setdefault(call.span, Related(call.span, f"`{key.name}` is logged here without `{axis}`"))
    no_number = _without_a_number(session, axis)
    if no_number:
        what = "no call logs a number for it, and wandb reads an axis from numbers only"
        places = [Related(key.span, "this is not a number") for key in no_number]
    else:
        rows = "records 0 for it in every row" if definition.step_sync else "records no column for it"
        what = f"no call logs it: wandb {rows}"
        places = list(calls.values())
    return rule.finding(
        definition.step_span or definition.span,
        f"`{axis}` is the x-axis of `{definition.name}`, but {what}",
        "log a number for it" if no_number else _advice(session, axis, bound),
        tuple(places[:SHOWN_CALLS]),
        fix=None if no_number else fix,
    )


def _without_a_number(session: Session, axis: Template) -> list[LoggedKey]:
    """Where the axis is logged with a value that makes none: a text, None, an image."""
    return [key for call in session.rows for key in call.keys if equal(key.name, axis) is Verdict.YES]


def _likeness(name: str, other: str) -> float:
    """How alike two names are in what follows the sections that they share: that would make all alike."""
    parts, others = name.split("/"), other.split("/")
    while min(len(parts), len(others)) > 1 and parts[0] == others[0]:
        parts, others = parts[1:], others[1:]
    return difflib.SequenceMatcher(None, _bare("".join(parts)), _bare("".join(others))).ratio()


def _bare(name: str) -> str:
    """A name as one might misremember it: `val/step`, `val_step` and `Val Step` are one."""
    return "".join(char for char in name.lower() if char.isalnum())


def _advice(session: Session, axis: Template, bound: list[tuple[LogCall, LoggedKey]]) -> str:
    name = axis.literal
    logged = sorted({str(key.name) for call in session.rows for key in call.keys})
    if name in {"step", "Step", "global_step"} and name not in logged:
        built_in = "; for wandb's own counter use the built-in axis `_step`, which needs no definition"
    else:
        built_in = ""
    nearest = max(logged, key=lambda key: _likeness(str(axis), key), default=None)
    if nearest is not None and _likeness(str(axis), nearest) >= NEAR:
        return f"`{nearest}` is logged: use one name for both{built_in}"
    word = str(axis).rpartition("/")[2]
    value = word if word.isidentifier() else "step"
    by_step = " (`step=` sets `_step` only)" if any(call.step is not None for call, _ in bound) else ""
    return f'log it in the same call: `{{..., "{axis}": {value}}}`{by_step}{built_in}'


rule = Rule(
    code="WB202",
    name="step-metric-never-logged",
    severity=Severity.ERROR,
    summary="A step metric that no call logs: wandb puts every point at x = 0",
    check=check,
)
