"""Work that is given up where it takes too many statements, while the call path goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from wandblint.linking.limits import BudgetSpentError
from wandblint.linking.values import Value

if TYPE_CHECKING:
    from wandblint.linking.machine import Machine


def attempt(m: Machine, limit: AbstractContextManager[None], work: Callable[[], Value]) -> Value | None:
    """What the work gives; None where it takes more statements than the `limit` on the budget allows.

    It is noted of the function that it began with, which the path need not try again.
    Raises BudgetSpentError where the call path has no more either.
    """
    state = (m.branch, m.assumed, m.recorder.guessing(), m.heap.backdated)
    depths = (len(m.stack), len(m.call_path), len(m.loops))
    before = m.budget.steps
    try:
        with limit:
            return work()
    except BudgetSpentError:
        if m.budget.is_spent:
            raise
        for info in m.stack[depths[0] :][:1]:
            m.budget.tried.cut(info.place, m.budget.steps - before)
        m.branch, m.assumed, guessing, m.heap.backdated = state
        m.recorder.uncertain, m.recorder.shadow = guessing
        del m.stack[depths[0] :], m.call_path[depths[1] :], m.loops[depths[2] :]
        return None
