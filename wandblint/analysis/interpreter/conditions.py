"""Conditions: their truth, and the values of `and`, `or`, `not`, comparisons and `x if y else z`."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.heap_objects import SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.truthiness import is_none, truthiness
from wandblint.analysis.domain.values import FALSE, NONE, TRUE, Frame, Member, Scalar, Value, branch_of
from wandblint.analysis.objects.special_methods import call_comparison, call_truth
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.template import Template


def verdict_of(m: Interpreter, test: facts.Expr, frame: Frame) -> bool | None:
    """Whether a condition holds; None where that is unknown."""
    if isinstance(test, facts.Not):
        inner = verdict_of(m, test.value, frame)
        return None if inner is None else not inner
    if not isinstance(test, facts.Bool):
        value = m.evaluate(test, frame)
        call_truth(m, value, frame, frame.span(test))
        return truthiness(value)
    decisive = test.op == "or"
    verdict: bool | None = not decisive
    before = m.branch
    for operand in test.values:
        operand_verdict = verdict_of(m, operand, frame)
        if operand_verdict is decisive:
            verdict = decisive
            break
        if operand_verdict is None:
            verdict = None
            m.branch = branch_of(m.branch, frame, operand, holds=not decisive)
    m.branch = before
    return verdict


def _bool(m: Interpreter, expr: facts.Bool, frame: Frame) -> Value:
    decisive = expr.op == "or"
    choices: list[Value] = []
    before = m.branch
    for operand in expr.values:
        value = m.evaluate(operand, frame)
        if operand is not expr.values[-1]:
            call_truth(m, value, frame, frame.span(operand))
        verdict = truthiness(value)
        if operand is expr.values[-1] or verdict is decisive:
            choices.append(value)
            break
        if verdict is None:
            choices.extend(option for option in options(value) if truthiness(option) is not (not decisive))
            # The operands after this one may not run.
            m.branch = branch_of(m.branch, frame, operand, holds=not decisive)
    m.branch = before
    return join(choices) if choices else m.unknown(frame, expr)


def _not(m: Interpreter, expr: facts.Not, frame: Frame) -> Value:
    verdict = verdict_of(m, expr.value, frame)
    return m.unknown(frame, expr) if verdict is None else FALSE if verdict else TRUE


def _compare(m: Interpreter, expr: facts.Compare, frame: Frame) -> Value:
    left = m.evaluate(expr.left, frame)
    rights = [m.evaluate(right, frame) for right in expr.rights]
    result: Value | None = None
    for op, one, other in zip(expr.ops, (left, *rights), rights, strict=False):
        result = call_comparison(m, op, one, other, frame, frame.span(expr))
    if result is not None:
        return result
    if len(rights) != 1:
        return m.unknown(frame, expr)
    verdict = _compare_values(m, left, expr.ops[0], rights[0])
    return m.unknown(frame, expr) if verdict is None else TRUE if verdict else FALSE


def _compare_values(m: Interpreter, left: Value, op: str, right: Value) -> bool | None:
    if op in {"is", "==", "is not", "!="}:
        same = _same(left, right)
        return None if same is None else same is (op in {"is", "=="})
    if op in {"in", "not in"}:
        contains = _contains(m, left, right)
        return None if contains is None else contains is (op == "in")
    return None


def _same(left: Value, right: Value) -> bool | None:
    if right == NONE:
        return is_none(left)
    if left == NONE:
        return is_none(right)
    verdicts = {_same_option(one, other) for one in options(left) for other in options(right)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _same_option(left: Value, right: Value) -> bool | None:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left.value == right.value
    if isinstance(left, Template) and isinstance(right, Template):
        return None if left.literal is None or right.literal is None else left.literal == right.literal
    if isinstance(left, Member) and isinstance(right, Member):
        return left == right
    if isinstance(left, (Scalar, Template)) and isinstance(right, (Scalar, Template)):
        return False
    return None


def _contains(m: Interpreter, item: Value, container: Value) -> bool | None:
    if not isinstance(item, (Template, Scalar)) or (isinstance(item, Template) and item.literal is None):
        return None
    if isinstance(container, Template) and isinstance(item, Template):
        text = container.literal
        return None if text is None else (item.literal or "") in text
    for _, sequence in m.objects(container):
        if isinstance(sequence, SequenceObject) and sequence.tail is None:
            verdicts = {_same(item, other) for other in sequence.items}
            return True if True in verdicts else None if None in verdicts else False
    return None


def _conditional(m: Interpreter, expr: facts.Conditional, frame: Frame) -> Value:
    verdict = verdict_of(m, expr.test, frame)
    if verdict is not None:
        return m.evaluate(expr.body if verdict else expr.orelse, frame)
    with m.on_branch(frame, expr.test):
        body = m.evaluate(expr.body, frame)
    with m.on_branch(frame, expr.test, holds=False):
        orelse = m.evaluate(expr.orelse, frame)
    return join((body, orelse))


EVALUATORS: dict[type[facts.Node], Evaluator] = {
    facts.Bool: _bool,
    facts.Not: _not,
    facts.Compare: _compare,
    facts.Conditional: _conditional,
}
