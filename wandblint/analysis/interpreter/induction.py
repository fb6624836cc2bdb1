"""Induction variables: the counters that a `step=` can be computed from, each with an identity.

An induction variable is a loop variable (`for i in range(n)`, `enumerate`) or a name or attribute that the
code only adds to (`step += 1`, `self.step += 1`). Its value is unknown, its identity is not.
"""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.heap_objects import Range, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, Frame, Ref, Scalar, Thunk, Unknown, Value
from wandblint.analysis.interpreter.control_context import control_context, program_point
from wandblint.analysis.objects.names import bind, look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.control_flow import Increment, InductionVariable, Initialization, Loop, ProgramPoint
from wandblint.span import Span
from wandblint.template import SymbolId

UNKNOWN_SIZE = 2
"""Stands for an unknown size: some number above one."""


def induction_value(m: Interpreter, variable: int, label: str) -> Unknown:
    """The abstract value of an induction variable."""
    symbol = SymbolId("counter", variable)
    m.induction.variables[symbol] = InductionVariable(variable, label)
    return Unknown(symbol, label)


def induction_variable(m: Interpreter, value: Value) -> InductionVariable | None:
    """The induction variable that a single alternative is; None where it is none."""
    return m.induction.variables.get(value.symbol) if isinstance(value, Unknown) else None


def initial_value(value: Value | None) -> int | None:
    """The first known integer among the alternatives, from which counting may start."""
    for option in () if value is None else options(value):
        if isinstance(option, Scalar) and option.kind == "int":
            return int(option.value or 0)
    return None


def known_int(value: Value | None) -> int | None:
    """The only integer that a value can be; None where it may be something else."""
    return initial_value(value) if value is not None and len(options(value)) == 1 else None


def may_be_induction(value: Value) -> bool:
    """Whether a variable with this value may be a number; thunks count only next to a number."""
    choices = options(value)
    numbers = [option for option in choices if isinstance(option, Scalar)]
    others = [option for option in choices if not isinstance(option, (Scalar, Unknown))]
    return not others or (bool(numbers) and all(isinstance(option, Thunk) for option in others))


def note_initialization(m: Interpreter, frame: Frame, variable: int, value: Value | None, span: Span) -> None:
    """Records that an induction variable gets a value here."""
    is_certain = value is None or len(options(value)) == 1
    # Variables of a module start before everything else, whatever code loads the module and when.
    now = (
        ProgramPoint(control_context(m, m.branch), -1)
        if m.module_cache.current_module
        else program_point(m, frame, span, variable)
    )
    m.recorder.count(Initialization(variable, initial_value(value), span, now, is_certain))


def note_increment(m: Interpreter, frame: Frame, variable: int, amount: Value, span: Span) -> None:
    """Records that the code adds to an induction variable here."""
    m.recorder.count(
        Increment(variable, initial_value(amount) or 1, span, program_point(m, frame, span, variable))
    )


# --- loops ---


def range_variable(m: Interpreter, frame: Frame, span: Span, numbers: Range) -> Unknown:
    """The induction variable of `range(first, stop, stride)` or `enumerate(..., first)`."""
    variable = m.context("counter", frame.context, span)
    m.induction.ranges[variable] = numbers
    return induction_value(m, variable, "index")


def iteration_count(m: Interpreter, item: Value, target: facts.Expr) -> int | None:
    """The number of iterations of a loop over a range; None where that is unknown."""
    for value, _ in _target_values(m, item, target):
        variable = induction_variable(m, value)
        if variable is not None and variable.variable in m.induction.ranges:
            numbers = m.induction.ranges[variable.variable]
            first, stop, stride = map(known_int, (numbers.first, numbers.stop, numbers.stride))
            if first is not None and stop is not None and stride:
                return len(range(first, stop, stride))
    return None


def enter_loop(m: Interpreter, frame: Frame, item: Value, target: facts.Expr, loop: Loop) -> None:
    """Records the start and the increments of the induction variables of a loop over a range."""
    for value, label in _target_values(m, item, target):
        variable = induction_variable(m, value)
        if variable is None or variable.variable not in m.induction.ranges:
            continue
        numbers = m.induction.ranges[variable.variable]
        note_initialization(m, frame, variable.variable, numbers.first, numbers.span)
        induction_value(m, variable.variable, label)
        by, now = initial_value(numbers.stride) or 0, program_point(m, frame, numbers.span, loop)
        m.recorder.count(Increment(variable.variable, by, numbers.span, now, loop))


def _target_values(m: Interpreter, item: Value, target: facts.Expr) -> list[tuple[Unknown, str]]:
    if isinstance(item, Unknown):
        return [(item, target.id)] if isinstance(target, facts.Name) else []
    pair = m.heap_sequence(item)
    if not isinstance(pair, SequenceObject) or not isinstance(target, facts.Sequence):
        return []
    return [
        (value, name.id)
        for value, name in zip(pair.items, target.items, strict=False)
        if isinstance(value, Unknown) and isinstance(name, facts.Name)
    ]


# --- names and attributes that the code adds to ---


def increment_of(node: facts.Node) -> tuple[facts.Name | facts.Attr, facts.Expr] | None:
    """The target and the increment of `x += n` or `x = x + n`."""
    if (
        isinstance(node, facts.AugAssign)
        and node.op == "+"
        and isinstance(node.target, (facts.Name, facts.Attr))
    ):
        return node.target, node.value
    if (
        isinstance(node, facts.Assign)
        and len(node.targets) == 1
        and isinstance(target := node.targets[0], (facts.Name, facts.Attr))
        and isinstance(node.value, facts.Binary)
        and node.value.op == "+"
        and facts.source_form(target)
        and facts.source_form(node.value.left) == facts.source_form(target)
    ):
        return target, node.value.right
    return None


def variable_of_name(m: Interpreter, frame: Frame, name: str) -> int:
    """The id of the induction variable of a local name."""
    return m.context("counted", frame.context, frame.path, name)


def variable_of_attribute(m: Interpreter, owner: Ref, name: str) -> int:
    """The id of the induction variable of an attribute of an object."""
    return m.context("counted", owner, name)


def widen_name(m: Interpreter, frame: Frame, name: str, span: Span) -> None:
    """Turns a name into an induction variable, at the start of a loop that only adds to it."""
    value = frame.names[name]
    variable = variable_of_name(m, frame, name)
    current = induction_variable(m, value)
    if current is None or current.variable != variable:
        note_initialization(m, frame, variable, value, span)
        frame.names[name] = induction_value(m, variable, name)


def increment(m: Interpreter, node: facts.AugAssign | facts.Assign, frame: Frame) -> bool:
    """Interprets `x += n` of an induction variable; returns False where `x` is none."""
    parts = increment_of(node)
    if parts is None:
        return False
    target, amount = parts
    span = frame.span(node)
    if isinstance(target, facts.Attr):
        return _increment_attribute(m, target, amount, frame, span)
    if target.id in frame.global_names and frame.globals is not None:
        return _increment_global(m, target.id, amount, frame, span)
    variable = variable_of_name(m, frame, target.id)
    value = frame.names.get(target.id)
    current = None if value is None else induction_variable(m, value)
    if current is None or current.variable != variable:
        return False
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    return True


def _increment_attribute(
    m: Interpreter, target: facts.Attr, amount: facts.Expr, frame: Frame, span: Span
) -> bool:
    owner = m.force(m.evaluate(target.value, frame))
    if not isinstance(owner, Ref) or (instance := m.heap_instance(owner)) is None:
        return False
    old = instance.attributes.get(target.attr)
    if old is None or not may_be_induction(old):
        return False
    variable = variable_of_attribute(m, owner, target.attr)
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    value = induction_value(m, variable, facts.source_form(target))
    m.heap.set_attribute(instance, target.attr, value, m.branch)
    m.shared_facts.publish_attribute(instance.cls, target.attr, value)
    return True


def _increment_global(m: Interpreter, name: str, amount: facts.Expr, frame: Frame, span: Span) -> bool:
    """Interprets `global x; x += n`: the variable starts with the value that the module assigns."""
    old = look_up(m, name, frame)
    if old is None or not may_be_induction(old) or frame.globals is None:
        return False
    variable = m.context("counted", frame.globals.path, name)
    m.recorder.count(
        Initialization(
            variable, initial_value(old), span, program_point(m, frame, span, "start"), is_must=False
        )
    )
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    bind(m, name, induction_value(m, variable, name), frame)
    return True


# --- values derived from induction variables ---


def induction_of(m: Interpreter, value: Value) -> InductionVariable | None:
    """The induction variable of a value, whose initial value may be a further alternative."""
    return _induction_of_options(m, options(m.force(value)))


def _induction_of_options(m: Interpreter, choices: tuple[Value, ...]) -> InductionVariable | None:
    if not all(isinstance(option, (Scalar, Unknown)) and option != NONE for option in choices):
        return None
    variables = {induction_variable(m, option) for option in choices} - {None}
    return variables.pop() if len(variables) == 1 else None


def induction_arithmetic(m: Interpreter, op: str, left: Value, right: Value) -> InductionVariable | None:
    """The induction variable that `i + 1`, `i // 10` or `outer * n + i` is; None for anything else."""
    first, second = (_induction_of_options(m, options(value)) for value in (left, right))
    result = None
    if op == "*":
        result = _scaled(first, right) if second is None else _scaled(second, left)
    elif op == "+" and first is not None and second is not None:
        result = _nested(first, second) or _nested(second, first)
    elif first is not None and isinstance(right, Scalar) and right.kind == "int":
        result = _with_constant(first, op, int(right.value or 0))
    elif first is not None and isinstance(right, Unknown) and op == "//":
        result = _with_constant(first, op, UNKNOWN_SIZE)
    return result


def derived_value(m: Interpreter, variable: InductionVariable, label: str) -> Unknown:
    """The abstract value of a number derived from an induction variable."""
    symbol = SymbolId("counted with", variable)
    m.induction.variables[symbol] = replace(variable, label=label)
    return Unknown(symbol, label)


def _with_constant(variable: InductionVariable, op: str, constant: int) -> InductionVariable | None:
    if op in {"+", "-"}:
        return replace(variable, offset=variable.offset + (constant if op == "+" else -constant))
    if op == "//" and constant > 0 and not variable.offset:
        return replace(variable, divisor=variable.divisor * constant)
    return None


def _scaled(variable: InductionVariable | None, size: Value) -> InductionVariable | None:
    """The product of an induction variable and a size: `epoch * len(loader)`."""
    is_size = isinstance(size, Unknown) or (
        isinstance(size, Scalar) and size.kind == "int" and bool(size.value)
    )
    return replace(variable, is_scaled=True) if variable is not None and is_size else None


def _nested(outer: InductionVariable, inner: InductionVariable) -> InductionVariable | None:
    if not outer.is_scaled or inner.is_scaled or outer.outer is not None:
        return None
    return replace(inner, outer=outer.variable, is_scaled=True)
