"""Loops over names that log one key per iteration: `for k, v in metrics.items(): run.log({k: v})`."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.heap_objects import ActiveLoop, DictEntry
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import COMPUTED, COUNTER, Branch, Scalar, Thunk, Unknown, Value
from wandblint.analysis.interpreter.steadiness import place_of_thunk
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import (
    assignment_targets,
    end_of,
    last_word,
    mentions,
    repeats,
    statements,
    target_names,
    walk,
)
from wandblint.model.step_values import Clock, Counter, InductionVariable, Size, StepValue, parts
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template

_SAME_ITEMS = frozenset({"list", "tuple", "sorted", "reversed", "iter", "tqdm", "track", "keys"})
"""Functions and methods whose result has the items of their argument or receiver."""

_READING = frozenset(
    {"abs", "cpu", "detach", "float", "get_last_lr", "get_lr", "int", "item", "max", "mean", "min", "norm"}
    | {"numpy", "round", "std", "sum", "tolist"}
)
"""Functions and methods that turn what is there into numbers, without training or evaluating."""

_AT_HAND = frozenset({"range", "len", "values"}) | _READING | _SAME_ITEMS
"""Functions and methods whose items are there before the loop."""

_PRINTING = frozenset({"debug", "info", "print", "write"})
"""Functions and methods that show a value to the reader."""

_NUMBERS = frozenset({"len", "int", "float", "round", "min", "max"})
"""Functions whose result is the same as long as their arguments are."""


def loop_of_names(m: Interpreter, row: Value) -> ActiveLoop | None:
    """The innermost loop, if it iterates over names of which each forms a key of the row.

    The other keys of the row must not depend on the loop.
    """
    loop = m.loops[-1] if m.loops else None
    rows = m.dictionaries(row)
    if loop is None or not isinstance(loop.node, facts.For) or len(rows) != 1:
        return None
    entries = list(rows[0].entries.values())
    targets = {
        name: loop.frame.names[name] for name in target_names(loop.node.target) if name in loop.frame.names
    }
    for name, value in targets.items():
        named = [entry for entry in entries if _is_named_after(entry, value)]
        if len(named) == 1 and _goes_over_names(m, loop.node, name, targets, named[0]):
            if m.dictionaries(named[0].value) or _logs_single_item(m, loop, name, targets):
                # The keys of one item make up a row.
                return None
            others = (entry for entry in entries if entry is not named[0])
            return None if any(_depends_on(m, entry, loop, targets) for entry in others) else loop
    return None


def _logs_single_item(m: Interpreter, loop: ActiveLoop, name: str, targets: dict[str, Value]) -> bool:
    """Whether the loop logs in one iteration: it ends there, or a test of the name selects one item."""
    selecting = [value for target, value in targets.items() if target == name or _is_number(value)]
    branch = m.branch
    while branch is not None and branch is not loop.branch:
        if branch.is_taken_once or (
            branch.test is not None and _selects_item(branch, branch.test, selecting)
        ):
            return True
        branch = branch.parent
    return not repeats(loop.node.body)


def _selects_item(branch: Branch, test: facts.Expr, selecting: list[Value]) -> bool:
    """Whether a test compares one of these values, which differ in each iteration: `name == "loss"`."""
    match test:
        case facts.Bool(op="and", values=values):
            return branch.holds and any(_selects_item(branch, value, selecting) for value in values)
        case facts.Compare(left=left, ops=[op], rights=[right]):
            is_equal = op in ({"==", "is"} if branch.holds else {"!=", "is not"})
            names = {} if branch.frame is None else branch.frame.names
            sides = [names.get(side.id) for side in (left, right) if isinstance(side, facts.Name)]
            return is_equal and any(value in selecting for value in sides)
    return False


def _is_named_after(entry: DictEntry, name: Value) -> bool:
    return any(_is_derived_from(entry.key, option) for option in options(name))


def _goes_over_names(
    m: Interpreter, loop: facts.For, name: str, targets: dict[str, Value], entry: DictEntry
) -> bool:
    """Whether a loop iterates over a mapping, or over names with the values that are logged under them."""
    iterable, target = _unwrapped(loop)
    if _is_number(targets[name]):
        return _reads_numbered(loop, iterable, name)
    if name not in target_names(target):
        return False
    if isinstance(iterable, facts.Call) and last_word(iterable.func) == "items":
        first = target.items[0] if isinstance(target, facts.Sequence) and target.items else None
        return isinstance(first, facts.Name) and first.id == name
    if isinstance(target, facts.Name):
        value = m.force(entry.value)
        return (
            _is_looked_up(loop, facts.source_form(iterable), name)
            or any(_is_item_of(value, index) for index in targets.values())
            or _logs_pairs(loop, name, lambda part: _reads_item(part, {*targets}))
        )
    others = {other for other in target_names(target) if other != name}
    return _logs_pairs(loop, name, lambda part: mentions(part, others))


def _reads_numbered(loop: facts.For, iterable: facts.Expr, number: str) -> bool:
    """Whether a loop does nothing but log what it reads under each number: folds may take their time."""
    calls = [part for part in walk(*loop.body) if isinstance(part, facts.Call)]
    at_hand = [part for part in walk(iterable) if isinstance(part, facts.Call)]
    items = {*target_names(loop.target)} - {number}
    return (
        sum(last_word(call.func) not in _READING | _PRINTING for call in calls) == 1
        and all(last_word(call.func) in _AT_HAND for call in at_hand)
        and _logs_pairs(loop, number, lambda part: _reads_item(part, {number}) or mentions(part, items))
    )


def _is_number(value: Value) -> bool:
    """Whether a loop counts with a variable."""
    return any(
        isinstance(o, Scalar) or (isinstance(o, Unknown) and o.symbol.key[0] == COUNTER)
        for o in options(value)
    )


def _unwrapped(loop: facts.For) -> tuple[facts.Expr, facts.Expr]:
    """What a loop goes over and its target, without `sorted`, `enumerate` and the like."""
    iterable, target = loop.iter, loop.target
    while isinstance(iterable, facts.Call):
        function, word = iterable.func, last_word(iterable.func)
        if word == "enumerate" and isinstance(target, facts.Sequence) and target.items and iterable.args:
            iterable, target = iterable.args[0].value, target.items[-1]
        elif word in _SAME_ITEMS and iterable.args:
            iterable = iterable.args[0].value
        elif word in _SAME_ITEMS and isinstance(function, facts.Attr):
            iterable = function.value
        else:
            break
    return iterable, target


def _is_looked_up(loop: facts.For, source: str, name: str) -> bool:
    """Whether the loop reads `source[name]`, so that it iterates over a dictionary."""
    return bool(source) and any(
        isinstance(node, facts.Subscript)
        and facts.source_form(node.value) == source
        and facts.source_form(node.index) == name
        for node in walk(*loop.body)
    )


def _is_item_of(value: Value, index: Value) -> bool:
    """Whether a value was looked up by a variable of the loop: `metrics[name]`, `metrics[number]`."""
    return any(
        isinstance(option, Unknown)
        and option.symbol.key[0] == "item"
        and any(_is_derived_from(option.symbol.key[-1], part) for part in options(index))
        for option in options(value)
    )


def _logs_pairs(loop: facts.For, name: str, is_value: Callable[[facts.Expr], bool]) -> bool:
    """Whether the loop makes rows, or calls a logger, of a name and a value, or of what is read from one."""
    read = {
        target
        for node in statements(*loop.body)
        if isinstance(node, facts.Assign) and node.value is not None
        if is_value(node.value) and _only_reads(node.value)
        for target in target_names(*node.targets)
    }
    for node in walk(*loop.body):
        if isinstance(node, facts.DictLiteral):
            pairs = [(item.key, item.value) for item in node.items if item.key is not None]
        elif isinstance(node, facts.Call) and len(node.args) > 1:
            pairs = [(node.args[0].value, arg.value) for arg in node.args[1:]]
        else:
            continue
        if any(mentions(key, {name}) and (is_value(value) or mentions(value, read)) for key, value in pairs):
            return True
    return False


def _only_reads(node: facts.Node) -> bool:
    return all(last_word(part.func) in _READING for part in walk(node) if isinstance(part, facts.Call))


def _reads_item(node: facts.Node, indices: set[str]) -> bool:
    """Whether an expression only reads what stands at an index: `losses[number].item()`."""
    return _only_reads(node) and any(
        isinstance(part, facts.Subscript) and mentions(part.index, indices) for part in walk(node)
    )


def _is_derived_from(key: object, name: Value) -> bool:
    """Whether a key contains the name that the loop iterates over."""
    if isinstance(name, Template):
        return isinstance(key, Template) and bool(str(name)) and str(name) in str(key)
    return isinstance(name, Unknown) and _mentions(key, name.symbol)


def _mentions(value: object, symbol: SymbolId) -> bool:
    if isinstance(value, Template):
        return any(isinstance(part, Hole) and _mentions(part.symbol, symbol) for part in value.parts)
    if isinstance(value, Unknown):
        return _mentions(value.symbol, symbol)
    if isinstance(value, InductionVariable):
        return any(SymbolId(COUNTER, variable) is symbol for variable in value.variables)
    return isinstance(value, SymbolId) and (
        value is symbol or any(_mentions(part, symbol) for part in value.key)
    )


def _depends_on(m: Interpreter, entry: DictEntry, loop: ActiveLoop, targets: dict[str, Value]) -> bool:
    """Whether another key of the row, or its value, may change from one iteration to the next."""
    if not isinstance(entry.key, Template) or entry.key.literal is None:
        return True
    symbols = [o.symbol for value in targets.values() for o in options(value) if isinstance(o, Unknown)]
    return not all(
        _is_from_outside(m, option, loop) and not any(_mentions(option, symbol) for symbol in symbols)
        for option in options(entry.value)
    )


def _is_from_outside(m: Interpreter, value: Value, loop: ActiveLoop) -> bool:
    """Whether a value certainly was not made in an iteration of the loop."""
    match value:
        case Scalar() | Template():
            return True
        case Unknown(symbol=symbol):
            return _is_symbol_from_outside(m, symbol, loop)
        case Thunk(key=key):
            place = place_of_thunk(m, key)
            return place is not None and not _is_inside(loop, *place)
    return False


def _is_symbol_from_outside(m: Interpreter, symbol: object, loop: ActiveLoop) -> bool:
    match symbol.key if isinstance(symbol, SymbolId) else ():
        case ("at", _, str(path), int(start), _):
            return not _is_inside(loop, path, start) or _is_made_of_the_same(loop, start)
        case ("call", _, Span(path, start, _)):
            return not _is_inside(loop, path, start)
        case ("attribute" | "item" | "len", SymbolId() as base, *_):
            return _is_symbol_from_outside(m, base, loop)
        case ("counter", int(variable)):
            return _counts_outside(m, variable, loop)
        case (str(kind), InductionVariable(value=value)) if kind == COMPUTED:
            return all(_is_part_from_outside(m, part, loop) for part in parts(value))
        case ("counted", _, str(name)):
            return name not in _assigned_in(loop)
        case ("parameter" | "loop" | "name" | "member" | "import", *_):
            return True
    return False


def _is_part_from_outside(m: Interpreter, part: StepValue, loop: ActiveLoop) -> bool:
    match part:
        case Counter(variable):
            return _counts_outside(m, variable, loop)
        case Size(is_steady=is_steady):
            return is_steady
    return not isinstance(part, Clock)


def _counts_outside(m: Interpreter, variable: int, loop: ActiveLoop) -> bool:
    """Whether no iteration of the loop adds to a counting variable."""
    key = m.context_keys.get(variable, ())
    return key[:1] != ("counted",) or key[-1] not in _assigned_in(loop)


def _assigned_in(loop: ActiveLoop) -> set[str]:
    """The names and attributes that the loop, or a loop in it, assigns."""
    nodes = (loop.node, *statements(*loop.node.body))
    targets = [target for node in nodes for target in assignment_targets(node)]
    attributes = {part.attr for part in walk(*targets) if isinstance(part, facts.Attr)}
    return attributes.union(target_names(*targets))


def _is_made_of_the_same(loop: ActiveLoop, start: int) -> bool:
    """Whether arithmetic in the loop uses only what the loop does not assign: `epoch + i / len(loader)`."""
    expressions = [
        node for node in walk(*loop.node.body) if isinstance(node, facts.Binary) and node.start == start
    ]
    if not expressions:
        return False
    assigned = _assigned_in(loop)
    return all(_stays(node, assigned) for node in walk(max(expressions, key=lambda node: node.end)))


def _stays(node: facts.Node, assigned: set[str]) -> bool:
    """Whether a part of an expression is the same as long as nothing is assigned but these names."""
    match node:
        case facts.Name(id=name) | facts.Attr(attr=name):
            return name not in assigned
        case facts.Call(func=function):
            return facts.source_form(function) in _NUMBERS
    return isinstance(node, (facts.Arg, facts.Binary, facts.Const))


def _is_inside(loop: ActiveLoop, path: str, start: int) -> bool:
    return path == loop.frame.path and loop.node.start <= start < end_of(loop.node)
