"""What the dashboard will hold, told from the code alone: the runs that are opened and their charts.

The model speaks of call paths; a prediction gathers what they do to the run of one init site. A claim that
is not certain is made nowhere here: such a chart is `OPEN`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

import msgspec
from msgspec.structs import replace

from wandblint.dashboard.charts import Axis, ChartJudge, PredictedChart
from wandblint.model.events import EntryLocation, Init, LogCall, ValueKind
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.runs import records_nothing
from wandblint.span import Span

_ORDER = list(Axis)


class PredictedOpening(msgspec.Struct, frozen=True):
    """One way to the init: the script, or the function that nobody calls, and the calls that lead there.

    `entry` is None for an init that nothing reaches.
    """

    entry: EntryLocation | None
    path: tuple[Span, ...]


class PredictedRun(msgspec.Struct, frozen=True):
    """The run of an init site as some call paths open it; those that would see the same charts are one.

    `site` is None for what is logged to a run that is not seen: one that a caller hands over, for instance.
    """

    site: Span | None
    openings: tuple[PredictedOpening, ...]
    charts: tuple[PredictedChart, ...]
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
    def sort_key(self) -> tuple[object, ...]:
        """What people see of it, but for who opens it."""
        return (
            tuple(chart.sort_key for chart in self.charts),
            replace(self, charts=(), openings=()),
        )


def predict(model: TrackingModel) -> list[PredictedRun]:
    """The runs of a project by init site, each key of a run in exactly one chart; the unseen run is last."""
    inits: dict[tuple[Span, int], list[Init]] = defaultdict(list)
    for init in model.inits:
        if not _is_disabled(init):
            inits[init.span, init.entry_id].append(init)
    opened: dict[Span, set[int]] = defaultdict(set)
    for site, root in inits:
        opened[site].add(root)
    runs: dict[tuple[object, ...], PredictedRun] = {}
    for (site, root), made in sorted(inits.items(), key=lambda item: item[0]):
        run = _run(model, site, root, opened[site])
        alike = runs.setdefault(run.sort_key, run)
        ways = [PredictedOpening(model.entry_points.get(root), init.call_stack) for init in made]
        runs[run.sort_key] = replace(alike, openings=tuple(dict.fromkeys([*alike.openings, *ways])))
    return [*runs.values(), *_unseen(model)]


def _is_disabled(init: Init) -> bool:
    mode = init.argument("mode")
    return mode is not None and isinstance(mode.literal, str) and records_nothing(mode.literal)


def _run(model: TrackingModel, site: Span, root: int, opened: set[int]) -> PredictedRun:
    """The run as one call path opens it, with what paths do to it that open no run there."""
    calls = [
        c for c in model.log_calls if site in c.runs and (c.entry_id == root or c.entry_id not in opened)
    ]
    # What nothing reaches is not followed: its run is known and what is logged to it is not.
    unreached = () if root in model.entry_points else (site,)
    return PredictedRun(
        site,
        (),
        tuple(_charts(model, site, calls)),
        _open_places(model.session(site, root).rows),
        (*_unseen_places(model, {root}), *unreached),
        tuple(model.unread_files),
        tuple(sorted(model.runs_shared_with(site) - {site})),
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
            _unseen_places(model, {call.entry_id for call in calls}),
            tuple(model.unread_files),
            tuple(sorted({init.span for init in model.inits if not _is_disabled(init)})),
        )


def _open_places(calls: Iterable[LogCall]) -> tuple[Span, ...]:
    return tuple(sorted({call.span for call in calls if call.is_open}))


def _unseen_places(model: TrackingModel, roots: Set[int]) -> tuple[Span, ...]:
    return tuple(sorted({span for span, root in model.unseen_effects if root in {*roots, -1}}))


def _charts(model: TrackingModel, site: Span | None, calls: Iterable[LogCall]) -> Iterator[PredictedChart]:
    """One chart a key, by key."""
    found: dict[str, list[PredictedChart]] = defaultdict(list)
    judges: dict[int, ChartJudge] = {}
    certain = _certain(model, site)
    for call in calls:
        if call.entry_id not in judges:
            judges[call.entry_id] = ChartJudge.charts(model, site, call.entry_id)
        for key in call.keys:
            chart = judges[call.entry_id].chart(call, key)
            found[str(key.name)].append(replace(chart, is_sure=call in certain))
    for _, same in sorted(found.items()):
        yield _together(same)


def _certain(model: TrackingModel, site: Span | None) -> frozenset[LogCall]:
    """The log calls that are certainly on the run of a site.

    A call on one of several runs is in the model once a run, with the same way to it.
    """
    runs: dict[tuple[Span, int, tuple[Span, ...]], set[Span]] = defaultdict(set)
    for call in model.log_calls:
        runs[call.span, call.entry_id, call.call_stack] |= call.runs
    return frozenset(
        call
        for call in model.log_calls
        if call.is_must
        and call.entry_id not in model.approximate_only
        and runs[call.span, call.entry_id, call.call_stack] == {site}
    )


def _together(charts: list[PredictedChart]) -> PredictedChart:
    """The charts that several calls make of one key: numbers make it a line."""
    lines = [chart for chart in charts if chart.kind is ValueKind.NUMBER] or charts
    first = min(lines, key=lambda chart: _ORDER.index(chart.verdict))
    return PredictedChart(
        first.key,
        first.kind,
        first.verdict,
        first.axis,
        tuple(sorted({span for chart in charts for span in chart.logged})),
        first.defined,
        any(chart.is_sure for chart in charts),
    )
