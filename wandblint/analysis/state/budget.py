"""The limits of an abstract run, in statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.domain.values import Value

MAX_DEPTH = 40
"""The maximum depth of the call stack. The deepest wrapper in 111 repositories is 7 calls deep."""

STEPS_PER_STATEMENT = 4
"""Statements of a project, for each one in the files that are read: the cost follows the code, not the paths
through it. Of the 340 log calls of 53 repositories, all keys are known of one more with twice as many, and of
six fewer with half as many (docs/performance.md)."""

LEAST_STEPS_PER_PROJECT = 20_000
"""A small project may take this many: about a second."""

MOST_STEPS_PER_PROJECT = 60_000
"""After this many statements, or those that the size of the code allows, further entry points get the budget
of a test."""

STEPS_UNIT = 10_000
"""The budget of a project is a multiple of this, so that few edits change what is cut off elsewhere."""

STEPS_PER_ENTRY = 15_000
"""Statements of an entry point, if that is at most a quarter of those of the project; half of those of the
smallest projects. One that takes more is cut off and may log anything. The pipeline of the seed report takes
some 6,000. Each one that is cut off halves the budget of the next ones, because the scripts of a project are
too long for the same reason; but not below that of a minor one: short ones should run to their end."""

STEPS_PER_MINOR_ENTRY = 2_500
"""The same for an entry point at a log call that no other one reached: a training loop and its helpers."""

STEPS_PER_TEST = 600
"""The same for an entry point in a test, where findings are worth less."""

SHALLOW_DEPTHS = (3, 1)
"""The call depths of entry points at unreached log calls: with helpers, and without them where that is still
too long."""

STEPS_PER_SLICE = 5_000
"""Statements of a module slice. They do not count for the entry point that loads it first: the others reuse
it (`module_cache.py`), and the budget of an entry point must not depend on the ones before it."""

STEPS_PER_THUNK = 500
"""Statements of a thunk. One that takes more becomes unknown: functions that build rows of metrics take some
dozens, the computation itself takes more."""

STEPS_UNINFORMATIVE = 50
"""If the result of a function is unknown after this many statements, the same entry point does not call it
again for its result."""

STEPS_PER_HELPER = 1_000
"""Statements of a call that does not reach wandb but gets a logger or data that is logged. A function that
takes more is treated as an external one."""

STEPS_PER_IRRELEVANT_CALL = 100
"""The same for a call that gets nothing of that kind. State that it keeps for later, such as mean losses,
takes some dozens of statements; the model takes more."""

IRRELEVANT_CALLS = 3
"""How many calls of each of the two kinds may spend their whole budget in one entry point."""


class AttemptedCalls(msgspec.Struct):
    """What the entry point has learned about the functions that it ran."""

    uninformative: dict[FunctionId, Value] = msgspec.field(default_factory=dict)
    """The results of the functions whose result is unknown."""
    _cut_off: dict[FunctionId, int] = msgspec.field(default_factory=dict)

    def note_cut_off(self, function: FunctionId, steps: int) -> None:
        """Records that a function takes more than this many statements."""
        self._cut_off[function] = max(steps, self._cut_off.get(function, 0))

    def is_too_long(self, function: FunctionId, steps: int) -> bool:
        """Whether a function is known to take more than this many statements."""
        return self._cut_off.get(function, 0) >= steps


class BudgetSpentError(Exception):
    """The code takes more statements than its budget."""


class Budget(msgspec.Struct):
    """The statements left to the entry point, and to the part of it that runs under a limit of its own."""

    steps: int = 0
    """Statements run so far."""
    _steps_before: int = 0
    _project: int = MOST_STEPS_PER_PROJECT
    _next_entry: int = STEPS_PER_ENTRY
    _limit: int = 0
    _for_irrelevant_calls: dict[int, int] = msgspec.field(default_factory=dict)
    _is_separate: bool = False
    calls: int = 0
    """Calls of project functions so far, without those that loading a module makes."""
    calls_cut_off: int = 0
    """Those of them that were not run, or not to their end, because of a limit."""
    attempted: AttemptedCalls = msgspec.field(default_factory=AttemptedCalls)

    @classmethod
    def for_code(cls, statements: int) -> Budget:
        """The budget of a project with this many statements in the files that are read."""
        wanted = -(-statements * STEPS_PER_STATEMENT // STEPS_UNIT) * STEPS_UNIT
        project = min(max(wanted, LEAST_STEPS_PER_PROJECT), MOST_STEPS_PER_PROJECT)
        entry = min(max(project // 4, LEAST_STEPS_PER_PROJECT // 2), STEPS_PER_ENTRY)
        return cls(_project=project, _next_entry=entry)

    def start(self, *, in_test: bool, shallow: bool) -> None:
        """Starts an entry point."""
        self._steps_before += self.steps
        self.steps = 0
        self.calls = self.calls_cut_off = 0
        self._for_irrelevant_calls = {}
        self.attempted = AttemptedCalls()
        if self._steps_before > self._project or (in_test and not shallow):
            self._limit = STEPS_PER_TEST
        elif shallow:
            self._limit = STEPS_PER_MINOR_ENTRY
        else:
            self._limit = self._next_entry

    def tick(self) -> None:
        """Counts a statement. Raises BudgetSpentError past the limit."""
        self.steps += 1
        if self.steps > self._limit:
            raise BudgetSpentError

    @contextmanager
    def irrelevant_call(self, steps: int) -> Iterator[None]:
        """Limits a call that does not reach wandb to this many statements.

        All calls of an entry point with the same limit share a budget of `IRRELEVANT_CALLS` times as many.
        """
        before, left = self.steps, self._for_irrelevant_calls.get(steps, steps * IRRELEVANT_CALLS)
        with self.at_most(steps if self._is_separate else min(steps, left)):
            try:
                yield
            finally:
                if not self._is_separate:
                    # This overwrites what nested calls have spent, which `self.steps` counts as well.
                    self._for_irrelevant_calls[steps] = max(left - (self.steps - before), 0)

    @property
    def step_budget(self) -> int:
        """The limit of the entry point."""
        return self._limit

    def set_limit(self, steps: int) -> None:
        """Sets the limit of the entry point."""
        self._limit = steps

    def is_equivalent_budget(self, step_budget: int, steps_used: int, is_complete: bool) -> bool:
        """Whether a run with another budget would have the same result under the present one."""
        if step_budget == self._limit:
            return True
        # With this margin the limit of the entry point has cut short no thunk and no call inside it.
        margin = max(STEPS_PER_THUNK, STEPS_PER_HELPER)
        return is_complete and steps_used + margin < min(step_budget, self._limit)

    def spend(self, steps: int) -> None:
        """Counts the statements of a result that is restored."""
        self.steps += steps

    def give_up(self) -> None:
        """Lowers the budget of the next entry points, after this one was cut off."""
        self._next_entry = max(self._next_entry // 2, min(self._next_entry, STEPS_PER_MINOR_ENTRY))

    @property
    def is_spent(self) -> bool:
        """Whether the code that runs now has reached its limit."""
        return self.steps >= self._limit

    @contextmanager
    def separate(self, steps: int) -> Iterator[None]:
        """Gives work that belongs to no entry point a budget and counts of its own.

        Which entry point happens to do it depends on the ones before.
        """
        outer = (self.steps, self._limit, self._is_separate, self.attempted, self.calls, self.calls_cut_off)
        self.steps, self._limit, self._is_separate, self.attempted = 0, steps, True, AttemptedCalls()
        try:
            yield
        finally:
            (
                self.steps,
                self._limit,
                self._is_separate,
                self.attempted,
                self.calls,
                self.calls_cut_off,
            ) = outer

    @contextmanager
    def at_most(self, steps: int) -> Iterator[None]:
        """Limits work to this many of the statements that are left."""
        outer = self._limit
        self._limit = min(self.steps + steps, outer - 1)
        try:
            yield
        finally:
            self._limit = outer
