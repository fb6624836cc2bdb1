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
from .worlds import MEDIA, World, flat, worlds

# The runs are recorded once a session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("recorded")


def recorded_rows(recorded: Recorded, world: World) -> list[dict[str, Any]]:
    """The rows of a world: all worlds are behind one another."""
    first = sum(len(other.rows) for other in worlds()[: world.number])
    return recorded.rows["worlds"][first : first + len(world.rows)]


def logged_keys(row: dict[str, Any], held: dict[str, Any]) -> set[str]:
    """The keys of a recorded row that the code has logged, with all parts of its media."""
    given = flat(row)
    media = tuple(f"{key}{metrics.NESTING}" for key, value in given.items() if value == MEDIA)
    return {key for key in held if key in given or (media and key.startswith(media))}


@pytest.mark.parametrize("world", worlds(), ids=lambda world: str(world.number))
def test_wandb_adds_the_axes_that_we_compute(recorded: Recorded, world: World) -> None:
    last: dict[str, float] = {}
    for row, held in zip(world.rows, recorded_rows(recorded, world), strict=True):
        last |= {key: value for key, value in held.items() if key in row and isinstance(value, (int, float))}
        keys = logged_keys(row, held)
        candidates = {key: world.candidates(key) for key in keys}
        certain = {
            world.axis(names[0]) for names in candidates.values() if len(names) == 1 and world.adds(names[0])
        }
        possible = {world.axis(name) for names in candidates.values() for name in names if world.adds(name)}
        added = held.keys() - keys
        assert certain - keys <= added <= possible
        for names in candidates.values():
            if names and all(world.adds(name) for name in names):
                assert {world.axis(name) for name in names} & held.keys()
        unseen = metrics.VALUE_OF_AN_AXIS_NEVER_LOGGED
        assert {axis: held[axis] for axis in added} == {axis: last.get(axis, unseen) for axis in added}


@pytest.mark.parametrize("world", worlds(), ids=lambda world: str(world.number))
def test_what_is_predicted_from_the_code_is_what_wandb_records(recorded: Recorded, world: World) -> None:
    (run,) = predict(analyze(FilesInMemory({"train.py": world.script})))
    rows = recorded_rows(recorded, world)
    for chart in run.charts:
        key = str(chart.key)
        holding = [held for row, held in zip(world.rows, rows, strict=True) if key in logged_keys(row, held)]
        assert holding or chart.verdict is Axis.NOT_NEEDED
        if chart.verdict in {Axis.OWN, Axis.NEVER_LOGGED}:
            names = world.candidates(key)
            assert {world.axis(name) for name in names} == {str(chart.axis)}
            if all(world.adds(name) for name in names):
                assert all(str(chart.axis) in held for held in holding)
        if chart.verdict is Axis.NEVER_LOGGED:
            assert not any(held.get(str(chart.axis)) for held in rows)
        if chart.verdict in {Axis.DEFAULT, Axis.UNCOVERED}:
            assert not world.candidates(key)


def test_the_worlds_try_everything() -> None:
    made = worlds()
    keys = [(world, key) for world in made for row in world.rows for key in flat(row)]
    numbers = {len(world.candidates(key)) for world, key in keys}
    assert numbers >= {0, 1, 2}, "no, one and several definitions apply"
    assert any(world.candidates(key) and key.startswith("_") for world, key in keys), "to underscores too"
    verdicts = {
        chart.verdict
        for world in made
        for run in predict(analyze(FilesInMemory({"train.py": world.script})))
        for chart in run.charts
    }
    assert verdicts == set(Axis)
