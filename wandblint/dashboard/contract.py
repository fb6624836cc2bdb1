"""The prediction from the code against the record of runs: every recorded key is accounted for."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

import msgspec

from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.prediction import PredictedRun
from wandblint.dashboard.record import Record, RecordedRun
from wandblint.semantics.metrics import NESTING
from wandblint.template import Template, Verdict, equal, starts_with, template

_MEDIA = f"{NESTING}_type"


class KeySource(enum.Enum):
    """What of the prediction a recorded key is. Of several the first one listed counts."""

    KEY = "key"
    """A key that is predicted under its name."""
    TEMPLATE = "template"
    """A key that is predicted but for some pieces of it."""
    NESTED = "nested"
    """It lies inside a predicted key, whose value is a dictionary."""
    AXIS = "axis"
    """The axis of a definition, which wandb adds to the rows that lack it."""
    OPEN = "open"
    """What a log call whose keys are not all known may log."""
    NONE = "not-predicted"
    """Nothing that is predicted."""


class KeyComparison(msgspec.Struct, frozen=True):
    """A recorded key, and what of the prediction it is."""

    run_id: str
    key: str
    source: KeySource
    predicted: tuple[tuple[PredictedRun, PredictedChart], ...] = ()
    """The charts that it may be, each with its run."""
    axes: frozenset[str | None] = frozenset()
    """The x-axes that the record gives it; none where it holds no number."""

    @property
    def axis_differs(self) -> bool:
        """Whether the record gives it an axis that no chart that it may be has."""
        charts = [chart for _, chart in self.predicted]
        return self.source in {KeySource.KEY, KeySource.TEMPLATE} and not all(
            any(_allows(chart, axis) for chart in charts) for axis in self.axes
        )


class Comparison(msgspec.Struct, frozen=True):
    """What the record holds beside the prediction, and what it lacks."""

    keys: tuple[KeyComparison, ...]
    """Of every recorded key, by run and key."""
    never_recorded: tuple[tuple[PredictedRun, PredictedChart], ...]
    """Keys that are certainly logged to a run of which other keys are recorded."""
    not_run: tuple[PredictedRun, ...]
    """Runs of which nothing at all is recorded: they were not run."""

    def of(self, source: KeySource) -> list[KeyComparison]:
        """The recorded keys that are this of the prediction."""
        return [account for account in self.keys if account.source is source]

    @property
    def other_axes(self) -> list[KeyComparison]:
        """The recorded keys with an axis that is not predicted."""
        return [account for account in self.keys if account.axis_differs]

    @property
    def differences(self) -> int:
        """In how many keys the two do not say the same."""
        return len(self.of(KeySource.NONE)) + len(self.never_recorded) + len(self.other_axes)


def compare(record: Record, predicted: Sequence[PredictedRun]) -> Comparison:
    """Holds the record against the prediction.

    A log does not say which `wandb.init` opened its run, and several scripts may resume one run, so each
    recorded run is held against all that is predicted.
    """
    charts = [(run, chart) for run in predicted for chart in run.charts]
    is_open = any(run.may_log_more for run in predicted)
    accounts = tuple(
        _account(run.id, key, axes, charts, is_open=is_open)
        for run in record.runs
        for key, axes in sorted(_keys(run).items())
    )
    lacking = [
        (run, chart)
        for run, found in _begun(predicted, accounts)
        for chart in run.charts
        if chart.is_sure and not chart.key.is_open and str(chart.key) not in found
    ]
    not_run = [run for run in predicted if run.site is not None and run.charts and not _found(run, accounts)]
    return Comparison(accounts, tuple(lacking), tuple(not_run))


def _begun(
    predicted: Sequence[PredictedRun], accounts: Sequence[KeyComparison]
) -> Iterator[tuple[PredictedRun, frozenset[str]]]:
    """The runs that seem to be recorded, each with its keys that are.

    One of which only such keys are recorded as another one has too, and that one has more, may not have run.
    """
    found = [(run, _found(run, accounts)) for run in predicted]
    return ((run, keys) for run, keys in found if keys and not any(keys < other for _, other in found))


def _found(run: PredictedRun, accounts: Sequence[KeyComparison]) -> frozenset[str]:
    """The keys of a predicted run that are recorded."""
    return frozenset(
        str(chart.key)
        for account in accounts
        if account.source is not KeySource.AXIS
        for of_it, chart in account.predicted
        if of_it is run
    )


def _keys(run: RecordedRun) -> dict[str, frozenset[str | None]]:
    """The keys of a run as code names them, media as one, each with the axes of its numbers."""
    others = {key for log in run.logs for key in log.others}
    media = tuple(key.removesuffix(_MEDIA) for key in others if key.endswith(_MEDIA))
    parts = tuple(f"{key}{NESTING}" for key in media)
    found: dict[str, frozenset[str | None]] = dict.fromkeys(media, frozenset())
    found |= {key: frozenset() for key in others if not key.startswith(parts)}
    return found | {chart.key: chart.axes for chart in run.charts}


def _account(
    run_id: str,
    key: str,
    axes: frozenset[str | None],
    charts: Sequence[tuple[PredictedRun, PredictedChart]],
    *,
    is_open: bool,
) -> KeyComparison:
    name = template(key)
    for source in (KeySource.KEY, KeySource.TEMPLATE, KeySource.NESTED, KeySource.AXIS):
        of_it = tuple(pair for pair in charts if _is(source, pair[1], name))
        if of_it:
            return KeyComparison(run_id, key, source, of_it, axes)
    of_it = tuple(pair for pair in charts if pair[1].key.is_open)
    return KeyComparison(run_id, key, KeySource.OPEN if of_it or is_open else KeySource.NONE, of_it, axes)


def _is(source: KeySource, chart: PredictedChart, name: Template) -> bool:
    """Whether a recorded key may be this of a predicted chart."""
    if source is KeySource.KEY:
        return chart.key == name
    if source is KeySource.TEMPLATE:
        return not chart.key.is_open and equal(chart.key, name) is not Verdict.NO
    if source is KeySource.NESTED:
        inside = template(*chart.key.parts, NESTING)
        return not chart.key.is_open and starts_with(name, inside) is not Verdict.NO
    return chart.axis is not None and equal(chart.axis, name) is not Verdict.NO


def _allows(chart: PredictedChart, axis: str | None) -> bool:
    """Whether the prediction leaves room for a recorded axis."""
    if chart.verdict in {Axis.DEFAULT, Axis.UNCOVERED}:
        return axis is None
    if chart.verdict in {Axis.OWN, Axis.NEVER_LOGGED}:
        return (
            axis is not None
            and chart.axis is not None
            and equal(chart.axis, template(axis)) is not Verdict.NO
        )
    return True


def explain(comparison: Comparison) -> Iterator[tuple[KeySource, int]]:
    """How many recorded keys are what of the prediction."""
    return ((source, len(of_it)) for source in KeySource if (of_it := comparison.of(source)))
