"""Which x-axis wandb plots a logged key over, as far as the code determines it."""

from __future__ import annotations

import enum

import msgspec
from msgspec.structs import replace

from wandblint.model.coverage import uncovered_keys
from wandblint.model.events import Definition, LogCall, LoggedKey, ValueKind
from wandblint.model.sessions import Session
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.axes import covers, is_built_in
from wandblint.semantics.frameworks import defines_axes
from wandblint.span import Span
from wandblint.template import Template, Verdict, equal, template

_EMPTY = template()


class Axis(enum.Enum):
    """What wandb plots a chart over. Of several answers for one key, the first one listed counts."""

    NEVER_LOGGED = "axis-never-logged"
    """Its definition names an axis that no call logs (WB202 reports this)."""
    UNCOVERED = "uncovered"
    """No definition covers it although definitions cover its siblings (WB201 reports this)."""
    OPEN = "open"
    """Unknown: definitions or log calls are not fully known."""
    OWN = "own-axis"
    """A custom axis that has data."""
    IS_AXIS = "is-axis"
    """It is the axis of other keys."""
    DEFAULT = "default-axis"
    """wandb's own row counter, `_step`."""
    NOT_NEEDED = "no-axis-needed"
    """Media or text."""


class PredictedChart(msgspec.Struct, frozen=True):
    """The chart of one key of a run. Keys with the same text are one."""

    key: Template
    kind: ValueKind
    verdict: Axis
    axis: Template | None
    """The x-axis that a definition gives it, if any."""
    logged: tuple[Span, ...]
    """The log calls, each once."""
    defined: Span | None
    """The definition that gives it its axis."""
    is_sure: bool = False
    """Whether some call certainly logs it to this run, not to one of several."""
    made_by: str = ""
    """What makes the media: `wandb.Table`. Empty if that is not known, or if it is none."""

    @property
    def sort_key(self) -> tuple[object, ...]:
        """A key of everything that users see: holes compare by their labels."""
        return (str(self.key), str(self.axis), replace(self, key=_EMPTY, axis=None))


class ChartPredictor(msgspec.Struct, frozen=True):
    """Determines the charts of the keys of a session."""

    session: Session | None
    """None for unseen runs."""
    definitions: tuple[Definition, ...]
    uncovered: frozenset[tuple[Span, str]]
    """Log calls with their uncovered keys."""
    may_define_unseen: bool
    """Whether unseen code may define metrics of this run."""

    @classmethod
    def for_run(cls, model: TrackingModel, site: Span | None, entry_id: int) -> ChartPredictor:
        """The predictor for what an entry point does to a run."""
        if site is None:
            may_define = any(defines_axes(run.front_end) for run in model.front_end_runs)
            return cls(
                None, tuple(model.definitions), frozenset(), may_define or model.may_log_unseen(entry_id)
            )
        session = model.session(site, entry_id)
        uncovered = frozenset((each.call.span, str(each.key.name)) for each in uncovered_keys(session))
        return cls(session, session.all_definitions, uncovered, session.may_define_unseen)

    def chart(self, call: LogCall, key: LoggedKey) -> PredictedChart:
        """The chart of a key that a call logs."""
        if key.kind is not ValueKind.NUMBER:
            made_by = "" if key.made is None else key.made.type
            return PredictedChart(
                key.name, key.kind, Axis.NOT_NEEDED, None, (call.span,), None, made_by=made_by
            )
        definition = None if self.session is None else self.session.axis_definition(key)
        verdict = self._verdict(call, key, definition)
        if verdict is Axis.OPEN and definition is None:
            definition = self._likely(key)
        axis = None if definition is None or verdict is Axis.IS_AXIS else definition.step_metric
        if definition is None or axis is None or not axis.parts:
            return PredictedChart(key.name, key.kind, verdict, None, (call.span,), None)
        return PredictedChart(key.name, key.kind, verdict, axis, (call.span,), definition.span)

    def _likely(self, key: LoggedKey) -> Definition | None:
        """A definition that may apply, if all candidates give the same axis."""
        candidates = self._candidates(key)
        return candidates[0] if len({d.step_metric for d in candidates}) == 1 else None

    def _verdict(self, call: LogCall, key: LoggedKey, definition: Definition | None) -> Axis:
        session = self.session
        # WB202 reports must calls only, and so does the prediction.
        if (
            session is not None
            and definition is not None
            and call.is_must
            and session.never_moves(definition)
        ):
            return Axis.NEVER_LOGGED
        if session is not None and any(_is_axis_of(key, other) for other in session.definitions):
            return Axis.IS_AXIS
        if session is None or definition is None or definition.step_metric is None:
            return self._without_axis(call, key)
        if not definition.step_metric.parts:
            return Axis.DEFAULT
        has_data = is_built_in(definition.step_metric) or _has_data(session, definition.step_metric)
        return Axis.OWN if has_data else Axis.OPEN

    def _without_axis(self, call: LogCall, key: LoggedKey) -> Axis:
        if (call.span, str(key.name)) in self.uncovered and call.is_must:
            return Axis.UNCOVERED
        if self.may_define_unseen:
            return Axis.OPEN
        may_have_axis = any(d.step_metric is not None or not d.is_must for d in self._candidates(key))
        return Axis.OPEN if may_have_axis else Axis.DEFAULT

    def _candidates(self, key: LoggedKey) -> list[Definition]:
        """The definitions that may apply to a key."""
        exact = [d for d in self.definitions if equal(d.name, key.name) is Verdict.YES]
        return exact or [d for d in self.definitions if covers(d.name, key.name) is not Verdict.NO]


def _is_axis_of(key: LoggedKey, definition: Definition) -> bool:
    axis = definition.step_metric
    return axis is not None and equal(axis, key.name) is Verdict.YES


def _has_data(session: Session, axis: Template) -> bool:
    """Whether a call on this run certainly logs a number under the name."""
    return any(
        key.kind is ValueKind.NUMBER and equal(key.name, axis) is Verdict.YES
        for call in session.rows
        if session.run in call.runs
        for key in call.keys
    )
