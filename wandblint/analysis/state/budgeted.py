"""Work that is given up where it takes too many statements, while the call path goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from wandblint.analysis.domain.values import Value
from wandblint.analysis.state.budget import BudgetSpentError

if TYPE_CHECKING:
    from wandblint.analysis.state.interpreter import Interpreter


def run_with_budget(
    m: Interpreter, limit: AbstractContextManager[None], work: Callable[[], Value]
) -> Value | None:
    """What the work gives; None where it takes more statements than the `limit` on the budget allows.

    It is noted of the function that it began with, which the path need not try again.
    Raises BudgetSpentError where the call path has no more either.
    """
    state = (m.branch, m.hypotheses, m.recorder.depths(), m.heap.allocation_time)
    depths = (len(m.functions_entered), len(m.call_stack), len(m.loops))
    before = m.budget.steps
    try:
        with limit:
            return work()
    except BudgetSpentError:
        if m.budget.is_spent:
            raise
        for info in m.functions_entered[depths[0] :][:1]:
            m.budget.attempted.note_cut_off(info.id, m.budget.steps - before)
        m.branch, m.hypotheses, guessing, m.heap.allocation_time = state
        m.recorder.may_depth, m.recorder.hypothetical_depth = guessing
        del m.functions_entered[depths[0] :], m.call_stack[depths[1] :], m.loops[depths[2] :]
        return None
