"""The values that a condition tests: an equal value is the same setting, whatever its name is there."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.values import Frame, Unknown, Value
from wandblint.analysis.interpreter.iteration_tests import is_periodic
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.template import SymbolId


def tested_values(
    m: Interpreter, test: facts.Expr, frame: Frame | None, *, holds: bool
) -> Iterator[tuple[int | None, bool]]:
    """The identities of the operands of a test, each with the outcome that it contributes.

    An operand that is no variable or attribute has none; one that only selects iterations is left out.
    """
    while isinstance(test, facts.Not):
        test, holds = test.value, not holds
    if isinstance(test, facts.Bool) and holds is (test.op == "and"):
        for operand in test.values:
            yield from tested_values(m, operand, frame, holds=holds)
    elif isinstance(test, facts.Bool) or not is_periodic(test):
        symbol = None if frame is None else _symbol(m, test, frame)
        yield None if symbol is None else stable_hash(symbol), holds


def _symbol(m: Interpreter, expr: facts.Expr, frame: Frame) -> SymbolId | None:
    """What a variable, an attribute or a comparison of one with a constant is, until it is assigned."""
    match expr:
        case facts.Name() | facts.Attr():
            value = _value(m, expr, frame)
            return value.symbol if isinstance(value, Unknown) else None
        case facts.Compare(left=left, ops=[op], rights=[facts.Const(value=constant)]):
            symbol = _symbol(m, left, frame)
            return None if symbol is None else SymbolId("compared", symbol, op, str(constant))
    return None


def _value(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value | None:
    if isinstance(expr, facts.Name):
        value = look_up(m, expr.id, frame)
        return None if value is None else m.force(value)
    owner = _value(m, expr.value, frame) if isinstance(expr, facts.Attr) else None
    if owner is None or not isinstance(expr, facts.Attr):
        return None
    if isinstance(owner, Unknown):
        if expr.attr in m.entry.changed_attributes:
            return None
        return Unknown(SymbolId("attribute", owner.symbol, expr.attr))
    instance = m.heap_instance(owner)
    value = None if instance is None else instance.attributes.get(expr.attr)
    return None if value is None else m.force(value)
