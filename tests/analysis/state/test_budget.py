"""How many statements each entry point may interpret."""

from __future__ import annotations

import pytest

from wandblint.analysis.state import budget as limits
from wandblint.analysis.state.budget import Budget, BudgetSpentError


def spend(budget: Budget) -> None:
    """Runs statements until the budget is spent."""
    while True:
        budget.tick()


def available_steps(budget: Budget, *, in_test: bool = False, shallow: bool = False) -> int:
    """How many statements a new entry point may run."""
    budget.start(in_test=in_test, shallow=shallow)
    with pytest.raises(BudgetSpentError):
        spend(budget)
    return budget.steps - 1


def test_an_abandoned_entry_point_halves_the_budget_of_the_next_ones() -> None:
    budget = Budget()
    available = []
    for _ in range(5):
        available.append(available_steps(budget))
        budget.give_up()
    assert available[:2] == [limits.STEPS_PER_ENTRY, limits.STEPS_PER_ENTRY // 2]
    assert available[-1] == limits.STEPS_PER_MINOR_ENTRY


def test_a_project_that_exceeds_the_budget_is_cut_off() -> None:
    budget = Budget()
    while (steps := available_steps(budget)) != limits.STEPS_PER_TEST:
        assert steps == limits.STEPS_PER_ENTRY
    assert available_steps(budget, in_test=True) == limits.STEPS_PER_TEST
    assert available_steps(budget, shallow=True) == limits.STEPS_PER_TEST


@pytest.mark.parametrize(
    ("statements", "per_project", "per_entry"),
    [
        (10, 20_000, 10_000),
        (7_501, 40_000, 10_000),
        (12_500, 50_000, 12_500),
        (10**6, 60_000, 15_000),
    ],
)
def test_the_budget_of_a_project_follows_the_size_of_its_code(
    statements: int, per_project: int, per_entry: int
) -> None:
    budget = Budget.for_code(statements)
    spent = 0
    while (steps := available_steps(budget)) != limits.STEPS_PER_TEST:
        assert steps == per_entry
        spent += steps

    assert 0 <= spent - per_project < 2 * per_entry


def test_few_edits_change_the_budget() -> None:
    assert Budget.for_code(6_000) == Budget.for_code(6_200)


def test_nested_work_gets_a_share_of_the_entry_budget() -> None:
    budget = Budget()
    budget.start(in_test=False, shallow=False)
    with pytest.raises(BudgetSpentError), budget.at_most(limits.STEPS_PER_THUNK):
        spend(budget)
    assert not budget.is_spent
    assert budget.steps - 1 == limits.STEPS_PER_THUNK


def test_nested_work_gets_no_more_than_its_parent_has_left() -> None:
    budget = Budget()
    budget.start(in_test=False, shallow=False)
    with budget.at_most(10):
        with pytest.raises(BudgetSpentError), budget.at_most(100):
            spend(budget)
        assert budget.is_spent
    assert not budget.is_spent


@pytest.mark.parametrize("most", [limits.STEPS_PER_IRRELEVANT_CALL, limits.STEPS_PER_HELPER])
def test_irrelevant_calls_share_one_allowance_per_entry_point(most: int) -> None:
    budget = Budget()
    for _ in range(2):
        budget.start(in_test=False, shallow=False)
        steps_used: list[int] = []
        while not steps_used or steps_used[-1] > 1:
            before = budget.steps
            with pytest.raises(BudgetSpentError), budget.irrelevant_call(most), budget.irrelevant_call(most):
                spend(budget)
            steps_used.append(budget.steps - before)
        assert steps_used[0] - 1 == pytest.approx(most, abs=1)
        assert sum(steps_used) == pytest.approx(most * limits.IRRELEVANT_CALLS, abs=len(steps_used))


def test_a_cut_off_call_is_retried_only_with_a_larger_budget() -> None:
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
