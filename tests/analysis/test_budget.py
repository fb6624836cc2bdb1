"""How many statements call paths get."""

from __future__ import annotations

import pytest

from wandblint.analysis.state import budget as limits
from wandblint.analysis.state.budget import Budget, BudgetSpentError


def spend(budget: Budget) -> None:
    """Runs statements until there are too many."""
    while True:
        budget.tick()


def length(budget: Budget, *, in_test: bool = False, shallow: bool = False) -> int:
    """How many statements a new call path may run."""
    budget.start(in_test=in_test, shallow=shallow)
    with pytest.raises(BudgetSpentError):
        spend(budget)
    return budget.steps - 1


def test_a_path_that_is_given_up_halves_what_the_next_ones_get() -> None:
    budget = Budget()
    lengths = []
    for _ in range(5):
        lengths.append(length(budget))
        budget.give_up()
    assert lengths[:2] == [limits.STEPS_PER_ENTRY, limits.STEPS_PER_ENTRY // 2]
    assert lengths[-1] == limits.LEAST_STEPS_PER_ENTRY


def test_a_project_that_is_too_long_is_cut() -> None:
    budget = Budget()
    while (found := length(budget)) != limits.STEPS_PER_TEST:
        assert found == limits.STEPS_PER_ENTRY
    assert length(budget, in_test=True) == limits.STEPS_PER_TEST
    assert length(budget, shallow=True) == limits.STEPS_PER_SHALLOW_ENTRY


def test_work_gets_a_part_of_its_path() -> None:
    budget = Budget()
    budget.start(in_test=False, shallow=False)
    with pytest.raises(BudgetSpentError), budget.at_most(limits.STEPS_PER_THUNK):
        spend(budget)
    assert not budget.is_spent
    assert budget.steps - 1 == limits.STEPS_PER_THUNK


def test_work_inside_other_work_gets_no_more_than_that_has_left() -> None:
    budget = Budget()
    budget.start(in_test=False, shallow=False)
    with budget.at_most(10):
        with pytest.raises(BudgetSpentError), budget.at_most(100):
            spend(budget)
        assert budget.is_spent
    assert not budget.is_spent


@pytest.mark.parametrize("most", [limits.STEPS_PER_IRRELEVANT_CALL, limits.STEPS_PER_HELPER])
def test_bystanders_share_what_their_path_has_for_them(most: int) -> None:
    budget = Budget()
    for _ in range(2):
        budget.start(in_test=False, shallow=False)
        got: list[int] = []
        while not got or got[-1] > 1:
            before = budget.steps
            with pytest.raises(BudgetSpentError), budget.irrelevant_call(most), budget.irrelevant_call(most):
                spend(budget)
            got.append(budget.steps - before)
        assert got[0] - 1 == pytest.approx(most, abs=1)
        assert sum(got) == pytest.approx(most * limits.IRRELEVANT_CALLS, abs=len(got))


def test_a_path_tries_again_only_what_gets_more_than_last_time() -> None:
    budget = Budget()
    budget.start(in_test=False, shallow=False)
    budget.attempted.note_cut_off(("a.py", 3), 100)
    assert budget.attempted.is_too_long(("a.py", 3), 100)
    assert not budget.attempted.is_too_long(("a.py", 3), 101)
    with budget.separate(1_000):
        assert not budget.attempted.is_too_long(("a.py", 3), 100)
    assert budget.attempted.is_too_long(("a.py", 3), 100)
    budget.start(in_test=False, shallow=False)
    assert not budget.attempted.is_too_long(("a.py", 3), 100)
