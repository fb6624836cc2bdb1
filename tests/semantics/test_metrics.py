"""`semantics.metrics` against the installed wandb."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.semantics import metrics

from . import studies

if TYPE_CHECKING:
    from .conftest import Recorded

# The runs are recorded once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("recorded")

TEXT = st.text("ab_/.*", max_size=6)


def row_of(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    """The only row that contains a key, or a key nested in it."""
    (row,) = [row for row in rows if key in row or any(other.startswith(f"{key}.") for other in row)]
    return row


def axes_in(row: dict[str, Any]) -> set[str]:
    return {key for key in row if key.startswith(studies.axis(""))}


def axes_of(names: list[str], key: str) -> set[str]:
    return {studies.axis(name) for name in metrics.applying(names, key)}


def test_a_definition_applies_to_the_keys_that_match(recorded: Recorded) -> None:
    rows = recorded.rows["groups"]
    applied = {
        (name, key): studies.axis(studies.pair(number, name)) in row_of(rows, studies.pair(number, key))
        for number, (name, key) in studies.PAIRS
    }
    assert applied == {(name, key): metrics.matches(name, key) for _, (name, key) in studies.PAIRS}
    assert len(set(applied.values())) == 2


@pytest.mark.parametrize("key", studies.UNDERSCORE_KEYS)
@pytest.mark.parametrize(
    ("study", "names"), [("underscores", [*studies.UNDERSCORE_NAMES]), ("everything", ["*"])]
)
def test_no_glob_reaches_an_underscore(recorded: Recorded, study: str, names: list[str], key: str) -> None:
    assert axes_in(row_of(recorded.rows[study], key)) == axes_of(names, key)


@pytest.mark.parametrize("key", ["exact/a", "exact/b"])
def test_an_exact_name_beats_a_glob(recorded: Recorded, key: str) -> None:
    assert axes_in(row_of(recorded.rows["groups"], key)) == axes_of(["exact/*", "exact/a"], key)


@pytest.mark.parametrize("key", ["two/a", "two/ab", "two/b"])
def test_wandb_applies_one_of_several_globs(recorded: Recorded, key: str) -> None:
    (applied_axis,) = axes_in(row_of(recorded.rows["groups"], key))
    assert applied_axis in axes_of(["two/*", "two/a*"], key)


@pytest.mark.parametrize("key", ["n", "m", "l"])
def test_nested_keys_are_joined_before_they_are_matched(recorded: Recorded, key: str) -> None:
    flat = f"{key}{metrics.NESTING}x"
    assert axes_in(row_of(recorded.rows["groups"], flat)) == axes_of(["n.*", "m/*", "l"], flat)


@pytest.mark.parametrize(("key", "expected"), [("media", set()), ("glob", {studies.axis("glob*")})])
def test_only_a_glob_applies_to_media(recorded: Recorded, key: str, expected: set[str]) -> None:
    row = row_of(recorded.rows["groups"], key)
    assert f"{key}{metrics.NESTING}_type" in row
    assert axes_in(row) == expected


def test_an_axis_never_logged_is_recorded_as_zero(recorded: Recorded) -> None:
    rows = recorded.rows["groups"]
    zero = metrics.UNLOGGED_AXIS_VALUE
    assert metrics.syncs_step("never logged", None)
    assert row_of(rows, "explicit") == {"explicit": 1, "never logged": zero}
    assert row_of(rows, "from summary") == {"from summary": 1, "in summary": zero}
    assert row_of(rows, "from config") == {"from config": 1, "in config": zero}
    assert row_of(rows, "from text") == {"from text": 1, "text axis": zero}
    assert row_of(rows, "step") == {"step": 1, "Step": zero}


def test_nothing_is_recorded_without_step_sync(recorded: Recorded) -> None:
    assert not metrics.syncs_step("never logged", False)
    assert row_of(recorded.rows["groups"], "silent") == {"silent": 1}


def test_the_last_value_of_an_axis_is_repeated(recorded: Recorded) -> None:
    rows = recorded.rows["groups"]
    assert [row for row in rows if "kept" in row] == [
        {"kept": 1, "kept axis": 5},
        {"kept": 2, "kept axis": 5},
    ]
    assert [row for row in rows if "late" in row] == [
        {"late": 1, "late axis": 0},
        {"late": 2, "late axis": 5},
    ]


def test_the_built_in_axes_are_in_every_row(recorded: Recorded) -> None:
    assert recorded.all_keys >= metrics.BUILT_IN_AXES
    assert row_of(recorded.rows["groups"], "built-in") == {"built-in": 1}


@given(TEXT, TEXT)
def test_a_glob_matches_what_begins_with_its_prefix(prefix: str, rest: str) -> None:
    assert metrics.matches(f"{prefix}*", prefix + rest) == (not (prefix + rest).startswith("_"))


@given(st.lists(TEXT, unique=True), TEXT)
def test_the_exact_name_or_only_globs_apply(names: list[str], key: str) -> None:
    applying = metrics.applying(names, key)
    assert all(metrics.matches(name, key) for name in applying)
    assert applying == [key] or all(metrics.is_glob(name) for name in applying)


def test_step_sync_is_on_where_there_is_an_axis() -> None:
    assert not metrics.syncs_step(None, None)
    assert metrics.syncs_step(None, True)
