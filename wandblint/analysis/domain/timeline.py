"""When things happen: thunks are evaluated later than they are created, but as of their creation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

_LEVEL = 20
_UNIT = 1 << (6 * _LEVEL)


class Timeline(msgspec.Struct):
    """The time of the code that runs: a number that rises with every allocation, change and thunk.

    What a thunk does is later than its creation and earlier than whatever followed that. The steps of an
    evaluation are therefore smaller than those of the code that created the thunk.
    """

    now: int = 0
    unit: int = _UNIT
    """How much later the next step is."""
    last_thunk: int = -1
    """When the code that runs has created its last thunk."""
    latest: int = 0
    """When the code that evaluates a thunk began to do so, outside of all evaluations."""

    @property
    def is_evaluation(self) -> bool:
        """Whether a thunk is being evaluated."""
        return self.unit != _UNIT

    def tick(self) -> int:
        """The next moment."""
        self.now += self.unit
        return self.now

    def create_thunk(self) -> int:
        """The moment of the creation of a thunk."""
        self.last_thunk = self.tick()
        return self.now

    @contextmanager
    def evaluation(self, created_at: int) -> Iterator[None]:
        """Goes back to the creation of a thunk, to evaluate it."""
        before = self.moment
        if not self.is_evaluation:
            self.latest = self.now
        self.now, self.unit, self.last_thunk = created_at, max(self.unit >> _LEVEL, 1), created_at
        yield
        self.moment = before

    @property
    def moment(self) -> tuple[int, int, int]:
        """The state of the timeline, to return to after code that was cut off."""
        return self.now, self.unit, self.last_thunk

    @moment.setter
    def moment(self, moment: tuple[int, int, int]) -> None:
        self.now, self.unit, self.last_thunk = moment

    def leave_evaluations(self) -> None:
        """Goes on after all that happened, though evaluations were cut off."""
        if self.is_evaluation:
            self.moment = self.latest, _UNIT, -1
