"""The record beside the prediction, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wandblint.dashboard.charts import PredictedChart
from wandblint.dashboard.contract import Comparison, KeyComparison, KeySource, explain
from wandblint.dashboard.prediction import PredictedRun
from wandblint.infra.words import join_names, pluralize
from wandblint.reports.display import printable
from wandblint.reports.predicted import ShownRun, over, places
from wandblint.reports.predicted_json import place_of, places_of
from wandblint.reports.style import GREEN, RED, YELLOW, Style
from wandblint.reports.text import item

_EXPLAINED = {
    KeySource.KEY: "predicted by name",
    KeySource.TEMPLATE: "predicted by a name with holes",
    KeySource.NESTED: "inside a predicted key",
    KeySource.AXIS: "axis that wandb added",
    KeySource.OPEN: "perhaps logged by a call whose keys are unknown",
    KeySource.NONE: "not predicted",
}


def compared(found: Comparison, shown: Sequence[ShownRun], style: Style) -> Iterator[str]:
    """The lines of the comparison: what differs, what was not run, and what each recorded key is."""
    yield style.paint("the record against the code", bold=True)
    for one in found.of(KeySource.NONE):
        yield from _difference(one.key, f"recorded in run {one.run_id}, not predicted", RED, style)
    for one in found.other_axes:
        at = join_names(list(dict.fromkeys(_places(*pair, shown) for pair in one.predicted)))
        yield from _difference(one.key, f"{_axes(one)} ({at})", RED, style)
    for run, chart in found.never_recorded:
        words = f"predicted ({_places(run, chart, shown)}), never recorded"
        yield from _difference(str(chart.key), words, YELLOW, style)
    for run in found.not_run:
        if run.site is not None:
            site = places(_shown(run, shown), [run.site])
            yield from item("not recorded:", f" the run opened at {site}", "  ", style)
    if not found.differences:
        yield f"  {style.paint('no difference', GREEN)}"
    counts = ", ".join(f"{number} {_EXPLAINED[source]}" for source, number in explain(found))
    keys = pluralize(len(found.keys), "recorded key")
    yield from item(f"{keys}:", f" {counts}" if counts else "", "  ", style)
    yield ""


def compared_concise(found: Comparison, shown: Sequence[ShownRun]) -> Iterator[str]:
    """One line a difference."""
    for one in found.of(KeySource.NONE):
        yield printable(f"run {one.run_id}: `{one.key}` is recorded, not predicted")
    for one in found.other_axes:
        yield printable(f"run {one.run_id}: `{one.key}` is {_axes(one)}")
    for run, chart in found.never_recorded:
        place = _shown(run, shown).place(chart.logged[0])
        yield printable(f"{place}: `{chart.key}` is predicted, never recorded")


def compared_object(found: Comparison, shown: Sequence[ShownRun]) -> dict[str, object]:
    """The comparison for JSON. Its fields are a promise: they are added to, never changed."""
    return {
        "agrees": not found.differences,
        "keys": [
            {
                "run": one.run_id,
                "key": one.key,
                "source": one.source.value,
                "predicted": sorted({str(chart.key) for _, chart in one.predicted}),
                "recorded_axes": sorted(one.axes, key=lambda axis: axis or ""),
                "axis_differs": one.axis_differs,
            }
            for one in found.keys
        ],
        "never_recorded": [
            {
                "key": str(chart.key),
                "opened": None if run.site is None else place_of(_shown(run, shown), run.site),
                "logged": places_of(_shown(run, shown), chart.logged),
            }
            for run, chart in found.never_recorded
        ],
        "not_run": [place_of(_shown(run, shown), run.site) for run in found.not_run if run.site is not None],
    }


def _shown(run: PredictedRun, shown: Sequence[ShownRun]) -> ShownRun:
    return next(one for one in shown if one.run is run)


def _difference(key: str, words: str, color: int, style: Style) -> Iterator[str]:
    yield from item(f"{printable(key)}:", f" {words}", "  ", style, color=color)


def _axes(account: KeyComparison) -> str:
    recorded = " and ".join(f"over {axis}" if axis else "over wandb's own step" for axis in _sorted(account))
    predicted = " or ".join(sorted({over(chart) for _, chart in account.predicted}))
    return f"recorded {recorded}, predicted {predicted}"


def _sorted(account: KeyComparison) -> list[str | None]:
    return sorted(account.axes, key=lambda axis: axis or "")


def _places(run: PredictedRun, chart: PredictedChart, shown: Sequence[ShownRun]) -> str:
    return places(_shown(run, shown), chart.logged)
