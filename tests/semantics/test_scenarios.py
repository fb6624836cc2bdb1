"""Random definitions and keys: the x-axis that the installed wandb records is the one that we compute."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze
from wandblint.dashboard.charts import Axis
from wandblint.dashboard.prediction import predict
from wandblint.semantics import metrics

from .conftest import Recorded
from .scenarios import MEDIA, Scenario, flat, scenarios

# The runs are recorded once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("recorded")


def recorded_rows(recorded: Recorded, scenario: Scenario) -> list[dict[str, Any]]:
    """The rows of a scenario: the run records all scenarios one after another."""
    first = sum(len(other.rows) for other in scenarios()[: scenario.number])
    return recorded.rows["scenarios"][first : first + len(scenario.rows)]


def logged_keys(row: dict[str, Any], recorded_row: dict[str, Any]) -> set[str]:
    """The keys of a recorded row that the code logs, with all parts of its media."""
    flat_row = flat(row)
    media = tuple(f"{key}{metrics.NESTING}" for key, value in flat_row.items() if value == MEDIA)
    return {key for key in recorded_row if key in flat_row or (media and key.startswith(media))}


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: str(scenario.number))
def test_wandb_adds_the_axes_that_we_compute(recorded: Recorded, scenario: Scenario) -> None:
    last: dict[str, float] = {}
    for row, recorded_row in zip(scenario.rows, recorded_rows(recorded, scenario), strict=True):
        last |= {
            key: value
            for key, value in recorded_row.items()
            if key in row and isinstance(value, (int, float))
        }
        keys = logged_keys(row, recorded_row)
        candidates = {key: scenario.candidates(key) for key in keys}
        certain = {
            scenario.axis(names[0])
            for names in candidates.values()
            if len(names) == 1 and scenario.adds(names[0])
        }
        possible = {
            scenario.axis(name) for names in candidates.values() for name in names if scenario.adds(name)
        }
        added = recorded_row.keys() - keys
        assert certain - keys <= added <= possible
        for names in candidates.values():
            if names and all(scenario.adds(name) for name in names):
                assert {scenario.axis(name) for name in names} & recorded_row.keys()
        unseen = metrics.UNLOGGED_AXIS_VALUE
        assert {axis: recorded_row[axis] for axis in added} == {
            axis: last.get(axis, unseen) for axis in added
        }


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: str(scenario.number))
def test_the_prediction_from_the_code_is_what_wandb_records(recorded: Recorded, scenario: Scenario) -> None:
    (run,) = predict(analyze(FilesInMemory({"train.py": scenario.script})))
    rows = recorded_rows(recorded, scenario)
    for chart in run.charts:
        key = str(chart.key)
        rows_with_key = [
            recorded_row
            for row, recorded_row in zip(scenario.rows, rows, strict=True)
            if key in logged_keys(row, recorded_row)
        ]
        assert rows_with_key or chart.verdict is Axis.NOT_NEEDED
        if chart.verdict in {Axis.OWN, Axis.NEVER_LOGGED}:
            names = scenario.candidates(key)
            assert {scenario.axis(name) for name in names} == {str(chart.axis)}
            if all(scenario.adds(name) for name in names):
                assert all(str(chart.axis) in recorded_row for recorded_row in rows_with_key)
        if chart.verdict is Axis.NEVER_LOGGED:
            assert not any(recorded_row.get(str(chart.axis)) for recorded_row in rows)
        if chart.verdict in {Axis.DEFAULT, Axis.UNCOVERED}:
            assert not scenario.candidates(key)


def test_the_scenarios_cover_everything() -> None:
    all_scenarios = scenarios()
    keys = [(scenario, key) for scenario in all_scenarios for row in scenario.rows for key in flat(row)]
    numbers = {len(scenario.candidates(key)) for scenario, key in keys}
    assert numbers >= {0, 1, 2}, "no, one and several definitions apply"
    assert any(scenario.candidates(key) and key.startswith("_") for scenario, key in keys), (
        "to underscores too"
    )
    verdicts = {
        chart.verdict
        for scenario in all_scenarios
        for run in predict(analyze(FilesInMemory({"train.py": scenario.script})))
        for chart in run.charts
    }
    assert verdicts == set(Axis)
