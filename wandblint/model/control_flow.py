"""Program points: in which loops, under which conditions and in what order an entry point runs something.

The value of a `step=` is an `InductionVariable` (`step_values`); events say where its variables start and
rise. `step_simulation` runs wandb's rules over these events.
"""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wandblint.span import Span


class Loop(msgspec.Struct, frozen=True):
    """A loop that the analysis does not unroll. `number` distinguishes the times that it is entered."""

    span: Span
    number: int
    max_iterations: int | None = None
    """The maximum number of iterations, if known."""
    length: int | None = None
    """The symbol of the `Size` that is its number of iterations: of `len(x)`, if it iterates over `x`."""


class BranchKind(enum.Enum):
    """What decides whether the code on a branch runs."""

    TEST = "test"
    """The test of an `if`, a `while` or a conditional expression."""
    ALTERNATIVE = "alternative"
    """The object, or the iteration, is one of several that no test tells apart."""
    CALLEE = "callee"
    """The call enters one of several functions."""
    ELEMENT = "element"
    """The call enters a method of one of the objects that were put into a list or dictionary."""
    BY_NAME = "by name"
    """A call on an unknown receiver enters this method only if the receiver is of its class."""
    CALLBACK = "callback"
    """Unseen code may call a function that it received."""
    THREAD = "thread"
    """A thread runs it, beside the code that follows its start."""
    ENTRY = "entry"
    """An unseen caller calls the function in which the entry point starts."""
    DECORATOR = "decorator"
    """A decorator that checks the rank, or whose body is not seen, decides whether it runs."""
    EXCEPT = "except"
    CASE = "case"
    HIGHER_ORDER = "higher order"
    """A library function calls a function that it received."""


Outcome: TypeAlias = tuple[tuple[object, ...], bool]
"""The identity of a condition, and whether it holds."""


class Condition(msgspec.Struct, frozen=True):
    """What must hold for the guarded code to run: `text` is the test in the source without negations.

    If no test decides (`try`, `match`, one of several possible callees), `text` is a label for the branch.
    """

    span: Span
    text: str
    holds: bool
    is_loop_invariant: bool
    """Whether it has the same value in every iteration of the enclosing loops, as far as the test shows."""
    tests_rank: bool = False
    """Whether it checks the rank of the process."""
    holds_without_group: bool = False
    """Whether it checks the rank, but holds on every process as long as no process group exists."""
    kind: BranchKind = BranchKind.TEST
    number: int = 0
    """The index among the branches of this kind at this place."""
    may_hold_once: bool = False
    """Whether it may let a single iteration of the loop through: `i + 1 == len(loader)`."""
    is_periodic: bool = False
    """Whether the test compares a remainder, like `step % 100 == 0`, which holds now and then."""
    operands: tuple[tuple[str, bool], ...] = ()
    """The tests that it combines by `and` or `or`, each with the outcome that it contributes."""
    needs_all: bool = True
    """Whether all operands must have that outcome, not just one of them."""
    is_flag: bool = False
    """Whether the test is a setting that is on or off by itself: `args.do_train`."""
    once_per_node: bool = False
    """Whether it checks the rank within a node only, and so holds on one process of each node."""
    values: tuple[tuple[int | None, bool], ...] = ()
    """The values that it tests, all of which must come out as they do: an equal number is the same value.

    None stands for what is no variable or attribute. What only selects iterations is left out.
    """
    is_ruled_out: bool = False
    """Whether it tests an attribute that is known to come out otherwise: the code is there, but is off."""

    @property
    def is_unseen_choice(self) -> bool:
        """Whether nobody sees what decides, so that the branch may be taken on one process only."""
        return self.kind in {BranchKind.CALLEE, BranchKind.DECORATOR}

    @property
    def is_test(self) -> bool:
        """Whether the test of a statement or expression decides."""
        return self.kind is BranchKind.TEST

    @property
    def identity(self) -> tuple[object, ...]:
        """What must hold: tests with the same text are the same condition, wherever they are."""
        return (self.text,) if self.is_test else (self.kind, self.number, self.text, self.span)

    @property
    def outcomes(self) -> frozenset[Outcome]:
        """The tests, each with its outcome, that must have come about for the guarded code to run."""
        parts = [((text,), holds) for text, holds in self.operands] if self.needs_all else []
        return frozenset([(self.identity, self.holds), *parts])

    @property
    def is_excluded_by(self) -> frozenset[Outcome]:
        """Outcomes that together rule it out; empty if only the opposite of its `outcomes` does."""
        parts = [] if self.needs_all else [((text,), not holds) for text, holds in self.operands]
        return frozenset(parts)

    @property
    def holds_once(self) -> bool:
        """Whether a test for one value of a loop variant lets a single iteration pass: `phase == last`."""
        is_variant = self.is_test and not self.is_loop_invariant
        return self.holds and is_variant and "==" in self.text and not self.is_periodic


ControlContext: TypeAlias = tuple[Loop | Condition, ...]
"""The loops and conditions around a piece of code, including those around its callers, outermost first."""


class ProgramPoint(msgspec.Struct, frozen=True):
    """When an entry point runs something."""

    control_context: ControlContext = ()
    sequence: int = 0
    """Rises in the order in which the code runs."""
    is_lazy: bool = False
    """Whether a generator runs it, which happens when its items are used: its order is not known."""

    def __eq__(self, other: object) -> bool:
        """Whether the control context is the same; the sequence does not count."""
        return isinstance(other, ProgramPoint) and self.control_context == other.control_context

    def __hash__(self) -> int:
        """Hash of the control context, as equality compares it."""
        return hash(self.control_context)

    def precedes(self, other: ProgramPoint) -> bool:
        """Whether it comes first wherever one iteration of the loops around both gets to both points."""
        return self.sequence < other.sequence and not (self.is_lazy or other.is_lazy)

    def dominates(self, other: ProgramPoint) -> bool:
        """Whether it has certainly been here whenever it gets to another point."""
        return self.precedes(other) and not self.own_context(other)

    def is_between(self, first: ProgramPoint, last: ProgramPoint) -> bool:
        """Whether it certainly gets here between two other points, where one iteration gets to both."""
        return first.precedes(self) and self.dominates(last)

    def own_context(self, other: ProgramPoint) -> ControlContext:
        """The loops and conditions around it that another point does not share."""
        ours, theirs = self.control_context, other.control_context
        shared = 0
        while shared < min(len(ours), len(theirs)) and ours[shared] == theirs[shared]:
            shared += 1
        return ours[shared:]

    @property
    def is_rank_checked(self) -> bool:
        """Whether a check of the rank decides which processes get here."""
        return any(step.tests_rank for step in self.conditions)

    @property
    def is_reliable(self) -> bool:
        """Whether no method in a loop is entered by its name alone: it may belong to another class."""
        in_loop = False
        for element in self.control_context:
            in_loop = in_loop or isinstance(element, Loop)
            if in_loop and isinstance(element, Condition) and element.kind is BranchKind.BY_NAME:
                return False
        return True

    @property
    def may_run_once(self) -> bool:
        """Whether a condition may let it run in a single iteration of a loop only."""
        in_loop = False
        for element in self.control_context:
            in_loop = in_loop or isinstance(element, Loop)
            if isinstance(element, Condition) and (element.holds_once or (in_loop and element.may_hold_once)):
                return True
        return False

    @property
    def loops(self) -> tuple[Loop, ...]:
        """The enclosing loops."""
        return tuple(element for element in self.control_context if isinstance(element, Loop))

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions under which it runs."""
        return tuple(element for element in self.control_context if isinstance(element, Condition))


class Initialization(msgspec.Struct, frozen=True):
    """A counting variable gets a value; None if the value is unknown."""

    variable: int
    value: int | None
    span: Span
    point: ProgramPoint
    is_must: bool = True
    """Whether it must have this value: a value that a function returns may continue from the last one."""


class Increment(msgspec.Struct, frozen=True):
    """A counting variable rises by `by`."""

    variable: int
    by: int
    span: Span
    point: ProgramPoint
    loop: Loop | None = None
    """The loop that itself raises its variable at the end of an iteration."""


class RunOpened(msgspec.Struct, frozen=True):
    """The run of an init site is opened; `number` distinguishes the times that the entry point gets there."""

    run: Span
    number: int
    point: ProgramPoint


NOWHERE = ProgramPoint()
"""The program point of code that no entry point runs."""
