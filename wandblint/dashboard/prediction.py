"""Prediction of the dashboard from code alone: the runs and their charts.

The model describes entry points; a prediction gathers what they do to the run of one init site. An uncertain
chart is `OPEN`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec
from msgspec.structs import replace

from wandblint.dashboard import refused_rows
from wandblint.dashboard.charts import Axis, ChartPredictor, PredictedChart
from wandblint.dashboard.details import RunDetails, details
from wandblint.model.control_flow import BranchKind, Condition
from wandblint.model.events import EntryLocation, FrontEndRun, Init, LogCall, ValueKind
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span

_ORDER = list(Axis)


class PredictedOpening(msgspec.Struct, frozen=True):
    """A call stack that reaches the init: its entry point and the calls that lead there.

    `entry` is None for an init that nothing reaches.
    """

    entry: EntryLocation | None
    path: tuple[Span, ...]


class PredictedRun(msgspec.Struct, frozen=True):
    """The run of an init site; entry points that give it the same charts share one prediction.

    `site` is None for log calls on unseen runs, such as a run that an unseen caller passes.
    """

    site: Span | None
    openings: tuple[PredictedOpening, ...]
    charts: tuple[PredictedChart, ...]
    open_calls: tuple[Span, ...]
    """Log calls that may be on it and may log more than the known keys."""
    unseen: tuple[Span, ...]
    """Places after which any key may be logged: calls of frameworks, or code over budget."""
    unread: tuple[str, ...]
    """Files that mention wandb and cannot be read."""
    may_be: tuple[Span, ...]
    """Other init sites whose run may be this one: it resumes theirs, or they return it."""
    front_end: str = ""
    """The library call that opens it by itself; empty for a `wandb.init`."""
    refused: tuple[Span, ...] = ()
    """Log calls that reach it only when it is finished: wandb raises, so their rows are not drawn."""
    too_early: tuple[Span, ...] = ()
    """Log calls before it is opened, while no other run is open: wandb raises, too."""
    details: RunDetails = RunDetails()

    @property
    def may_log_more(self) -> bool:
        """Whether keys other than those of the charts may be logged."""
        return bool(self.open_calls or self.unseen or self.unread)

    @property
    def sort_key(self) -> tuple[object, ...]:
        """A key of everything that users see, except for the openings."""
        return (tuple(chart.sort_key for chart in self.charts), replace(self, charts=(), openings=()))


def predict(model: TrackingModel) -> list[PredictedRun]:
    """The runs of a project by init site, each key of a run in exactly one chart; the unseen run is last."""
    opening = _opening_inits(model)
    entries: dict[Span, set[int]] = defaultdict(set)
    for site, entry_id in opening:
        entries[site].add(entry_id)
    runs: dict[tuple[object, ...], PredictedRun] = {}
    for (site, entry_id), site_inits in sorted(opening.items(), key=lambda item: item[0]):
        run = _run(model, site, entry_id, entries, site_inits)
        first = runs.setdefault(run.sort_key, run)
        openings = [
            PredictedOpening(model.entry_points.get(entry_id), init.call_stack) for init in site_inits
        ]
        runs[run.sort_key] = replace(first, openings=tuple(dict.fromkeys([*first.openings, *openings])))
    by_front_ends = _front_end_runs(model)
    attributed = frozenset(event.entry_id for event in model.front_end_runs) if by_front_ends else frozenset()
    return [*runs.values(), *by_front_ends, *_unseen(model, attributed)]


def _front_end_runs(model: TrackingModel) -> list[PredictedRun]:
    """The runs that front ends open: a log call whose run is not known may be on them."""
    events: dict[tuple[Span, int], list[FrontEndRun]] = defaultdict(list)
    by_script = {event.span for event in model.front_end_runs if _is_script(model, event.entry_id)}
    for event in model.front_end_runs:
        if event.span not in by_script or _is_script(model, event.entry_id):
            events[event.span, event.entry_id].append(event)
    runs: dict[tuple[object, ...], PredictedRun] = {}
    for (site, entry_id), same in sorted(events.items(), key=lambda item: item[0]):
        calls = [call for call in model.log_calls if not call.runs and call.entry_id == entry_id]
        run = PredictedRun(
            site,
            (),
            tuple(_charts(model, None, calls, None)),
            _open_places(calls),
            _unseen_places(model, {entry_id}),
            tuple(model.unread_files),
            (),
            same[0].front_end,
        )
        first = runs.setdefault(run.sort_key, run)
        openings = [PredictedOpening(model.entry_points.get(entry_id), event.call_stack) for event in same]
        runs[run.sort_key] = replace(first, openings=tuple(dict.fromkeys([*first.openings, *openings])))
    return list(runs.values())


def _opening_inits(model: TrackingModel) -> dict[tuple[Span, int], list[Init]]:
    """The inits that may open a run that is recorded, by place and entry point."""
    by_script = {(init.span, init.call_stack) for init in model.inits if _is_script(model, init.entry_id)}
    returning: set[Span] = set()
    inits: dict[tuple[Span, int], list[Init]] = defaultdict(list)
    for init in model.inits:
        if init.returns_open_run:
            returning.add(init.span)
        elif not init.is_disabled and (
            # A function of a script that nobody calls runs in the script's process, after its module.
            _is_script(model, init.entry_id) or (init.span, init.call_stack) not in by_script
        ):
            inits[init.span, init.entry_id].append(init)
    # An approximation repeats what other entry points do.
    known = returning.union(site for site, entry_id in inits if entry_id not in model.approximate_only)
    return {
        (site, entry_id): site_inits
        for (site, entry_id), site_inits in inits.items()
        if entry_id not in model.approximate_only or site not in known
    }


def _is_script(model: TrackingModel, entry_id: int) -> bool:
    """Whether an entry point is a file that runs as a script, and is analyzed as one."""
    entry = model.entry_points.get(entry_id)
    return entry is not None and not entry.name and entry_id not in model.approximate_only


def _run(
    model: TrackingModel,
    site: Span,
    entry_id: int,
    entries: Mapping[Span, Set[int]],
    inits: Sequence[Init],
) -> PredictedRun:
    """The run as one entry point opens it, with the log calls of entry points that do not open it."""
    calls = [
        call
        for call in model.log_calls
        if site in call.runs and (call.entry_id == entry_id or call.entry_id not in entries[site])
    ]
    # The analysis only approximates code that nothing reaches: it may log more to its run.
    unreached = () if entry_id in model.entry_points else (site,)
    return PredictedRun(
        site,
        (),
        tuple(_charts(model, site, calls, entry_id)),
        _open_places(model.session(site, entry_id).rows),
        (*_unseen_places(model, {entry_id}), *unreached),
        tuple(model.unread_files),
        tuple(sorted((model.runs_shared_with(site) & entries.keys()) - {site})),
        refused=refused_rows.after_end(model, site, entry_id),
        too_early=refused_rows.before_init(model, site, entry_id),
        details=details(model, site, entry_id, inits),
    )


def _unseen(model: TrackingModel, attributed: Set[int]) -> Iterator[PredictedRun]:
    """The prediction for log calls on unseen runs, except those of some entry points."""
    calls = [call for call in model.log_calls if not call.runs and call.entry_id not in attributed]
    too_early = refused_rows.without_run(model)
    if calls or too_early:
        front_ends = {event.span for event in model.front_end_runs}
        yield PredictedRun(
            None,
            (),
            tuple(_charts(model, None, calls, None)),
            _open_places(calls),
            _unseen_places(model, {call.entry_id for call in calls}),
            tuple(model.unread_files),
            tuple(sorted({*(site for site, _ in _opening_inits(model)), *front_ends})) if calls else (),
            too_early=too_early,
        )


def _open_places(calls: Iterable[LogCall]) -> tuple[Span, ...]:
    return tuple(sorted({call.span for call in calls if call.is_open}))


def _unseen_places(model: TrackingModel, entry_ids: Set[int]) -> tuple[Span, ...]:
    return tuple(sorted({span for span, entry_id in model.unseen_effects if entry_id in {*entry_ids, -1}}))


def _charts(
    model: TrackingModel, site: Span | None, calls: Iterable[LogCall], entry_id: int | None
) -> Iterator[PredictedChart]:
    """One chart per key, by key. Only the entry point that opens the run certainly logs to it."""
    charts: dict[str, list[PredictedChart]] = defaultdict(list)
    predictors: dict[int, ChartPredictor] = {}
    certain = _certain(model, site)
    exactly_known: set[str] = set()
    # An approximation adds keys, but says nothing about those that are known without it.
    for call in sorted(calls, key=lambda call: call.entry_id in model.approximate_only):
        if call.entry_id not in predictors:
            predictors[call.entry_id] = ChartPredictor.for_run(model, site, call.entry_id)
        is_certain = call in certain and call.entry_id == entry_id
        for key in call.keys:
            name = str(key.name)
            if call.entry_id not in model.approximate_only:
                exactly_known.add(name)
            elif name in exactly_known:
                continue
            chart = predictors[call.entry_id].chart(call, key)
            charts[name].append(replace(chart, is_sure=is_certain and not key.is_alternative))
    for _, key_charts in sorted(charts.items()):
        yield _merged(key_charts)


_MAY_NOT_RUN = frozenset(
    {BranchKind.ALTERNATIVE, BranchKind.BY_NAME, BranchKind.CALLBACK, BranchKind.CASE, BranchKind.EXCEPT}
    | {BranchKind.THREAD}
)
"""What decides whether code runs that no run need reach. The code after a test counts as run."""


def _certain(model: TrackingModel, site: Span | None) -> frozenset[LogCall]:
    """The log calls that are certainly on the run of a site.

    A call on one of several runs is in the model once per run, with the same call stack.
    """
    runs: dict[tuple[Span, int, tuple[Span, ...]], set[Span]] = defaultdict(set)
    for call in model.log_calls:
        runs[call.span, call.entry_id, call.call_stack] |= call.runs
    return frozenset(
        call
        for call in model.log_calls
        if call.is_must
        and call.entry_id not in model.approximate_only
        and not any(
            isinstance(step, Condition) and step.kind in _MAY_NOT_RUN for step in call.point.control_context
        )
        and runs[call.span, call.entry_id, call.call_stack] == {site}
    )


def _merged(charts: list[PredictedChart]) -> PredictedChart:
    """One chart for the charts of several calls of one key: numbers make it a line."""
    lines = [chart for chart in charts if chart.kind is ValueKind.NUMBER] or charts
    first = min(lines, key=lambda chart: _ORDER.index(chart.verdict))
    return replace(
        first,
        logged=tuple(sorted({span for chart in charts for span in chart.logged})),
        is_sure=any(chart.is_sure for chart in charts),
    )
