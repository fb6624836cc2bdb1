"""The values that a condition tests: an equal value is the same setting, whatever its name is there."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.truthiness import truthiness
from wandblint.analysis.domain.values import Frame, Module, Unknown, Value
from wandblint.analysis.interpreter.iteration_tests import is_periodic
from wandblint.analysis.objects.classes import find_in_class, has_unknown_base
from wandblint.analysis.objects.names import look_up, member
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


def is_ruled_out(m: Interpreter, test: facts.Expr, frame: Frame | None, *, holds: bool) -> bool:
    """Whether an attribute that a test asks for has another value, such as the default of a field.

    A test does not wait for what a new instance has; here it is known.
    """
    match test:
        case facts.Not(value=value):
            return is_ruled_out(m, value, frame, holds=not holds)
        case facts.Bool(op=op, values=values):
            combine = any if holds is (op == "and") else all
            return combine([is_ruled_out(m, value, frame, holds=holds) for value in values])
        case facts.Attr(value=owner, attr=name) if frame is not None:
            instance = None if (of := value_of(m, owner, frame)) is None else m.heap_instance(of)
            if instance is None or instance.is_symbolic or instance.is_open or has_unknown_base(instance.cls):
                return False
            found = instance.attributes.get(name) or find_in_class(instance.cls, name)
            return found is not None and truthiness(m.force(found)) is (not holds)
    return False


def _symbol(m: Interpreter, expr: facts.Expr, frame: Frame) -> SymbolId | None:
    """What a variable, an attribute or a comparison of one with a constant is, until it is assigned."""
    match expr:
        case facts.Name() | facts.Attr():
            value = value_of(m, expr, frame)
            return value.symbol if isinstance(value, Unknown) else None
        case facts.Compare(left=left, ops=[op], rights=[facts.Const(value=constant)]):
            symbol = _symbol(m, left, frame)
            return None if symbol is None else SymbolId("compared", symbol, op, str(constant))
    return None


def value_of(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value | None:
    """The value of a variable, or of an attribute of one; None where it is not known or unbound."""
    if isinstance(expr, facts.Name):
        value = look_up(m, expr.id, frame)
        return None if value is None else m.force(value)
    owner = value_of(m, expr.value, frame) if isinstance(expr, facts.Attr) else None
    if owner is None or not isinstance(expr, facts.Attr):
        return None
    if isinstance(owner, Unknown):
        if expr.attr in m.entry.changed_attributes:
            return None
        return Unknown(SymbolId("attribute", owner.symbol, expr.attr))
    if isinstance(owner, Module):
        return m.force(member(m, owner.path, expr.attr))
    instance = m.heap_instance(owner)
    value = None if instance is None else instance.attributes.get(expr.attr)
    return None if value is None else m.force(value)
