"""Simple statements: interprets each and returns whether the code after it is reachable."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, Frame, Ref
from wandblint.analysis.interpreter.expressions import call_statement
from wandblint.analysis.interpreter.induction import increment
from wandblint.analysis.interpreter.operators import combine, label_of
from wandblint.analysis.interpreter.receivers import annotated
from wandblint.analysis.interpreter.targets import assign, delete
from wandblint.analysis.objects.containers import change_sequence, merge
from wandblint.analysis.objects.special_methods import call_operator
from wandblint.analysis.state.interpreter import Executor, Interpreter


def _expr(m: Interpreter, node: facts.ExprStmt, frame: Frame) -> bool:
    if isinstance(node.value, facts.Call):
        call_statement(m, node.value, frame)
    else:
        m.evaluate(node.value, frame)
    return True


def _assign(m: Interpreter, node: facts.Assign, frame: Frame) -> bool:
    if node.value is None:
        return True
    if increment(m, node, frame):
        return True
    value = annotated(m, m.evaluate(node.value, frame), node, frame)
    for target in node.targets:
        assign(m, target, value, frame)
    return True


def _augment(m: Interpreter, node: facts.AugAssign, frame: Frame) -> bool:
    if increment(m, node, frame):
        return True
    old = m.evaluate(node.target, frame)
    operand = m.evaluate(node.value, frame)
    span = frame.span(node)
    if any(type(option) is Ref for option in options(old)):
        result = call_operator(m, node.op, old, operand, frame, span, in_place=True)
        if result is not None:
            assign(m, node.target, result, frame)
            return True
    if node.op == "|" and (dictionaries := m.dictionaries(old)):
        for dictionary in dictionaries:
            merge(m, dictionary, operand, span)
        return True
    if (sequence := m.heap_sequence(old)) is not None:
        # A list changes in place, and its other names see it.
        change_sequence(m, sequence, node.op, operand, frame, span)
        assign(m, node.target, old, frame)
        return True
    value = combine(m, node.op, old, operand, frame, node, (label_of(node.target), label_of(node.value)))
    assign(m, node.target, value, frame)
    return True


def _return(m: Interpreter, node: facts.Return, frame: Frame) -> bool:
    value = NONE if node.value is None else m.evaluate(node.value, frame)
    frame.returned.append(value)
    return False


def _raise(m: Interpreter, node: facts.Raise, frame: Frame) -> bool:
    if node.value is not None:
        m.evaluate(node.value, frame)
    return False


def _delete(m: Interpreter, node: facts.Delete, frame: Frame) -> bool:
    for target in node.targets:
        delete(m, target, frame)
    return True


def _jump(m: Interpreter, node: facts.Jump, frame: Frame) -> bool:
    if frame.exits:
        exits = frame.exits[-1]
        (exits.breaks if node.kind == "break" else exits.continues).append(dict(frame.names))
    return False


def _scope(m: Interpreter, node: facts.ScopeDeclaration, frame: Frame) -> bool:
    (frame.global_names if node.kind == "global" else frame.outer_names).update(node.names)
    return True


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.ExprStmt: _expr,
    facts.Assign: _assign,
    facts.AugAssign: _augment,
    facts.Return: _return,
    facts.Raise: _raise,
    facts.Delete: _delete,
    facts.Jump: _jump,
    facts.ScopeDeclaration: _scope,
}
