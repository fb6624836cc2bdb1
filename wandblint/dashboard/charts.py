"""What a logged key is drawn over, as far as the code tells."""

from __future__ import annotations

import enum

import msgspec
from msgspec.structs import replace

from wandblint.model.coverage import uncovered_keys
from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.model.sessions import Session
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.axes import covers, is_built_in
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal, template

_NOTHING = template()


class Axis(enum.Enum):
    """What a chart is drawn over. Of several answers for one key the first one listed stands."""

    NEVER_LOGGED = "axis-never-logged"
    """Its definition names an axis that no call logs (what WB202 reports)."""
    UNCOVERED = "uncovered"
    """No definition matches it although its siblings are matched (what WB201 reports)."""
    OPEN = "open"
    """It cannot be told: definitions or log calls are not fully known."""
    OWN = "own-axis"
    """An axis of its own, which has data."""
    IS_AXIS = "is-axis"
    """It is the axis of others."""
    DEFAULT = "default-axis"
    """wandb's own counter of rows, `_step`."""
    NOT_NEEDED = "no-axis-needed"
    """Media or text."""


class PredictedChart(msgspec.Struct, frozen=True):
    """One key of a run. Keys with the same text are one."""

    key: Template
    kind: ValueKind
    verdict: Axis
    axis: Template | None
    """Its x-axis, where a definition gives one."""
    logged: tuple[Span, ...]
    """The log calls, each once."""
    defined: Span | None
    """The definition that gives it its axis."""
    is_sure: bool = False
    """Whether some call certainly logs it to this run, and not to one of several."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """What people see of it: its holes are told by their words."""
        return (str(self.key), str(self.axis), replace(self, key=_NOTHING, axis=None))


class ChartJudge(msgspec.Struct, frozen=True):
    """Says what the keys of a session are drawn over."""

    session: Session | None
    """None where the run is not seen."""
    definitions: tuple[Definition, ...]
    misses: frozenset[tuple[Span, str]]
    """Log calls and keys that stand out."""

    @classmethod
    def charts(cls, model: TrackingModel, site: Span | None, root: int) -> ChartJudge:
        """The judge of what a call path does to a run."""
        if site is None:
            return cls(None, tuple(model.definitions), frozenset())
        session = model.session(site, root)
        missed = frozenset((miss.call.span, str(miss.key.name)) for miss in uncovered_keys(session))
        return cls(session, session.all_definitions, missed)

    def chart(self, call: LogCall, key: LoggedKey) -> PredictedChart:
        """What a call makes of a key."""
        if key.kind is not ValueKind.NUMBER:
            return PredictedChart(key.name, key.kind, Axis.NOT_NEEDED, None, (call.span,), None)
        bound = None if self.session is None else self.session.axis_definition(key)
        verdict = self._verdict(call, key, bound)
        if verdict is Axis.OPEN and bound is None:
            bound = self._likely(key)
        axis = None if bound is None or verdict is Axis.IS_AXIS else bound.step_metric
        if bound is None or axis is None or not axis.parts:
            return PredictedChart(key.name, key.kind, verdict, None, (call.span,), None)
        return PredictedChart(key.name, key.kind, verdict, axis, (call.span,), bound.span)

    def _likely(self, key: LoggedKey) -> Definition | None:
        """A definition that may apply, where all that may apply give the same axis."""
        near = self._near(key)
        return near[0] if len({one.step_metric for one in near}) == 1 else None

    def _verdict(self, call: LogCall, key: LoggedKey, bound: Definition | None) -> Axis:
        session = self.session
        # What is not certain convicts nobody: WB202 reads the certain calls alone.
        if session is not None and bound is not None and call.is_must and session.never_moves(bound):
            return Axis.NEVER_LOGGED
        if session is not None and any(_is_axis_of(key, one) for one in session.definitions):
            return Axis.IS_AXIS
        if session is None or bound is None or bound.step_metric is None:
            return self._without_axis(call, key)
        if not bound.step_metric.parts:
            return Axis.DEFAULT
        has_data = is_built_in(bound.step_metric) or _has_data(session, bound.step_metric)
        return Axis.OWN if has_data else Axis.OPEN

    def _without_axis(self, call: LogCall, key: LoggedKey) -> Axis:
        if (call.span, str(key.name)) in self.misses and call.is_must:
            return Axis.UNCOVERED
        if self.session is not None and self.session.may_define_unseen:
            return Axis.OPEN
        near = self._near(key)
        has_axis = any(one.step_metric is not None for one in near)
        return Axis.OPEN if has_axis or any(not one.is_must for one in near) else Axis.DEFAULT

    def _near(self, key: LoggedKey) -> list[Definition]:
        """The definitions that may apply to a key."""
        exact = [one for one in self.definitions if equal(one.name, key.name) is Verdict.YES]
        return exact or [one for one in self.definitions if covers(one.name, key.name) is not Verdict.NO]


def _is_axis_of(key: LoggedKey, definition: Definition) -> bool:
    axis = definition.step_metric
    return axis is not None and equal(axis, key.name) is Verdict.YES


def _has_data(session: Session, axis: Template) -> bool:
    """Whether a call on this very run logs a number under the name."""
    return any(
        key.kind is ValueKind.NUMBER and equal(key.name, axis) is Verdict.YES
        for call in session.rows
        if session.run in call.runs
        for key in call.keys
    )
