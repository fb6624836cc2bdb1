"""Where in the flow of a call path something happens: in which loops, under which conditions, in what order.

The number that a `step=` is given is told as a `Counter`: a variable with an identity, of which the
path says where it starts and where it rises. `stepping` runs wandb's own rules over that.
"""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wandblint.span import Span


class Loop(msgspec.Struct, frozen=True):
    """A loop that is not unrolled. `number` tells apart the times that a path enters it."""

    span: Span
    number: int
    max_iterations: int | None = None
    """How many passes it makes at most, where that is known."""


class BranchKind(enum.Enum):
    """What decides whether the code on a branch runs."""

    TEST = "test"
    """The test of an `if`, a `while`, a conditional expression."""
    CALLEE = "callee"
    """Which of several functions is called."""
    BY_NAME = "by name"
    """A call on an unknown receiver means this method only if the receiver is of its class."""
    CALLBACK = "callback"
    """Code that is not seen may call a function that it was given."""
    ENTRY = "entry"
    """Somebody who is not seen calls the function in which the entry point starts."""
    DECORATOR = "decorator"
    """A decorator that asks for the rank."""
    EXCEPT = "except"
    CASE = "case"
    HIGHER_ORDER = "higher order"
    """A library function calls a function that it was given."""


class Condition(msgspec.Struct, frozen=True):
    """What must be so for the code behind it to run: `text` as the source has it, negations taken off.

    Where no test decides (`try`, `match`, one of several functions that may be called) it is a label for the
    way, which is one of several with this label at this place.
    """

    span: Span
    text: str
    holds: bool
    is_loop_invariant: bool
    """Whether it is the same on every pass of the loops around it, as far as its words tell."""
    tests_rank: bool = False
    """Whether it asks which process this is."""
    kind: BranchKind = BranchKind.TEST
    number: int = 0
    """Which of several branches of that kind it is."""

    @property
    def is_test(self) -> bool:
        """Whether a test decides."""
        return self.kind is BranchKind.TEST

    @property
    def identity(self) -> tuple[object, ...]:
        """What must hold: tests with the same words ask the same, wherever they stand."""
        return (self.text,) if self.is_test else (self.kind, self.number, self.text, self.span)


ControlContext: TypeAlias = tuple[Loop | Condition, ...]
"""The loops and conditions around a piece of code, over all its callers, outermost first."""


class ProgramPoint(msgspec.Struct, frozen=True):
    """When something happens on a call path."""

    control_context: ControlContext = ()
    sequence: int = 0
    """Rises in the order in which the path's code runs."""

    def __eq__(self, other: object) -> bool:
        """Whether the same is around it: its place in the order does not count."""
        return isinstance(other, ProgramPoint) and self.control_context == other.control_context

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self.control_context)

    @property
    def is_reliable(self) -> bool:
        """Whether no guess in a loop led here: a method that is only found by its name may be another's."""
        inside = False
        for step in self.control_context:
            inside = inside or isinstance(step, Loop)
            if inside and isinstance(step, Condition) and step.kind is BranchKind.BY_NAME:
                return False
        return True

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The loops around it."""
        return tuple(step for step in self.control_context if isinstance(step, Loop))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions around it."""
        return tuple(step for step in self.control_context if isinstance(step, Condition))


class InductionVariable(msgspec.Struct, frozen=True):
    """A number made of a variable that counts: `variable // divisor + offset`.

    With an `outer` variable it is `outer * n + variable`: batches counted over the epochs.
    """

    variable: int
    label: str = "..."
    """How the source calls it, which makes no other number of it."""
    offset: int = 0
    divisor: int = 1
    outer: int | None = None
    is_scaled: bool = False
    """Whether it is multiplied by a number that is not known."""

    @property
    def variables(self) -> tuple[int, ...]:
        """What it is made of."""
        return (self.variable,) if self.outer is None else (self.variable, self.outer)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.variable, self.offset, self.divisor, self.outer, self.is_scaled

    def __eq__(self, other: object) -> bool:
        """Whether it is the same number, whatever it is called."""
        return isinstance(other, InductionVariable) and self._identity == other._identity

    def __hash__(self) -> int:
        """As equality has it."""
        return hash(self._identity)


class Initialization(msgspec.Struct, frozen=True):
    """A counting variable gets a value: None where it is not known."""

    variable: int
    value: int | None
    span: Span
    point: ProgramPoint
    is_must: bool = True
    """Whether it can have no other value: what a function returned may go on from the last one."""


class Increment(msgspec.Struct, frozen=True):
    """A counting variable rises by `by`; `of_loop` where the loop itself does it at the end of a pass."""

    variable: int
    by: int
    span: Span
    point: ProgramPoint
    loop: Loop | None = None
    """The loop whose variable it is."""


class RunOpened(msgspec.Struct, frozen=True):
    """The run of an init site is opened: `number` tells apart the times that the path comes there."""

    run: Span
    number: int
    point: ProgramPoint


NOWHERE = ProgramPoint()
"""The moment of what is not on a path that was run."""
