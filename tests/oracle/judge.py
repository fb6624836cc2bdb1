"""Holds what a program recorded against what wandblint predicts: every false claim is a failure."""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from unittest.mock import patch

from tests.analysis.projects import FilesInMemory
from tests.oracle.order import OrderJudge
from tests.oracle.rendering import MAIN
from tests.oracle.stand_in import Logged, Record, Recorded, record
from tests.oracle.trace import Location
from wandblint.analysis import analyze
from wandblint.analysis.state import budget
from wandblint.app import registry
from wandblint.app.settings import Settings, rule_options
from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.prediction import PredictedRun, predict
from wandblint.findings.finding import Finding
from wandblint.model.control_flow import NOWHERE
from wandblint.model.events import Definition, Init, LogCall, ValueKind
from wandblint.model.questions.step_conflicts import DroppedRow, step_conflicts
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.metrics import NESTING
from wandblint.span import Span
from wandblint.template import Template

CATEGORIES = {
    "crash": "wandblint fails",
    "invalid": "the program itself fails: a mistake of the generator",
    "incomplete": "a recorded key is not predicted, and no prediction is open",
    "other run": "a recorded key is predicted, but only on another run",
    "not recorded": "a key that is certainly logged is not recorded",
    "not reached": "an event that certainly happens does not",
    "other axis": "a key has another axis than predicted",
    "axis is logged": "an axis that is never logged is logged",
    "not dropped": "a row that is certainly dropped is kept",
    "other state": "a run that is certainly open or closed is not",
    "other order": "a call that precedes another one follows it",
    "not dominated": "a call happens without one that must have happened before",
    "not between": "a call does not happen between two others, although it must",
    "other iteration": "a log call runs in an iteration without one that runs in all such iterations",
    "no run is open": "an init that certainly returns an open run opens one",
    "endless": "the program does not end: nothing is compared",
    "assumed": "what is certain where its place is reached, but a condition before it does not hold",
}
"""The kinds of failures, the worst first."""

TOLERATED = frozenset({"assumed", "endless"})
"""Kinds that are only counted: wandblint says what happens if a place is reached."""


@dataclass
class Verdict:
    """The failures of a program, and what its prediction is worth."""

    failures: list[tuple[str, str]] = field(default_factory=list)
    is_closed: bool = False
    has_right_number_of_runs: bool = False
    """Whether as many runs are predicted as there are places and call stacks that opened one."""
    phantoms: int = 0
    """Predicted keys, certain or not, that are not recorded."""
    unpredicted_drops: int = 0

    @property
    def category(self) -> str | None:
        """The worst kind of failure; None if there is none."""
        found = {category for category, _ in self.failures}
        return next((category for category in CATEGORIES if category in found), None)

    @property
    def is_wrong(self) -> bool:
        """Whether a claim is false."""
        return any(category not in TOLERATED for category, _ in self.failures)


TIGHT = {
    "MAX_DEPTH": 6,
    "STEPS_PER_SLICE": 15,
    "STEPS_PER_THUNK": 4,
    "STEPS_UNINFORMATIVE": 2,
    "STEPS_PER_HELPER": 6,
    "STEPS_PER_IRRELEVANT_CALL": 3,
    "IRRELEVANT_CALLS": 1,
}
"""Limits that small programs reach: what is cut off must not make other claims false."""


def judge(files: Mapping[str, str], limits: Mapping[str, int] = MappingProxyType({})) -> Verdict:
    """Runs and analyzes a program, within the given limits of `budget.py`."""
    recorded = record(files, is_lenient=True)
    if recorded.is_endless:
        return Verdict([("endless", "")])
    if recorded.error is not None:
        return Verdict([("invalid", recorded.error)])
    try:
        with patch.dict(vars(budget), limits):
            model = analyze(FilesInMemory(files))
        return Judge(files, recorded, model, predict(model), bool(limits)).verdict()
    except Exception as error:
        return Verdict([("crash", f"{type(error).__name__}: {error}")])


@dataclass
class Judge:
    """The record and the prediction of one program."""

    files: Mapping[str, str]
    record: Record
    model: TrackingModel
    predicted: list[PredictedRun]
    is_cut_off: bool = False
    """Whether the limits of the analysis were so low that most programs reach them."""

    def verdict(self) -> Verdict:
        verdict = Verdict()
        order = OrderJudge(self.model, self.record.trace, self._lines, self._is_script)
        checks: list[Callable[[], Iterator[tuple[str, str]]]] = [
            self.keys,
            order.refusals,
        ]
        if not self.is_cut_off:
            # A loop that is cut off in its first iteration says nothing of the next ones.
            checks += [order.open_runs, order.order, order.iterations]
        if not self.record.trace.has_refusals:
            # Where wandb raises, the program ends, so what would follow is not certain.
            checks += [self.certain_keys, self.certain_events, self.charts, self.findings, self.drops]
        for check in checks:
            verdict.failures += dict.fromkeys(check())
        recorded = {key for run in self.record.runs for key in run.keys}
        charts = [chart for run in self.predicted for chart in run.charts]
        dropped = [call for run in self.record.runs for call in run.logged if not call.is_kept]
        verdict.is_closed = not any(run.may_log_more for run in self.predicted)
        opened = {run.opened[0] for run in self.record.runs}
        verdict.has_right_number_of_runs = len(self.predicted) == len(opened)
        verdict.phantoms = sum(not any(matches(chart.key, key) for key in recorded) for chart in charts)
        verdict.unpredicted_drops = 0 if list(step_conflicts(self.model)) else len(dropped)
        return verdict

    # What may be recorded.

    def keys(self) -> Iterator[tuple[str, str]]:
        """Every recorded key is predicted, or a prediction is open."""
        if any(run.may_log_more for run in self.predicted):
            return
        for run in self.record.runs:
            own = self._predictions_of(run)
            for key in sorted(run.keys):
                if any(may_have(predicted, key) or self._may_be_axis(predicted, key) for predicted in own):
                    continue
                category = "other run" if any(may_have(p, key) for p in self.predicted) else "incomplete"
                yield category, f"`{key}` is recorded"

    def _may_be_axis(self, run: PredictedRun, key: str) -> bool:
        """Whether a predicted chart with an open axis may get a key as its axis, which wandb then records."""
        has_open_axis = any(chart.verdict is Axis.OPEN for chart in run.charts)
        axes = [definition.step_metric for definition in self.model.definitions]
        return has_open_axis and any(axis is not None and matches(axis, key) for axis in axes)

    def _predictions_of(self, run: Recorded) -> list[PredictedRun]:
        """The predictions that may be of a recorded run."""
        return [
            predicted
            for predicted in self.predicted
            if predicted.site is None
            or any(self._was_at(site, run.opened) for site in (predicted.site, *predicted.may_be))
        ]

    def _recorded_at(self, site: Span | None) -> list[Recorded]:
        """The recorded runs that an init opened or returned."""
        return [run for run in self.record.runs if site is None or self._was_at(site, run.opened)]

    # What certainly happens.

    def certain_keys(self) -> Iterator[tuple[str, str]]:
        """Every key that the script certainly logs is recorded."""
        recorded = {key for run in self.record.runs for call in run.logged for key in call.values}
        unconditional = {
            str(key.name)
            for call in self.model.log_calls
            if call.is_must and self._is_script(call.entry_id) and not call.point.conditions
            for key in call.keys
        }
        for chart in self._certain_charts():
            key = str(chart.key)
            if key not in recorded and not any(each.startswith(key + NESTING) for each in recorded):
                yield ("not recorded" if key in unconditional else "assumed"), f"`{key}` is certain"

    def _certain_charts(self) -> Iterator[PredictedChart]:
        for run in self.predicted:
            if self._is_of_script(run):
                yield from (c for c in run.charts if c.is_sure and c.key.literal is not None)

    def _is_of_script(self, run: PredictedRun) -> bool:
        return any(
            opening.entry is not None and opening.entry.path == MAIN and not opening.entry.name
            for opening in run.openings
        )

    def certain_events(self) -> Iterator[tuple[str, str]]:
        """Every event that certainly happens did."""
        inits = [call_stack for call_stack, _ in self.record.inits]
        defined = [call_stack for run in self.record.runs for call_stack in run.definition_stacks]
        logged = [call.call_stack for run in self.record.runs for call in run.logged]
        for word, events, stacks in (
            ("init", self.model.inits, inits),
            ("definition", self.model.definitions, defined),
            ("log call", self.model.log_calls, logged),
        ):
            for event in self._certain(events):
                if not self._was_at(event.span, stacks):
                    # The model does not say which conditions guard a definition.
                    category = "assumed" if isinstance(event, Definition) else "not reached"
                    yield category, f"the {word} {self._at(event.span)}"
        returned = [call_stack for call_stack, returns in self.record.inits if returns]
        for init in self.model.inits_while_active:
            is_claim = init.is_must and self._is_script(init.entry_id) and self._was_at(init.span, inits)
            if is_claim and not self._was_at(init.span, returned):
                same = [event for event in self.model.inits if event.span == init.span]
                is_assumed = any(event.point.conditions for event in same)
                yield "assumed" if is_assumed else "no run is open", f"the init {self._at(init.span)}"

    def _certain(
        self, events: list[Init] | list[Definition] | list[LogCall]
    ) -> Iterator[Init | Definition | LogCall]:
        for event in events:
            point = NOWHERE if isinstance(event, Definition) else event.point
            if event.is_must and self._is_script(event.entry_id) and not point.conditions:
                yield event

    def _is_script(self, entry_id: int) -> bool:
        entry = self.model.entry_points.get(entry_id)
        return entry is not None and entry.path == MAIN and not entry.name

    # Axes.

    def charts(self) -> Iterator[tuple[str, str]]:
        """Every certain axis is the recorded one."""
        for predicted in self.predicted:
            runs = self._recorded_at(predicted.site)
            for chart in predicted.charts:
                key = str(chart.key)
                having = [run for run in runs if key in run.passed]
                if chart.kind is not ValueKind.NUMBER or not chart.is_sure or not having:
                    continue
                axis = None if chart.axis is None else str(chart.axis)
                if chart.verdict is Axis.NEVER_LOGGED and all(run.logs_number(str(axis)) for run in having):
                    yield "axis is logged", f"`{axis}`, the axis of `{key}`"
                expected = CLAIMS.get(chart.verdict, lambda axis: None)(axis)
                if expected and not any(expected & run.axes(key) for run in having):
                    recorded = sorted({str(axis) for run in having for axis in run.axes(key)})
                    yield "other axis", f"`{key}` over {axis}, recorded over {', '.join(recorded)}"

    def findings(self) -> Iterator[tuple[str, str]]:
        """Every axis that WB202 calls never logged is not, and inits return open runs where WB102 says so."""
        for finding in _rule("WB202", self.model):
            axis = re.findall(r"`([^`]+)`", finding.message)[0]
            runs = [run for run in self.record.runs if self._was_at(finding.span, run.definition_stacks)]
            if runs and all(run.logs_number(axis) for run in runs):
                yield "axis is logged", f"`{axis}`, says WB202 {self._at(finding.span)}"
        for event in self.model.inits_while_active:
            returned = [returns for stack, returns in self.record.inits if self._was_at(event.span, [stack])]
            # The loop of this program may have a single iteration.
            is_repeated = event.loop is None or len(returned) > 1
            if event.is_must and returned and is_repeated and not any(returned):
                yield "no run is open", f"{self._at(event.span)}, says WB102"

    # Steps.

    def drops(self) -> Iterator[tuple[str, str]]:
        """Every row that a step certainly drops is dropped."""
        calls: list[Logged] = [call for run in self.record.runs for call in run.logged]
        dropped = [call.call_stack for call in calls if not call.is_kept]
        made = [call.call_stack for call in calls]
        for row in step_conflicts(self.model):
            span = row.call.span
            if self._was_at(span, made) and not self._was_at(span, dropped):
                yield (
                    "not dropped" if self._is_as_assumed(row, calls) else "assumed",
                    f"the row {self._at(span)}",
                )

    def _is_as_assumed(self, row: DroppedRow, calls: list[Logged]) -> bool:
        """Whether the program is as WB302 assumes: conditions hold in some iteration, loops have several."""
        made = [call.call_stack for call in calls]
        order = [self._was_at(row.call.span, [stack]) for stack in made]
        steps = [call.step for call, is_call in zip(calls, order, strict=True) if is_call]
        if any(loop.max_iterations is None for loop in row.call.point.loops[-1:]) and len({*steps}) == len(
            steps
        ):
            return False
        if row.other is None or row.other.span == row.call.span:
            return sum(order) > 1
        others = [self._was_at(row.other.span, [stack]) for stack in made]
        both = "".join(
            "c" if is_call else "o" * is_other for is_call, is_other in zip(order, others, strict=True)
        )
        inner = set(row.other.point.loops) - set(row.call.point.loops)
        if any(others) and any(loop.max_iterations is None for loop in inner):
            return "oo" in both
        return "c" in both.partition("o")[2] and sum(order) > 1

    # Places.

    def _was_at(self, span: Span, stacks: list[frozenset[Location]]) -> bool:
        lines = self._lines(span)
        return any(path == span.path and row in lines for stack in stacks for path, row in stack)

    def _lines(self, span: Span) -> range:
        starts = line_starts(self.files[span.path])
        first, last = (bisect.bisect_right(starts, at) for at in (span.start, max(span.end - 1, span.start)))
        return range(first, last + 1)

    def _at(self, span: Span) -> str:
        return f"at {span.path}:{self._lines(span)[0]}"


CLAIMS = {
    Axis.OWN: lambda axis: {axis},
    Axis.NEVER_LOGGED: lambda axis: {axis},
    Axis.DEFAULT: lambda axis: {None},
    Axis.UNCOVERED: lambda axis: {None},
}
"""The axes that a verdict allows, given the predicted axis."""


@cache
def line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def may_have(run: PredictedRun, key: str) -> bool:
    """Whether a predicted run has a recorded key, or may have any."""
    return run.may_log_more or any(
        matches(chart.key, key) or (chart.axis is not None and matches(chart.axis, key))
        for chart in run.charts
    )


def matches(name: Template, key: str) -> bool:
    """Whether a recorded key may be a predicted one, or a part of it."""
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in name.parts)
    return re.fullmatch(rf"{pattern}(\..*)?", key, re.DOTALL) is not None


def _rule(code: str, model: TrackingModel) -> Iterator[Finding]:
    (rule,) = registry.resolve(code)
    if rule.check is None:
        return iter(())
    return rule.check(model, rule_options(rule, Settings()))
