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
    """Whether the value is true in a condition; None where that is unknown."""
    verdicts = {_truthiness(option) for option in options(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _truthiness(value: Value) -> bool | None:
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
    """Whether the value is None; None where that is unknown."""
    verdicts = {_is_none(option) for option in options(value)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _is_none(value: Value) -> bool | None:
    if isinstance(value, Unknown):
        # A parameter that is annotated as a number, a text or a truth value, which the symbol ends in.
        return False if value.symbol.key[0] == "parameter" and value.symbol.key[3:] else None
    if isinstance(value, Thunk):
        return None
    if isinstance(value, External):
        # Even of an optional import: libraries count as installed.
        return False
    return value == NONE
