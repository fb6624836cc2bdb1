"""Whether a value is true in a condition, and whether it is None."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    NONE,
    Class,
    External,
    Function,
    Member,
    Module,
    Partial,
    Run,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.template import Template


def truthiness(value: Value) -> bool | None:
    """Whether the value is true in a condition; None where that is not known."""
    verdicts = {_truthiness_of_one(option) for option in options(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _truthiness_of_one(value: Value) -> bool | None:
    if isinstance(value, Scalar):
        return bool(value.value)
    if isinstance(value, Template):
        if not value.parts:
            return False
        return True if any(isinstance(part, str) for part in value.parts) else None
    if isinstance(value, (Function, Class, Member, Module, Run, Partial)):
        return True
    return None


def is_none(value: Value) -> bool | None:
    """Whether the value is None; None where that is not known."""
    verdicts = {_is_none(option) for option in options(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _is_none(value: Value) -> bool | None:
    if isinstance(value, (Unknown, Thunk)):
        return None
    if isinstance(value, External):
        # `wandb` itself may be None where the import is optional; other library objects are there.
        return False
    return value == NONE
