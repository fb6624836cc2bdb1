"""Numbers that count: the variables that a `step=` can be made of, each with an identity.

A counting variable is a loop's own (`for i in range(n)`, `enumerate`), a name or an attribute that is
only added to (`step += 1`, `self.step += 1`). Its value is unknown, its identity is not.
"""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.heap import Range, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, Frame, Ref, Scalar, Thunk, Unknown, Value
from wandblint.analysis.interpreter.control_context import control_context, program_point
from wandblint.analysis.objects.names import bind, look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.control_flow import Increment, InductionVariable, Initialization, Loop, ProgramPoint
from wandblint.span import Span
from wandblint.template import SymbolId

UNKNOWN_SIZE = 2
"""Stands for a size that is not known: some number above one."""


def induction_value(m: Interpreter, variable: int, label: str) -> Unknown:
    """The value of a counting variable."""
    origin = SymbolId("counter", variable)
    m.induction.variables[origin] = InductionVariable(variable, label)
    return Unknown(origin, label)


def induction_variable(m: Interpreter, value: Value) -> InductionVariable | None:
    """What one alternative counts with, if it does."""
    return m.induction.variables.get(value.symbol) if isinstance(value, Unknown) else None


def initial_value(value: Value | None) -> int | None:
    """Where counting may start: a known number if there is one among the alternatives."""
    for option in () if value is None else options(value):
        if isinstance(option, Scalar) and option.kind == "int":
            return int(option.value or 0)
    return None


def known_int(value: Value | None) -> int | None:
    """The number that a value certainly is."""
    return initial_value(value) if value is not None and len(options(value)) == 1 else None


def may_be_induction(value: Value) -> bool:
    """Whether a variable of this value may be a number: what is put off only beside a number."""
    choices = options(value)
    numbers = [option for option in choices if isinstance(option, Scalar)]
    others = [option for option in choices if not isinstance(option, (Scalar, Unknown))]
    return not others or (bool(numbers) and all(isinstance(option, Thunk) for option in others))


def note_initialization(m: Interpreter, frame: Frame, number: int, value: Value | None, span: Span) -> None:
    """The variable gets a value here."""
    is_certain = value is None or len(options(value)) == 1
    # Whoever loads a module, and when: its own variables start before all else.
    now = (
        ProgramPoint(control_context(m, m.branch), -1)
        if m.in_module_init
        else program_point(m, frame, span, number)
    )
    m.recorder.count(Initialization(number, initial_value(value), span, now, is_certain))


def note_increment(m: Interpreter, frame: Frame, number: int, by: Value, span: Span) -> None:
    """The variable is added to here."""
    m.recorder.count(Increment(number, initial_value(by) or 1, span, program_point(m, frame, span, number)))


# --- loops ---


def range_variable(m: Interpreter, frame: Frame, span: Span, numbers: Range) -> Unknown:
    """What `range(first, stop, stride)` and `enumerate(..., first)` count with."""
    number = m.context("counter", frame.context, span)
    m.induction.ranges[number] = numbers
    return induction_value(m, number, "index")


def iteration_count(m: Interpreter, item: Value, target: facts.Expr) -> int | None:
    """How many passes a loop over what counts makes, where that is known."""
    for value, _ in _variables(m, item, target):
        made = induction_variable(m, value)
        if made is not None and made.variable in m.induction.ranges:
            numbers = m.induction.ranges[made.variable]
            first, stop, stride = map(known_int, (numbers.first, numbers.stop, numbers.stride))
            if first is not None and stop is not None and stride:
                return len(range(first, stop, stride))
    return None


def enter_loop(m: Interpreter, frame: Frame, item: Value, target: facts.Expr, loop: Loop) -> None:
    """A loop over what counts begins: its variable starts, and rises with every pass."""
    for value, label in _variables(m, item, target):
        made = induction_variable(m, value)
        if made is None or made.variable not in m.induction.ranges:
            continue
        numbers = m.induction.ranges[made.variable]
        note_initialization(m, frame, made.variable, numbers.first, numbers.span)
        induction_value(m, made.variable, label)
        by, now = initial_value(numbers.stride) or 0, program_point(m, frame, numbers.span, loop)
        m.recorder.count(Increment(made.variable, by, numbers.span, now, loop))


def _variables(m: Interpreter, item: Value, target: facts.Expr) -> list[tuple[Unknown, str]]:
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


# --- names and attributes that are added to ---


def increment_of(node: facts.Node) -> tuple[facts.Name | facts.Attr, facts.Expr] | None:
    """The variable and what is added to it: `x += n`, `x = x + n`."""
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
    """The counting variable that a local name is."""
    return m.context("counted", frame.context, frame.path, name)


def variable_of_attribute(m: Interpreter, owner: Ref, name: str) -> int:
    """The counting variable that an attribute of an object is."""
    return m.context("counted", owner, name)


def widen_name(m: Interpreter, frame: Frame, name: str, at: Span) -> None:
    """A loop that only adds to a name begins: the name counts from here on."""
    value = frame.names[name]
    number = variable_of_name(m, frame, name)
    counts = induction_variable(m, value)
    if counts is None or counts.variable != number:
        note_initialization(m, frame, number, value, at)
        frame.names[name] = induction_value(m, number, name)


def increment(m: Interpreter, node: facts.AugAssign | facts.Assign, frame: Frame) -> bool:
    """`x += n` for a variable that counts; False where it is none."""
    added = increment_of(node)
    if added is None:
        return False
    target, change = added
    span = Span(frame.path, node.start, node.end)
    if isinstance(target, facts.Attr):
        return _increment_attribute(m, target, change, frame, span)
    if target.id in frame.global_names and frame.globals is not None:
        return _increment_global(m, target.id, change, frame, span)
    number = variable_of_name(m, frame, target.id)
    value = frame.names.get(target.id)
    counts = None if value is None else induction_variable(m, value)
    if counts is None or counts.variable != number:
        return False
    note_increment(m, frame, number, m.evaluate(change, frame), span)
    return True


def _increment_attribute(
    m: Interpreter, target: facts.Attr, change: facts.Expr, frame: Frame, span: Span
) -> bool:
    owners = m.force(m.evaluate(target.value, frame))
    if not isinstance(owners, Ref) or (made := m.heap_instance(owners)) is None:
        return False
    old = made.attributes.get(target.attr)
    if old is None or not may_be_induction(old):
        return False
    number = variable_of_attribute(m, owners, target.attr)
    note_increment(m, frame, number, m.evaluate(change, frame), span)
    value = induction_value(m, number, facts.source_form(target))
    m.heap.set_attribute(made, target.attr, value, m.branch)
    m.shared_facts.publish_attribute(made.cls, target.attr, value)
    return True


def _increment_global(m: Interpreter, name: str, change: facts.Expr, frame: Frame, span: Span) -> bool:
    """`global x; x += n`: what the module gave it is what it starts with, whenever that was."""
    old = look_up(m, name, frame)
    if old is None or not may_be_induction(old) or frame.globals is None:
        return False
    number = m.context("counted", frame.globals.path, name)
    m.recorder.count(
        Initialization(
            number, initial_value(old), span, program_point(m, frame, span, "start"), is_must=False
        )
    )
    note_increment(m, frame, number, m.evaluate(change, frame), span)
    bind(m, name, induction_value(m, number, name), frame)
    return True


# --- what is made of them ---


def induction_of(m: Interpreter, value: Value) -> InductionVariable | None:
    """The counter that a value is: what it starts with may stand beside it as an alternative."""
    return _induction_of_options(m, options(m.force(value)))


def _induction_of_options(m: Interpreter, choices: tuple[Value, ...]) -> InductionVariable | None:
    if not all(isinstance(option, (Scalar, Unknown)) and option != NONE for option in choices):
        return None
    found = {induction_variable(m, option) for option in choices} - {None}
    return found.pop() if len(found) == 1 else None


def induction_arithmetic(m: Interpreter, op: str, left: Value, right: Value) -> InductionVariable | None:
    """`counter + 1`, `counter // 10`, `outer * n + counter`: still a counter; None where it is none."""
    one, other = _induction_of_options(m, options(left)), _induction_of_options(m, options(right))
    made = None
    if op == "*":
        made = _scaled(one if other is None else other, right if other is None else left)
    elif op == "+" and one is not None and other is not None:
        made = _nested(one, other) or _nested(other, one)
    elif one is not None and isinstance(right, Scalar) and right.kind == "int":
        made = _with_constant(one, op, int(right.value or 0))
    elif one is not None and isinstance(right, Unknown) and op == "//":
        made = _with_constant(one, op, UNKNOWN_SIZE)
    return made


def derived_value(m: Interpreter, made: InductionVariable, label: str) -> Unknown:
    """The value of a number that is made of a counting variable."""
    origin = SymbolId("counted with", made)
    m.induction.variables[origin] = replace(made, label=label)
    return Unknown(origin, label)


def _with_constant(made: InductionVariable, op: str, by: int) -> InductionVariable | None:
    if op in {"+", "-"}:
        return replace(made, offset=made.offset + (by if op == "+" else -by))
    if op == "//" and by > 0 and not made.offset:
        return replace(made, divisor=made.divisor * by)
    return None


def _scaled(made: InductionVariable | None, by: Value) -> InductionVariable | None:
    """Multiplied by a size: `epoch * len(loader)`."""
    is_size = isinstance(by, Unknown) or (isinstance(by, Scalar) and by.kind == "int" and bool(by.value))
    return replace(made, is_scaled=True) if made is not None and is_size else None


def _nested(outer: InductionVariable, inner: InductionVariable) -> InductionVariable | None:
    if not outer.is_scaled or inner.is_scaled or outer.outer is not None:
        return None
    return replace(inner, outer=outer.variable, is_scaled=True)
