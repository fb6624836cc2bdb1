"""How far call paths are followed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.domain.values import Value

MAX_DEPTH = 40
"""Calls deeper than this are not followed. The deepest wrapper seen in 111 repositories is 7 calls deep."""

STEPS_PER_PROJECT = 100_000
"""Statements run in all before further call paths get no more than a test does."""

STEPS_PER_ENTRY = 20_000
"""Statements run on one call path before it is given up (and taken as logging anything). The pipeline of the
seed report takes some 6,000."""

LEAST_STEPS_PER_ENTRY = 2_500
"""What a path gets at least after others were given up. Each of those halves what the next ones get: scripts
of one project that are too long are so for the same reason, and those that are not should still be
followed."""

STEPS_PER_TEST = 600
"""The same for a path that starts in a test: it is not worth more."""

SHALLOW_DEPTHS = (3, 1)
"""How deep calls are followed from where log calls were not reached: with helpers, and where that is still
too long without them."""

STEPS_PER_SHALLOW_ENTRY = 3_000
"""The same for a path that starts where log calls were not reached: a training loop and its helpers."""

STEPS_PER_SLICE = 5_000
"""Statements run for one part of a module that is loaded. They do not count for the call path that needs it
first: the others find it loaded (`sharing.py`), and what a path gets must not depend on who was before it."""

STEPS_PER_THUNK = 500
"""Statements run to work out a put-off result before it is taken as unknown. Functions that build rows
of metrics need some dozens; what needs more is the computation itself."""

STEPS_UNINFORMATIVE = 50
"""Statements run for a put-off result of which nothing is known then, from which on the function is not run
for its result again on this call path."""

STEPS_PER_HELPER = 1_000
"""Statements run in a call of code from which nothing leads to wandb, where it is given what is logged, or
what logs. Where it takes more it is a library, and no more is known of what it did than of any other."""

STEPS_PER_IRRELEVANT_CALL = 100
"""The same where it is given nothing of that kind. What it keeps in objects for later, such as means of
losses, takes some dozens; what takes more is the model."""

IRRELEVANT_CALLS = 3
"""How many calls of each of the two kinds may take so much on one call path."""

MAX_ITEMS = 10_000
"""Items of one list: `x = x + x` doubles it over and over."""


class AttemptedCalls(msgspec.Struct):
    """What a call path knows of functions that it has run."""

    uninformative: dict[FunctionId, Value] = msgspec.field(default_factory=dict)
    """The result of each that told nothing of it."""
    _cut_off: dict[FunctionId, int] = msgspec.field(default_factory=dict)

    def note_cut_off(self, function: FunctionId, steps: int) -> None:
        """A function did not come to its end in so many statements."""
        self._cut_off[function] = max(steps, self._cut_off.get(function, 0))

    def is_too_long(self, function: FunctionId, steps: int) -> bool:
        """Whether it is known that a function does not come to its end in so many statements."""
        return self._cut_off.get(function, 0) >= steps


class BudgetSpentError(Exception):
    """The call path is too long to follow."""


class Budget(msgspec.Struct):
    """Statements that may still be run, on this call path and for the result that is being worked out."""

    steps: int = 0
    """Statements run on this call path."""
    _steps_before: int = 0
    _next_entry: int = msgspec.field(default_factory=lambda: STEPS_PER_ENTRY)
    _limit: int = 0
    _for_irrelevant_calls: dict[int, int] = msgspec.field(default_factory=dict)
    _is_separate: bool = False
    attempted: AttemptedCalls = msgspec.field(default_factory=AttemptedCalls)

    def start(self, *, in_test: bool, shallow: bool) -> None:
        """A new call path begins."""
        self._steps_before += self.steps
        self.steps = 0
        self._for_irrelevant_calls = {}
        self.attempted = AttemptedCalls()
        if shallow:
            self._limit = STEPS_PER_SHALLOW_ENTRY
        elif in_test or self._steps_before > STEPS_PER_PROJECT:
            self._limit = STEPS_PER_TEST
        else:
            self._limit = self._next_entry

    def tick(self) -> None:
        """Counts a statement. Raises BudgetSpentError where there are too many."""
        self.steps += 1
        if self.steps > self._limit:
            raise BudgetSpentError

    @contextmanager
    def irrelevant_call(self, most: int) -> Iterator[None]:
        """A call of code from which nothing leads to wandb, of at most so many statements.

        All such calls of a path share what it has for calls that get so many.
        """
        before, left = self.steps, self._for_irrelevant_calls.get(most, most * IRRELEVANT_CALLS)
        with self.at_most(most if self._is_separate else min(most, left)):
            try:
                yield
            finally:
                if not self._is_separate:
                    # Calls inside have counted themselves.
                    self._for_irrelevant_calls[most] = max(left - (self.steps - before), 0)

    @property
    def step_budget(self) -> int:
        """Statements that the call path may run."""
        return self._limit

    def set_limit(self, steps: int) -> None:
        """The call path may run so many statements."""
        self._limit = steps

    def is_equivalent_budget(self, allowance: int, spent: int, is_complete: bool) -> bool:
        """Whether what a path gets now would have been as good to it as what it had then."""
        if allowance == self._limit:
            return True
        # No work inside was cut short by what was left to the path.
        longest = max(STEPS_PER_THUNK, STEPS_PER_HELPER)
        return is_complete and spent + longest < min(allowance, self._limit)

    def spend(self, steps: int) -> None:
        """A call path is taken as it was."""
        self.steps += steps

    def give_up(self) -> None:
        """The call path is not followed to its end."""
        self._next_entry = max(self._next_entry // 2, min(self._next_entry, LEAST_STEPS_PER_ENTRY))

    @property
    def is_spent(self) -> bool:
        """Whether what is run now has had all that it gets."""
        return self.steps >= self._limit

    @contextmanager
    def separate(self, steps: int) -> Iterator[None]:
        """Work that belongs to no call path: so many statements are for it alone."""
        outer = (self.steps, self._limit, self._is_separate, self.attempted)
        self.steps, self._limit, self._is_separate, self.attempted = 0, steps, True, AttemptedCalls()
        try:
            yield
        finally:
            self.steps, self._limit, self._is_separate, self.attempted = outer

    @contextmanager
    def at_most(self, steps: int) -> Iterator[None]:
        """Work that gets so many statements, of those that are left."""
        outer = self._limit
        self._limit = min(self.steps + steps, outer - 1)
        try:
            yield
        finally:
            self._limit = outer
