"""Work that is given up where it takes too many statements, while the call path goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from wandblint.linking.limits import STEPS_PER_BYSTANDER, BudgetSpentError
from wandblint.linking.values import Value

if TYPE_CHECKING:
    from wandblint.linking.machine import Machine


def attempt(m: Machine, limit: AbstractContextManager[None], work: Callable[[], Value]) -> Value | None:
    """What the work gives; None where it takes more statements than the `limit` on the budget allows.

    A function that it began with is not tried again where nothing in its file leads to wandb: what is long
    on one path is so on the next.
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
        is_long = m.budget.steps - before >= STEPS_PER_BYSTANDER
        for info in m.stack[depths[0] :][:1] if is_long else []:
            # What a module does while it is loaded is the same whoever loads it.
            if info.path not in m.relevant and not m.sharing.home:
                m.known.tell_that("too long", *info.place)
        m.branch, m.assumed, guessing, m.heap.backdated = state
        m.recorder.uncertain, m.recorder.shadow = guessing
        del m.stack[depths[0] :], m.call_path[depths[1] :], m.loops[depths[2] :]
        return None
