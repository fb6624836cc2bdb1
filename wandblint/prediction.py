"""What the dashboard will hold, told from the code alone: the runs that are opened and their charts.

The model speaks of call paths; a prediction gathers what they do to the run of one init site. A claim that
is not certain is made nowhere here: such a chart is `OPEN`.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wandblint.coverage import misses
from wandblint.finding import Span
from wandblint.model import Definition, Entry, Init, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.semantics.axes import covers, is_built_in
from wandblint.semantics.runs import records_nothing
from wandblint.template import Template, Verdict, equal


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


_ORDER = list(Axis)


@dataclass(frozen=True)
class Chart:
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
    is_sure: bool
    """Whether some call certainly logs it to this run, and not to one of several."""


@dataclass(frozen=True)
class Opening:
    """One way to the init: the script, or the function that nobody calls, and the calls that lead there.

    `entry` is None for an init that nothing reaches.
    """

    entry: Entry | None
    path: tuple[Span, ...]


@dataclass(frozen=True)
class PredictedRun:
    """The run of an init site as some call paths open it; those that would see the same charts are one.

    `site` is None for what is logged to a run that is not seen: one that a caller hands over, for instance.
    """

    site: Span | None
    openings: tuple[Opening, ...]
    charts: tuple[Chart, ...]
    may_log_more: bool
    """Whether it may hold keys that are not among the charts."""
    open_calls: tuple[Span, ...]
    """Log calls on it whose keys are not all known."""
    may_be: tuple[Span, ...]
    """Other init sites whose run may be this one: it resumes theirs, or they return it."""


def predict(model: TrackingModel) -> list[PredictedRun]:
    """The runs of a project by init site, each key of a run in exactly one chart; the unseen run is last."""
    inits: dict[tuple[Span, int], list[Init]] = defaultdict(list)
    for init in model.inits:
        if not _is_disabled(init):
            inits[init.span, init.root].append(init)
    opened: dict[Span, set[int]] = defaultdict(set)
    for site, root in inits:
        opened[site].add(root)
    runs: dict[PredictedRun, list[Opening]] = {}
    for (site, root), made in sorted(inits.items(), key=lambda item: item[0]):
        run = _run(model, site, root, opened[site])
        runs.setdefault(run, []).extend(Opening(model.entries.get(root), init.path) for init in made)
    found = [
        PredictedRun(
            run.site, tuple(dict.fromkeys(ways)), run.charts, run.may_log_more, run.open_calls, run.may_be
        )
        for run, ways in runs.items()
    ]
    return [*found, *_unseen(model, frozenset(opened))]


def _is_disabled(init: Init) -> bool:
    mode = init.argument("mode")
    return mode is not None and isinstance(mode.literal, str) and records_nothing(mode.literal)


def _run(model: TrackingModel, site: Span, root: int, opened: set[int]) -> PredictedRun:
    """The run as one call path opens it, with what paths do to it that open no run there."""
    calls = [c for c in model.log_calls if site in c.runs and (c.root == root or c.root not in opened)]
    session = model.session(site, root)
    return PredictedRun(
        site,
        (),
        tuple(_charts(model, site, calls)),
        session.is_open,
        _open_places(calls),
        tuple(sorted(model.sharing(site) - {site})),
    )


def _unseen(model: TrackingModel, sites: frozenset[Span]) -> Iterator[PredictedRun]:
    """What is logged to a run that is not seen."""
    calls = [call for call in model.log_calls if not call.runs & sites]
    if calls:
        is_open = any(call.is_open or model.has_unseen(call.root) for call in calls)
        charts = tuple(_charts(model, None, calls))
        yield PredictedRun(None, (), charts, is_open, _open_places(calls), tuple(sorted(sites)))


def _open_places(calls: Iterable[LogCall]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(call.span for call in calls if call.is_open))


def _charts(model: TrackingModel, site: Span | None, calls: Iterable[LogCall]) -> Iterator[Chart]:
    """One chart a key, by key."""
    found: dict[str, list[Chart]] = defaultdict(list)
    sessions: dict[int, _Judge] = {}
    for call in calls:
        if call.root not in sessions:
            sessions[call.root] = _Judge.of(model, site, call.root)
        for key in call.keys:
            found[str(key.name)].append(sessions[call.root].chart(call, key))
    for _, same in sorted(found.items()):
        yield _together(same)


def _together(charts: list[Chart]) -> Chart:
    """The charts that several calls make of one key: numbers make it a line."""
    lines = [chart for chart in charts if chart.kind is ValueKind.NUMBER] or charts
    first = min(lines, key=lambda chart: _ORDER.index(chart.verdict))
    return Chart(
        first.key,
        first.kind,
        first.verdict,
        first.axis,
        tuple(sorted({span for chart in charts for span in chart.logged})),
        first.defined,
        any(chart.is_sure for chart in charts),
    )


@dataclass(frozen=True)
class _Judge:
    """Says what the keys of a session are drawn over."""

    session: Session | None
    """None where the run is not seen."""
    definitions: tuple[Definition, ...]
    missed: frozenset[tuple[Span, str]]
    """Log calls and keys that stand out."""

    @classmethod
    def of(cls, model: TrackingModel, site: Span | None, root: int) -> _Judge:
        """The judge of what a call path does to a run."""
        if site is None:
            return cls(None, tuple(model.definitions), frozenset())
        session = model.session(site, root)
        missed = frozenset((miss.call.span, str(miss.key.name)) for miss in misses(session))
        return cls(session, session.all_definitions, missed)

    def chart(self, call: LogCall, key: LoggedKey) -> Chart:
        """What a call makes of a key."""
        is_sure = self.session is not None and call.certain and call.runs == {self.session.run}
        bound = None
        verdict = Axis.NOT_NEEDED
        if key.kind is ValueKind.NUMBER:
            bound = None if self.session is None else self.session.bound(key)
            verdict = self._verdict(call, key, bound)
        axis = None if bound is None or verdict is Axis.IS_AXIS else bound.step_metric
        if axis is None or not axis.parts:
            return Chart(key.name, key.kind, verdict, None, (call.span,), None, is_sure)
        defined = None if bound is None else bound.span
        return Chart(key.name, key.kind, verdict, axis, (call.span,), defined, is_sure)

    def _verdict(self, call: LogCall, key: LoggedKey, bound: Definition | None) -> Axis:
        session = self.session
        if session is not None and any(_is_axis_of(key, one) for one in session.definitions):
            return Axis.IS_AXIS
        if session is None or bound is None or bound.step_metric is None:
            return self._without_axis(call, key)
        if not bound.step_metric.parts:
            return Axis.DEFAULT
        if is_built_in(bound.step_metric) or _has_data(session, bound.step_metric):
            return Axis.OWN
        # What is not certain convicts nobody: WB202 reads the certain calls alone.
        return Axis.NEVER_LOGGED if call.certain and session.never_moves(bound) else Axis.OPEN

    def _without_axis(self, call: LogCall, key: LoggedKey) -> Axis:
        if (call.span, str(key.name)) in self.missed and call.certain:
            return Axis.UNCOVERED
        if self.session is not None and self.session.defines_unseen:
            return Axis.OPEN
        exact = [one for one in self.definitions if equal(one.name, key.name) is Verdict.YES]
        near = exact or [one for one in self.definitions if covers(one.name, key.name) is not Verdict.NO]
        has_axis = any(one.step_metric is not None for one in near)
        return Axis.OPEN if has_axis or any(not one.certain for one in near) else Axis.DEFAULT


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
