"""Induction variables: the counters that a `step=` can be computed from, each with an identity.

An induction variable is a loop variable (`for i in range(n)`, `enumerate`) or a name or attribute that the
code only adds to (`step += 1`, `self.step += 1`). Its value is unknown, its identity is not.
"""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.heap_objects import Dictionary, Range, SequenceObject
from wandblint.analysis.domain.lattice import hole_of, options
from wandblint.analysis.domain.values import (
    COMPUTED,
    COUNTER,
    NONE,
    External,
    Frame,
    Ref,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.control_context import control_context, program_point
from wandblint.analysis.interpreter.steadiness import is_steady
from wandblint.analysis.objects.classes import find_in_class
from wandblint.analysis.objects.names import bind, look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.control_flow import Increment, Initialization, Loop, ProgramPoint
from wandblint.model.step_values import (
    Clock,
    Constant,
    Counter,
    InductionVariable,
    Operation,
    Size,
    StepValue,
    parts,
)
from wandblint.span import Span
from wandblint.template import SymbolId

MAX_PARTS = 15
"""The limit of what a step is computed from; a number that a loop derives from itself would grow forever."""

CLOCKS = frozenset({"time.time", "time.monotonic", "time.perf_counter", "time.process_time"})
"""Functions that return the present time in seconds."""


def induction_value(m: Interpreter, variable: int, label: str) -> Unknown:
    """The abstract value of an induction variable."""
    symbol = SymbolId(COUNTER, variable)
    m.induction.variables[symbol] = InductionVariable(Counter(variable), label)
    return Unknown(symbol, label)


def induction_variable(m: Interpreter, value: Value) -> InductionVariable | None:
    """The induction variable that a single alternative is; None where it is none."""
    if not isinstance(value, Unknown):
        return None
    if value.external in CLOCKS:
        return InductionVariable(Clock(0), value.label)
    return m.induction.variables.get(value.symbol)


def _counter_of(m: Interpreter, value: Value) -> int | None:
    """The number of the counting variable that a value is, without arithmetic."""
    variable = induction_variable(m, value)
    return variable.value.variable if variable is not None and isinstance(variable.value, Counter) else None


def initial_value(value: Value | None) -> int | None:
    """The first known integer among the alternatives, from which counting may start.

    A negative one next to others mostly says that there is none yet: `step = -1 if new else state.step`.
    """
    choices = () if value is None else options(value)
    numbers = [int(o.value or 0) for o in choices if isinstance(o, Scalar) and o.kind == "int"]
    return next((number for number in numbers if number >= 0 or len(choices) == 1), None)


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
    now = _point(m, frame, span, variable)
    m.recorder.count(Initialization(variable, initial_value(value), span, now, is_certain))


def _point(m: Interpreter, frame: Frame, span: Span, key: object) -> ProgramPoint:
    """The place of an event here: in a module before everything else, whatever loads the module and when."""
    if m.module_cache.current_module:
        return ProgramPoint(control_context(m, m.branch), -1)
    return program_point(m, frame, span, key)


def note_increment(m: Interpreter, frame: Frame, variable: int, amount: Value, span: Span) -> None:
    """Records that the code adds to an induction variable here."""
    now = _point(m, frame, span, variable)
    m.recorder.count(Increment(variable, initial_value(amount) or 1, span, now))


# --- loops ---


def range_variable(m: Interpreter, frame: Frame, span: Span, numbers: Range) -> Unknown:
    """The induction variable of `range(first, stop, stride)` or `enumerate(..., first)`."""
    variable = m.context("counter", frame.context, span)
    m.induction.ranges[variable] = numbers
    if numbers.is_iterator:
        note_initialization(m, frame, variable, numbers.first, span)
    return induction_value(m, variable, "index")


def iteration_count(m: Interpreter, item: Value, target: facts.Expr) -> int | None:
    """The number of iterations of a loop over a range; None where that is unknown."""
    for value, _ in _target_values(m, item, target):
        variable = _counter_of(m, value)
        if variable in m.induction.ranges:
            numbers = m.induction.ranges[variable]
            first, stop, stride = map(known_int, (numbers.first, numbers.stop, numbers.stride))
            if first is not None and stop is not None and stride:
                return len(range(first, stop, stride))
    return None


def enter_loop(m: Interpreter, frame: Frame, item: Value, target: facts.Expr, loop: Loop) -> None:
    """Records the start and the increments of the induction variables of a loop over a range."""
    for value, label in _target_values(m, item, target):
        variable = _counter_of(m, value)
        if variable is None or variable not in m.induction.ranges:
            continue
        numbers = m.induction.ranges[variable]
        if not numbers.is_iterator:
            note_initialization(m, frame, variable, numbers.first, numbers.span)
        induction_value(m, variable, label)
        by, now = initial_value(numbers.stride) or 0, _point(m, frame, numbers.span, loop)
        m.recorder.count(Increment(variable, by, numbers.span, now, loop))


def length_symbol(m: Interpreter, iterable: Value) -> int | None:
    """The symbol of the `Size` that is the number of items of an iterable: of `range(n)` or `loader`."""
    sequence = m.heap_sequence(iterable)
    if sequence is not None:
        counter = None if sequence.tail is None else _counter_of(m, sequence.tail)
        numbers = m.induction.ranges.get(counter) if counter is not None else None
        if numbers is None or numbers.stop is None or known_int(numbers.first) != 0:
            return None
        number = known_int(numbers.stop)
        return stable_hash(hole_of(numbers.stop).symbol if number is None else (number,))
    if not isinstance(iterable, (Unknown, Thunk, External)):
        return None
    return stable_hash(SymbolId("len", hole_of(iterable).symbol))


def _target_values(m: Interpreter, item: Value, target: facts.Expr) -> list[tuple[Unknown, str]]:
    if isinstance(item, Unknown):
        is_name = isinstance(target, (facts.Name, facts.Attr))
        return [(item, facts.source_form(target))] if is_name else []
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
    if _counter_of(m, value) != variable:
        note_initialization(m, frame, variable, value, span)
        frame.names[name] = induction_value(m, variable, name)


def increment(m: Interpreter, node: facts.AugAssign | facts.Assign, frame: Frame) -> bool:
    """Interprets `x += n` of an induction variable; returns False where `x` is none."""
    span = frame.span(node)
    if isinstance(node, facts.AugAssign) and node.op == "+" and isinstance(node.target, facts.Subscript):
        return _increment_item(m, node.target, node.value, frame, span)
    parts = increment_of(node)
    if parts is None:
        return False
    target, amount = parts
    if isinstance(target, facts.Attr):
        return _increment_attribute(m, target, amount, frame, span)
    if target.id in frame.global_names and frame.globals is not None:
        return _increment_elsewhere(m, target.id, amount, frame, span, (frame.globals.path,))
    if target.id in frame.outer_names and (scope := _scope_of(target.id, frame)) is not None:
        return _increment_elsewhere(m, target.id, amount, frame, span, (scope.context, scope.path))
    variable = variable_of_name(m, frame, target.id)
    value = frame.names.get(target.id)
    if value is None or _counter_of(m, value) != variable:
        return False
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    return True


def _increment_attribute(
    m: Interpreter, target: facts.Attr, amount: facts.Expr, frame: Frame, span: Span
) -> bool:
    owner = m.force(m.evaluate(target.value, frame))
    if not isinstance(owner, Ref) or (instance := m.heap_instance(owner)) is None:
        return False
    variable = variable_of_attribute(m, owner, target.attr)
    old = instance.attributes.get(target.attr)
    if old is None and isinstance(old := find_in_class(instance.cls, target.attr), Scalar):
        _note_start(m, frame, variable, old, span)
    if old is None or not may_be_induction(old) or _follows_another(m, old, variable):
        return False
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    value = induction_value(m, variable, facts.source_form(target))
    m.heap.set_attribute(instance, target.attr, value, m.branch)
    m.shared_facts.publish_attribute(instance.cls, target.attr, value)
    return True


def _follows_another(m: Interpreter, value: Value, variable: int) -> bool:
    """Whether a place may hold another counter, as after `self.step = step` in a loop."""
    return any(_counter_of(m, option) not in {None, variable} for option in options(value))


def _increment_item(
    m: Interpreter, target: facts.Subscript, amount: facts.Expr, frame: Frame, span: Span
) -> bool:
    """Interprets `state["step"] += n`."""
    if not isinstance(target.index, facts.Const) or not facts.source_form(target.value):
        return False
    owner, key = m.force(m.evaluate(target.value, frame)), m.evaluate(target.index, frame)
    dictionary = m.heap[owner] if isinstance(owner, Ref) else None
    entry = dictionary.entries.get(key) if isinstance(dictionary, Dictionary) else None
    if entry is None or not isinstance(dictionary, Dictionary) or not may_be_induction(entry.value):
        return False
    variable = m.context("counted", owner, str(target.index.value))
    _note_start(m, frame, variable, entry.value, span)
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    label = m.project.text(frame.path, target.start, target.end)
    m.heap.set_item(dictionary, key, induction_value(m, variable, label), span, m.branch)
    return True


def _increment_elsewhere(
    m: Interpreter, name: str, amount: facts.Expr, frame: Frame, span: Span, scope: tuple[int | str, ...]
) -> bool:
    """Interprets `global x; x += n`, or `nonlocal x`: it starts with the value that its scope assigns."""
    old = look_up(m, name, frame)
    if old is None or not may_be_induction(old):
        return False
    variable = m.context("counted", *scope, name)
    _note_start(m, frame, variable, old, span)
    note_increment(m, frame, variable, m.evaluate(amount, frame), span)
    bind(m, name, induction_value(m, variable, name), frame)
    return True


def _scope_of(name: str, frame: Frame) -> Frame | None:
    """The scope around a function that has a name."""
    scope = frame.outer
    while scope is not None and name not in scope.names:
        scope = scope.outer
    return scope


def _note_start(m: Interpreter, frame: Frame, variable: int, old: Value, span: Span) -> None:
    """Records that an induction variable may start with a value that was assigned before, somewhere else."""
    point = program_point(m, frame, span, "start")
    m.recorder.count(Initialization(variable, initial_value(old), span, point, is_must=False))


# --- values derived from induction variables ---


def induction_of(m: Interpreter, value: Value) -> InductionVariable | None:
    """The induction variable of a value, whose initial value may be a further alternative."""
    return _induction_of_options(m, options(m.force(value)))


def _induction_of_options(m: Interpreter, choices: tuple[Value, ...]) -> InductionVariable | None:
    if not all(isinstance(option, (Scalar, Unknown)) and option != NONE for option in choices):
        return None
    variables = {induction_variable(m, option) for option in choices} - {None}
    return variables.pop() if len(variables) == 1 else None


def derived_value(m: Interpreter, variable: InductionVariable, label: str) -> Unknown:
    """The abstract value of a number derived from an induction variable."""
    symbol = SymbolId(COMPUTED, variable)
    m.induction.variables[symbol] = replace(variable, label=label)
    return Unknown(symbol, label)


def induction_arithmetic(m: Interpreter, op: str, left: Value, right: Value) -> InductionVariable | None:
    """The induction variable that `i + 1`, `i // 10` or `outer * n + i` is; None for anything else."""
    first, second = (_induction_of_options(m, options(value)) for value in (left, right))
    if first is not None and first.is_clock:
        return _time_since(m, op, first, right)
    if first is not None and second is not None:
        is_sum = op == "+" and (first.is_scaled or second.is_scaled)
        return _operation(op, first, first.value, second.value) if is_sum else None
    if first is not None and op in {"+", "-", "*", "//", "/"}:
        operand = _size(m, right, is_offset=op in {"+", "-"})
        return None if operand is None else _operation(op, first, first.value, operand)
    if second is not None and op in {"+", "*"}:
        operand = _size(m, left, is_offset=op == "+")
        return None if operand is None else _operation(op, second, operand, second.value)
    return None


def _operation(
    op: str, variable: InductionVariable, left: StepValue, right: StepValue
) -> InductionVariable | None:
    if sum(1 for _ in parts(left)) + sum(1 for _ in parts(right)) > MAX_PARTS:
        return None
    # wandb takes whole numbers only, so a quotient is rounded before it becomes a step.
    return replace(variable, value=Operation("//" if op == "/" else op, left, right))


def _time_since(
    m: Interpreter, op: str, clock: InductionVariable, operand: Value
) -> InductionVariable | None:
    """The time since a moment before the loops, in any unit."""
    if op == "-" and is_steady(m, operand):
        return replace(clock, value=Clock(stable_hash(("since", operand))))
    return clock if op in {"*", "/", "//"} else None


def _size(m: Interpreter, value: Value, *, is_offset: bool) -> StepValue | None:
    """What a counter is combined with: a constant, or a number that is not known exactly."""
    value = m.force(value)
    choices = options(value)
    numbers = tuple(int(o.value or 0) for o in choices if isinstance(o, Scalar) and o.kind == "int")
    if len(numbers) == len(choices) and (is_offset or min(numbers) > 0):
        is_constant = len(numbers) == 1 and (is_offset or numbers == (1,))
        return Constant(numbers[0]) if is_constant else Size(stable_hash(numbers), numbers, is_offset)
    if len(choices) > 1 or not isinstance(value, Unknown):
        return None
    steady = is_steady(m, value)
    # A factor that changes still makes a number that rises faster than its counter.
    if not steady and is_offset:
        return None
    return Size(stable_hash(hole_of(value).symbol), (), is_offset, steady)
