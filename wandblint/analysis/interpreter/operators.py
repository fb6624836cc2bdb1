"""Operators and f-strings, which build keys, lists and rows."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.heap_objects import SequenceObject
from wandblint.analysis.domain.lattice import concatenate, has_thunk, hole_of, join, options
from wandblint.analysis.domain.values import Frame, Ref, Scalar, Value, scalar
from wandblint.analysis.interpreter.induction import derived_value, induction_arithmetic, known_int
from wandblint.analysis.objects.containers import merge
from wandblint.analysis.objects.special_methods import BUILTINS, call_operator, call_special
from wandblint.analysis.objects.strings import percent_format
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.template import Hole, Template, template


def label_of(expr: facts.Expr) -> str:
    """A short label for the value of an expression, taken from the source."""
    if isinstance(expr, facts.Name):
        return expr.id
    if isinstance(expr, facts.Attr):
        return expr.attr
    if isinstance(expr, facts.Call):
        return f"{label_of(expr.func)}()"
    if isinstance(expr, facts.Subscript):
        index = expr.index.value if isinstance(expr.index, facts.Const) else "..."
        return f"{label_of(expr.value)}[{index}]"
    return "..."


def labelled(value: Value, label: str) -> Value:
    """The value, with its unknown alternatives labelled by the expression in the source."""
    if isinstance(value, (Scalar, Template)) or has_thunk(value):
        return value
    return join(
        template(Hole(hole_of(option).symbol, label))
        if not isinstance(option, (Scalar, Template))
        else option
        for option in options(value)
    )


def _template(m: Interpreter, expr: facts.FormattedString, frame: Frame) -> Value:
    span = frame.span(expr)
    parts: list[Value] = []
    for part in expr.parts:
        if isinstance(part, str):
            parts.append(template(part))
            continue
        value = m.evaluate(part, frame)
        if any(type(option) is Ref for option in options(value)):
            value = call_special(m, value, ("__format__", *BUILTINS["str"]), (), frame, span) or value
        parts.append(labelled(value, label_of(part)))
    if any(map(has_thunk, parts)):
        return m.defer(frame, (expr.start, expr.end), lambda: concatenate(map(m.force, parts), span))
    return concatenate(parts, span)


def _binary(m: Interpreter, expr: facts.Binary, frame: Frame) -> Value:
    left = m.evaluate(expr.left, frame)
    right = m.evaluate(expr.right, frame)
    return combine(m, expr.op, left, right, frame, expr, (label_of(expr.left), label_of(expr.right)))


def combine(
    m: Interpreter,
    op: str,
    left: Value,
    right: Value,
    frame: Frame,
    node: facts.Node,
    labels: tuple[str, str],
) -> Value:
    """The value of `left op right` for strings, lists, dictionaries and induction variables; else unknown."""
    if op == "%" and (divisor := known_int(right)) and (dividend := known_int(left)) is not None:
        # Other operators are left out: a counter would get a new value in every iteration.
        return scalar(dividend % divisor)
    variable = induction_arithmetic(m, op, left, right)
    if variable is not None:
        source = m.project.text(frame.path, node.start, node.end)
        return derived_value(m, variable, " ".join(source.split()))
    if any(type(option) is Ref for value in (left, right) for option in options(value)):
        result = call_operator(m, op, left, right, frame, frame.span(node))
        if result is not None:
            return result
    if op in {"+", "%", "|"}:
        return _joined(m, op, left, right, frame, node, labels)
    return m.unknown(frame, node)


def _joined(
    m: Interpreter,
    op: str,
    left: Value,
    right: Value,
    frame: Frame,
    node: facts.Node,
    labels: tuple[str, str],
) -> Value:
    """The sum of strings or lists, the union of dictionaries, or a formatted string."""
    if has_thunk(left) or has_thunk(right):
        return m.defer(
            frame,
            (node.start, node.end),
            lambda: combine(m, op, m.force(left), m.force(right), frame, node, labels),
        )
    span = frame.span(node)
    if op == "%" and any(isinstance(option, Template) for option in options(left)):
        return percent_format(m, left, right, span)
    if op == "+":
        if any(isinstance(option, Template) for value in (left, right) for option in options(value)):
            return concatenate([labelled(left, labels[0]), labelled(right, labels[1])], span)
        if lists := [
            operand
            for value in (left, right)
            for _, operand in m.objects(value)
            if isinstance(operand, SequenceObject)
        ]:
            are_all_lists = len(lists) == len(options(left)) + len(options(right)) == 2  # noqa: PLR2004
            items = [item for operand in lists for item in operand.items]
            tails = [operand.tail for operand in lists if operand.tail is not None]
            if not are_all_lists:
                tails.append(m.unknown(frame, node))
            return m.new_items(frame, (node.start, node.end), items, join(tails) if tails else None)
    if op == "|" and (m.dictionaries(left) or m.dictionaries(right)):
        ref, dictionary = m.new_dict(frame, (node.start, node.end))
        merge(m, dictionary, left, span)
        merge(m, dictionary, right, span)
        return ref
    return m.unknown(frame, node)


EVALUATORS: dict[type[facts.Node], Evaluator] = {facts.FormattedString: _template, facts.Binary: _binary}
