"""Comparison of the prediction with recorded runs: it accounts for every recorded key."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence, Set

import msgspec
from msgspec.structs import replace

from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.prediction import PredictedRun
from wandblint.dashboard.record import Record, RecordedRun
from wandblint.semantics.metrics import NESTING
from wandblint.template import Template, Verdict, equal, starts_with, template

_MEDIA = f"{NESTING}_type"


class KeySource(enum.Enum):
    """Which part of the prediction explains a recorded key. Of several, the first one listed counts."""

    KEY = "key"
    """A key predicted under its full name."""
    TEMPLATE = "template"
    """A key predicted except for some holes."""
    NESTED = "nested"
    """A key inside a predicted key, whose value is a dictionary."""
    AXIS = "axis"
    """The axis of a definition, which wandb adds to rows without it."""
    OPEN = "open"
    """A log call whose keys are not all known."""
    NONE = "not-predicted"
    """No part of the prediction."""


class KeyComparison(msgspec.Struct, frozen=True):
    """A recorded key, and the part of the prediction that explains it."""

    run_id: str
    key: str
    source: KeySource
    predicted: tuple[tuple[PredictedRun, PredictedChart], ...] = ()
    """The charts that it may be, each with its run."""
    axes: frozenset[str | None] = frozenset()
    """Its recorded x-axes; empty if it contains no number."""
    moving: frozenset[str] = frozenset()
    """Those of them that some code has logged."""

    @property
    def axis_differs(self) -> bool:
        """Whether it has a recorded axis that none of the charts has."""
        charts = [chart for _, chart in self.predicted]
        return self.source in {KeySource.KEY, KeySource.TEMPLATE} and not all(
            any(_allows(chart, axis, self.moving) for chart in charts) for axis in self.axes
        )


class Comparison(msgspec.Struct, frozen=True):
    """The differences between record and prediction."""

    keys: tuple[KeyComparison, ...]
    """One per recorded key, by run and key."""
    never_recorded: tuple[tuple[PredictedRun, PredictedChart], ...]
    """Unrecorded keys that are certainly logged to a run with other recorded keys."""
    not_run: tuple[PredictedRun, ...]
    """Runs without any recorded key: they did not run."""
    recorded_twice: tuple[tuple[str, str], ...] = ()
    """Axes with a dot in their name, each with its run: wandb looks for a nested key, and adds it as 0."""

    def of(self, source: KeySource) -> list[KeyComparison]:
        """The recorded keys that this part of the prediction explains."""
        return [comparison for comparison in self.keys if comparison.source is source]

    @property
    def other_axes(self) -> list[KeyComparison]:
        """The recorded keys with an unpredicted axis."""
        return [comparison for comparison in self.keys if comparison.axis_differs]

    @property
    def differences(self) -> int:
        """The number of keys in which record and prediction differ."""
        keys = len(self.of(KeySource.NONE)) + len(self.never_recorded) + len(self.other_axes)
        return keys + len(self.recorded_twice)


def compare(record: Record, predicted: Sequence[PredictedRun]) -> Comparison:
    """Compare the record with the prediction.

    A log does not say which `wandb.init` opened its run, and several scripts may resume one run, so each
    recorded run is compared with all predicted runs.
    """
    charts = [(run, chart) for run in predicted for chart in run.charts]
    is_open = any(run.may_log_more for run in predicted)
    comparisons = tuple(
        replace(_compare_key(run.id, key, axes, charts, is_open=is_open), moving=run.moving(axes))
        for run in record.runs
        for key, axes in sorted(_keys(run).items())
    )
    missing = [
        (run, chart)
        for run, recorded in _executed(predicted, comparisons)
        for chart in run.charts
        if chart.is_sure and not chart.key.is_open and str(chart.key) not in recorded
    ]
    not_run = [
        run for run in predicted if run.site is not None and run.charts and not _recorded(run, comparisons)
    ]
    twice = sorted({(run.id, axis) for run, log in record.logs() for axis in log.recorded_twice})
    return Comparison(comparisons, tuple(missing), tuple(not_run), tuple(twice))


def _executed(
    predicted: Sequence[PredictedRun], comparisons: Sequence[KeyComparison]
) -> Iterator[tuple[PredictedRun, frozenset[str]]]:
    """The runs that seem to have run, each with its recorded keys.

    A run whose recorded keys are a proper subset of another run's may not have run.
    """
    recorded = [(run, _recorded(run, comparisons)) for run in predicted]
    return (
        (run, keys) for run, keys in recorded if keys and not any(keys < others for _, others in recorded)
    )


def _recorded(run: PredictedRun, comparisons: Sequence[KeyComparison]) -> frozenset[str]:
    """The recorded keys of a predicted run."""
    return frozenset(
        str(chart.key)
        for comparison in comparisons
        if comparison.source is not KeySource.AXIS
        for matched, chart in comparison.predicted
        if matched is run
    )


def _keys(run: RecordedRun) -> dict[str, frozenset[str | None]]:
    """The keys of a run as code spells them (media as one key), each with the axes of its numbers."""
    without_numbers = {key for log in run.logs for key in log.others}
    media = tuple(key.removesuffix(_MEDIA) for key in without_numbers if key.endswith(_MEDIA))
    parts = tuple(f"{key}{NESTING}" for key in media)
    keys: dict[str, frozenset[str | None]] = dict.fromkeys(media, frozenset())
    keys |= {key: frozenset() for key in without_numbers if not key.startswith(parts)}
    return keys | {chart.key: chart.axes for chart in run.charts}


def _compare_key(
    run_id: str,
    key: str,
    axes: frozenset[str | None],
    charts: Sequence[tuple[PredictedRun, PredictedChart]],
    *,
    is_open: bool,
) -> KeyComparison:
    name = template(key)
    for source in (KeySource.KEY, KeySource.TEMPLATE, KeySource.NESTED, KeySource.AXIS):
        matching = tuple(pair for pair in charts if _may_explain(source, pair[1], name))
        if matching:
            return KeyComparison(run_id, key, source, matching, axes)
    matching = tuple(pair for pair in charts if pair[1].key.is_open)
    return KeyComparison(
        run_id, key, KeySource.OPEN if matching or is_open else KeySource.NONE, matching, axes
    )


def _may_explain(source: KeySource, chart: PredictedChart, name: Template) -> bool:
    """Whether this part of a predicted chart may explain a recorded key."""
    if source is KeySource.KEY:
        return chart.key == name
    if source is KeySource.TEMPLATE:
        return not chart.key.is_open and equal(chart.key, name) is not Verdict.NO
    if source is KeySource.NESTED:
        inside = template(*chart.key.parts, NESTING)
        return not chart.key.is_open and starts_with(name, inside) is not Verdict.NO
    return chart.axis is not None and equal(chart.axis, name) is not Verdict.NO


def _allows(chart: PredictedChart, axis: str | None, moving: Set[str]) -> bool:
    """Whether a recorded axis is compatible with the prediction."""
    if chart.verdict in {Axis.DEFAULT, Axis.UNCOVERED}:
        return axis is None
    if chart.verdict in {Axis.OWN, Axis.NEVER_LOGGED}:
        return not (chart.verdict is Axis.NEVER_LOGGED and axis in moving) and (
            axis is not None
            and chart.axis is not None
            and equal(chart.axis, template(axis)) is not Verdict.NO
        )
    return True


def explain(comparison: Comparison) -> Iterator[tuple[KeySource, int]]:
    """How many recorded keys each part of the prediction explains."""
    return ((source, len(keys)) for source in KeySource if (keys := comparison.of(source)))
