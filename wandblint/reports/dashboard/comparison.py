"""The comparison of record and prediction, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wandblint.dashboard.charts import Axis, PredictedChart
from wandblint.dashboard.contract import Comparison, KeyComparison, KeySource, explain
from wandblint.dashboard.prediction import PredictedRun
from wandblint.infra.words import join_names, pluralize
from wandblint.reports.dashboard.prediction import ShownRun, describe_axis, list_locations
from wandblint.reports.dashboard.prediction_json import location_object, location_objects
from wandblint.reports.display import printable
from wandblint.reports.style import GREEN, RED, YELLOW, Style
from wandblint.reports.text import item

_SOURCE_TEXTS = {
    KeySource.KEY: "predicted by name",
    KeySource.TEMPLATE: "predicted by a name with holes",
    KeySource.NESTED: "inside a predicted key",
    KeySource.AXIS: "axis that wandb added",
    KeySource.OPEN: "perhaps logged by a call whose keys are unknown",
    KeySource.NONE: "not predicted",
}

_TWICE = "recorded twice, as this key and as the nested key that wandb makes of a name with dots,"


def comparison_report(comparison: Comparison, runs: Sequence[ShownRun], style: Style) -> Iterator[str]:
    """Yields the differences, the runs that are not recorded, and the number of recorded keys by source."""
    yield style.paint("the record against the code", bold=True)
    for key in comparison.of(KeySource.NONE):
        yield from _difference(key.key, f"recorded in run {key.run_id}, not predicted", RED, style)
    for key in comparison.other_axes:
        logged = join_names(list(dict.fromkeys(_log_calls(*pair, runs) for pair in key.predicted)))
        yield from _difference(key.key, f"{_axes(key)} ({logged})", RED, style)
    for run_id, axis in comparison.recorded_twice:
        yield from _difference(axis, f"{_TWICE} in run {run_id}", RED, style)
    for run, chart in comparison.never_recorded:
        text = f"predicted ({_log_calls(run, chart, runs)}), never recorded"
        yield from _difference(str(chart.key), text, YELLOW, style)
    for run in comparison.not_run:
        if run.site is not None:
            site = list_locations(_find(run, runs), [run.site])
            yield from item("not recorded:", f" the run opened at {site}", "  ", style)
    if not comparison.differences:
        yield f"  {style.paint('no difference', GREEN)}"
    counts = ", ".join(f"{number} {_SOURCE_TEXTS[source]}" for source, number in explain(comparison))
    keys = pluralize(len(comparison.keys), "recorded key")
    yield from item(f"{keys}:", f" {counts}" if counts else "", "  ", style)
    yield ""


def comparison_concise(comparison: Comparison, runs: Sequence[ShownRun]) -> Iterator[str]:
    """Yields one line per difference."""
    for key in comparison.of(KeySource.NONE):
        yield printable(f"run {key.run_id}: `{key.key}` is recorded, not predicted")
    for key in comparison.other_axes:
        yield printable(f"run {key.run_id}: `{key.key}` is {_axes(key)}")
    for run_id, axis in comparison.recorded_twice:
        yield printable(f"run {run_id}: `{axis}` is {_TWICE.rstrip(',')}")
    for run, chart in comparison.never_recorded:
        location = _find(run, runs).place(chart.logged[0])
        yield printable(f"{location}: `{chart.key}` is predicted, never recorded")


def comparison_object(comparison: Comparison, runs: Sequence[ShownRun]) -> dict[str, object]:
    """The comparison for JSON. Its fields are stable: new ones may appear, existing ones never change."""
    return {
        "agrees": not comparison.differences,
        "keys": [
            {
                "run": key.run_id,
                "key": key.key,
                "source": key.source.value,
                "predicted": sorted({str(chart.key) for _, chart in key.predicted}),
                "recorded_axes": _sorted_axes(key),
                "axis_differs": key.axis_differs,
            }
            for key in comparison.keys
        ],
        "recorded_twice": [{"run": run_id, "key": axis} for run_id, axis in comparison.recorded_twice],
        "never_recorded": [
            {
                "key": str(chart.key),
                "opened": None if run.site is None else location_object(_find(run, runs), run.site),
                "logged": location_objects(_find(run, runs), chart.logged),
            }
            for run, chart in comparison.never_recorded
        ],
        "not_run": [
            location_object(_find(run, runs), run.site) for run in comparison.not_run if run.site is not None
        ],
    }


def _find(run: PredictedRun, runs: Sequence[ShownRun]) -> ShownRun:
    return next(shown for shown in runs if shown.run is run)


def _difference(key: str, text: str, color: int, style: Style) -> Iterator[str]:
    yield from item(f"{printable(key)}:", f" {text}", "  ", style, color=color)


def _axes(key: KeyComparison) -> str:
    axes = (_recorded_axis(key, axis) for axis in _sorted_axes(key))
    predicted = " or ".join(sorted({describe_axis(chart) for _, chart in key.predicted}))
    return f"recorded {' and '.join(axes)}, predicted {predicted}"


def _recorded_axis(key: KeyComparison, axis: str | None) -> str:
    if axis is None:
        return "over wandb's own step"
    is_denied = axis in key.moving and any(chart.verdict is Axis.NEVER_LOGGED for _, chart in key.predicted)
    return f"over {axis}, which is logged" if is_denied else f"over {axis}"


def _sorted_axes(key: KeyComparison) -> list[str | None]:
    return sorted(key.axes, key=lambda axis: axis or "")


def _log_calls(run: PredictedRun, chart: PredictedChart, runs: Sequence[ShownRun]) -> str:
    return list_locations(_find(run, runs), chart.logged)
