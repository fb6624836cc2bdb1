"""Steps as expressions: what a `step=` is computed from, and its value in a simulated run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec


class Counter(msgspec.Struct, frozen=True):
    """The present number of a counting variable."""

    variable: int


class Constant(msgspec.Struct, frozen=True):
    """A literal."""

    value: int


class Size(msgspec.Struct, frozen=True):
    """A number, not known exactly, by which a counter is multiplied or divided, or which is added to it."""

    symbol: int
    """Identifies it: equal expressions of equal objects are one size."""
    choices: tuple[int, ...] = ()
    """What it can be; empty if that is not known."""
    is_offset: bool = False
    """Whether it is added, so that it may be zero."""
    is_steady: bool = True
    """Whether it certainly keeps its value while the loops run."""


class Clock(msgspec.Struct, frozen=True):
    """The time since some moment, in some unit."""

    since: int


class Operation(msgspec.Struct, frozen=True):
    """An arithmetic operation: one of `+`, `-`, `*`, `//`."""

    operator: str
    left: StepValue
    right: StepValue


StepValue: TypeAlias = Counter | Constant | Size | Clock | Operation


class InductionVariable(msgspec.Struct, frozen=True):
    """A number that is computed from counters: `epoch * len(loader) + i`."""

    value: StepValue
    label: str = "..."
    """Its name in the source, which equality ignores."""

    def __eq__(self, other: object) -> bool:
        """Whether it is the same number; labels do not count."""
        return isinstance(other, InductionVariable) and self.value == other.value

    def __hash__(self) -> int:
        """Hash of everything but the label, as equality compares it."""
        return hash(self.value)

    @property
    def variables(self) -> tuple[int, ...]:
        """The counting variables that it depends on."""
        return tuple(dict.fromkeys(part.variable for part in parts(self.value) if isinstance(part, Counter)))

    @property
    def sizes(self) -> tuple[Size, ...]:
        """The sizes that it depends on."""
        return tuple(dict.fromkeys(part for part in parts(self.value) if isinstance(part, Size)))

    @property
    def constants(self) -> tuple[int, ...]:
        """The literals in it."""
        return tuple(part.value for part in parts(self.value) if isinstance(part, Constant))

    @property
    def is_clock(self) -> bool:
        """Whether it follows a clock."""
        return any(isinstance(part, Clock) for part in parts(self.value))

    @property
    def is_scaled(self) -> bool:
        """Whether a counter in it is multiplied."""
        return any(isinstance(part, Operation) and part.operator == "*" for part in parts(self.value))


def parts(value: StepValue) -> Iterator[StepValue]:
    """The expression and all expressions in it."""
    yield value
    if isinstance(value, Operation):
        yield from parts(value.left)
        yield from parts(value.right)


def evaluate(
    value: StepValue, variables: Mapping[int, int], sizes: Mapping[Size, int], clock: int = 0
) -> int:
    """The number that an expression is, given what it is made of."""
    match value:
        case Constant(number):
            return number
        case Counter(variable):
            return variables.get(variable, 0)
        case Size():
            return sizes[value]
        case Clock():
            return clock
    left = evaluate(value.left, variables, sizes, clock)
    right = evaluate(value.right, variables, sizes, clock)
    match value.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left // max(right, 1)
