"""What the dashboard will hold, told from the code alone: the runs that are opened and their charts.

The model speaks of call paths; a prediction gathers what they do to the run of one init site. A claim that
is not certain is made nowhere here: such a chart is `OPEN`.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace

from wandblint.coverage import misses
from wandblint.finding import Span
from wandblint.model import Definition, Entry, Init, LogCall, LoggedKey, Session, TrackingModel, ValueKind
from wandblint.semantics.axes import covers, is_built_in
from wandblint.semantics.runs import records_nothing
from wandblint.template import Template, Verdict, equal, template


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
_NOTHING = template()


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
    is_sure: bool = False
    """Whether some call certainly logs it to this run, and not to one of several."""

    @property
    def look(self) -> tuple[object, ...]:
        """What people see of it: its holes are told by their words."""
        return (str(self.key), str(self.axis), replace(self, key=_NOTHING, axis=None))


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
    open_calls: tuple[Span, ...]
    """Log calls that may be on it whose keys are not all known."""
    unseen: tuple[Span, ...]
    """Places from which on anything may be logged unseen: frameworks do, and what is too long to follow."""
    unread: tuple[str, ...]
    """Files that mention wandb and cannot be read."""
    may_be: tuple[Span, ...]
    """Other init sites whose run may be this one: it resumes theirs, or they return it."""

    @property
    def may_log_more(self) -> bool:
        """Whether it may hold keys that are not among the charts."""
        return bool(self.open_calls or self.unseen or self.unread)

    @property
    def look(self) -> tuple[object, ...]:
        """What people see of it, but for who opens it."""
        return (tuple(chart.look for chart in self.charts), replace(self, charts=(), openings=()))


def predict(model: TrackingModel) -> list[PredictedRun]:
    """The runs of a project by init site, each key of a run in exactly one chart; the unseen run is last."""
    inits: dict[tuple[Span, int], list[Init]] = defaultdict(list)
    for init in model.inits:
        if not _is_disabled(init):
            inits[init.span, init.root].append(init)
    opened: dict[Span, set[int]] = defaultdict(set)
    for site, root in inits:
        opened[site].add(root)
    runs: dict[tuple[object, ...], PredictedRun] = {}
    for (site, root), made in sorted(inits.items(), key=lambda item: item[0]):
        run = _run(model, site, root, opened[site])
        alike = runs.setdefault(run.look, run)
        ways = [Opening(model.entries.get(root), init.path) for init in made]
        runs[run.look] = replace(alike, openings=tuple(dict.fromkeys([*alike.openings, *ways])))
    return [*runs.values(), *_unseen(model)]


def _is_disabled(init: Init) -> bool:
    mode = init.argument("mode")
    return mode is not None and isinstance(mode.literal, str) and records_nothing(mode.literal)


def _run(model: TrackingModel, site: Span, root: int, opened: set[int]) -> PredictedRun:
    """The run as one call path opens it, with what paths do to it that open no run there."""
    calls = [c for c in model.log_calls if site in c.runs and (c.root == root or c.root not in opened)]
    return PredictedRun(
        site,
        (),
        tuple(_charts(model, site, calls)),
        _open_places(model.session(site, root).rows),
        _unseen_places(model, {root}),
        tuple(model.unread_files),
        tuple(sorted(model.sharing(site) - {site})),
    )


def _unseen(model: TrackingModel) -> Iterator[PredictedRun]:
    """What is logged to a run that is not seen."""
    calls = [call for call in model.log_calls if not call.runs]
    if calls:
        yield PredictedRun(
            None,
            (),
            tuple(_charts(model, None, calls)),
            _open_places(calls),
            _unseen_places(model, {call.root for call in calls}),
            tuple(model.unread_files),
            tuple(sorted({init.span for init in model.inits if not _is_disabled(init)})),
        )


def _open_places(calls: Iterable[LogCall]) -> tuple[Span, ...]:
    return tuple(sorted({call.span for call in calls if call.is_open}))


def _unseen_places(model: TrackingModel, roots: Set[int]) -> tuple[Span, ...]:
    return tuple(sorted({span for span, root in model.hidden_loggers if root in {*roots, -1}}))


def _charts(model: TrackingModel, site: Span | None, calls: Iterable[LogCall]) -> Iterator[Chart]:
    """One chart a key, by key."""
    found: dict[str, list[Chart]] = defaultdict(list)
    judges: dict[int, _Judge] = {}
    certain = _certain(model, site)
    for call in calls:
        if call.root not in judges:
            judges[call.root] = _Judge.of(model, site, call.root)
        for key in call.keys:
            chart = judges[call.root].chart(call, key)
            found[str(key.name)].append(replace(chart, is_sure=call in certain))
    for _, same in sorted(found.items()):
        yield _together(same)


def _certain(model: TrackingModel, site: Span | None) -> frozenset[LogCall]:
    """The log calls that are certainly on the run of a site.

    A call on one of several runs is in the model once a run, with the same way to it.
    """
    runs: dict[tuple[Span, int, tuple[Span, ...]], set[Span]] = defaultdict(set)
    for call in model.log_calls:
        runs[call.span, call.root, call.path] |= call.runs
    return frozenset(
        call
        for call in model.log_calls
        if call.certain
        and call.root not in model.looked_at
        and runs[call.span, call.root, call.path] == {site}
    )


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
        bound = None
        verdict = Axis.NOT_NEEDED
        if key.kind is ValueKind.NUMBER:
            bound = None if self.session is None else self.session.bound(key)
            verdict = self._verdict(call, key, bound)
        axis = None if bound is None or verdict is Axis.IS_AXIS else bound.step_metric
        if axis is None or not axis.parts:
            return Chart(key.name, key.kind, verdict, None, (call.span,), None)
        defined = None if bound is None else bound.span
        return Chart(key.name, key.kind, verdict, axis, (call.span,), defined)

    def _verdict(self, call: LogCall, key: LoggedKey, bound: Definition | None) -> Axis:
        session = self.session
        # What is not certain convicts nobody: WB202 reads the certain calls alone.
        if session is not None and bound is not None and call.certain and session.never_moves(bound):
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
