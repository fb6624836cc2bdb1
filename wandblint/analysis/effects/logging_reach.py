"""What may log: whether a call reaches a run, judged by the code of the callee and by what it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, options
from wandblint.analysis.domain.values import (
    EXIT_STACK,
    NONE,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Partial,
    Ref,
    Run,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.side_effects import summary_of
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.heuristics import ROW_METHODS, RUN_ONLY_METHODS
from wandblint.template import Template

_LOGGING = ROW_METHODS | RUN_ONLY_METHODS | {"wandb", "finish"}

_MAX_NESTING = 4
"""How deep in containers and attributes a run is searched for."""


def is_local(function: Function) -> bool:
    """Whether the call graph has no node for a function: a lambda, or one inside another function."""
    return isinstance(function.info.node, facts.Lambda) or (
        function.frame is not None and function.frame is not function.frame.globals
    )


def function_reaches(m: Interpreter, function: Function) -> bool:
    """Whether the code of a function may reach wandb, judged by the names in it.

    The call graph knows functions and methods of modules; one inside another function is judged by what it,
    and the functions of its file that it calls, mention.
    """
    info = function.info
    return (
        reaches(m, info)
        or _local_reaches(m, function)
        or (info.owner is not None and is_local(function) and class_reaches(m, info.owner))
        or _rebound_global_reaches(m, function)
    )


def reaches(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether the call graph says that a function or method reaches wandb."""
    return info.qualified_name in m.reaching


def _rebound_global_reaches(m: Interpreter, function: Function) -> bool:
    """Whether a function mentions a global that functions assign, and that now holds what reaches a run."""
    path = function.info.path
    module = m.modules.get(path)
    rebound = m.entry.rebound_globals.get(path, ())
    return module is not None and any(
        name in function.info.identifiers
        and any(_may_reach(m, option, function) for option in options(look_up(m, name, module) or NONE))
        for name in rebound
    )


def class_reaches(m: Interpreter, cls: ClassInfo) -> bool:
    """Whether the methods of a class may reach wandb."""
    return any(
        (info.path, info.name) in m.reaching
        or any(isinstance(v, Function) and _local_reaches(m, v) for v in info.attributes.values())
        for info in mro(cls)
    )


def _local_reaches(m: Interpreter, function: Function) -> bool:
    """Whether a function without a node in the call graph may reach wandb; each is searched once."""
    info, searched = function.info, m.entry.searched
    key, is_outermost = (info, function.frame), not searched
    if key in searched or not is_local(function):
        return False
    searched.add(key)
    reaches = any(_mentions_wandb(m, f) for f in summary_of(m, info).code) or _closure_reaches(m, function)
    if is_outermost:
        searched.clear()
    return reaches


def _closure_reaches(m: Interpreter, function: Function) -> bool:
    """Whether a function mentions a variable around it that holds a run or what reaches one."""
    names = function.info.identifiers
    scope = function.frame
    while scope is not None and scope is not scope.globals:
        for name in names & scope.names.keys():
            if any(_may_reach(m, option, function) for option in options(scope.names[name])):
                return True
        scope = scope.outer
    module = m.modules.get(function.info.path)
    if module is None:
        return False
    known = {**module.initialized, **module.names}
    return any(
        _may_reach(m, option, function) for name in names & known.keys() for option in options(known[name])
    )


def _may_reach(m: Interpreter, value: Value, user: Function) -> bool:
    if isinstance(value, Partial):
        return _may_reach(m, value.function, user)
    if isinstance(value, Function):
        return value != user and (reaches(m, value.info) or _local_reaches(m, value))
    return any_holds_run(m, (value,))


def _mentions_wandb(m: Interpreter, info: FunctionInfo) -> bool:
    if info not in m.summaries.mentions_wandb:
        names = info.identifiers
        m.summaries.mentions_wandb[info] = not (
            names.isdisjoint(_LOGGING) and names.isdisjoint(m.reaches_wandb)
        )
    return m.summaries.mentions_wandb[info]


def logs(value: Value) -> bool:
    """Whether calling the value would log, like `run.log` passed as a value, or leaving an exit stack."""
    return is_part_of_run(value) or (isinstance(value, External) and value.path.startswith(EXIT_STACK))


def is_part_of_run(value: Value) -> bool:
    """Whether who gets the value can log with it: a method of a run, or wandb itself; a config cannot."""
    return isinstance(value, External) and (
        (isinstance(value.receiver, Run) and value.path != "wandb.Run.config")
        or value.path in {"wandb", "wandb.log"}
    )


def passes_run(m: Interpreter, arguments: Arguments) -> bool:
    """Whether the callee gets a run, or what holds one."""
    return any_holds_run(m, arguments.values())


def passes_tracked(m: Interpreter, arguments: Arguments) -> bool:
    """Whether the arguments let the callee change tracked objects or log."""
    values = list(arguments.values())
    return any(
        isinstance(option, (Partial, Function))
        or (isinstance(option, Ref) and isinstance(m.heap[option], Dictionary))
        for value in values
        for option in options(value)
    ) or any_holds_run(m, values)


def receiver_holds_functions(m: Interpreter, function: Function) -> bool:
    """Whether the receiver of a method holds a run, or functions that the method may call."""
    receiver = function.receiver
    instance = m.heap_instance(receiver) if isinstance(receiver, Ref) else None
    if instance is None:
        return False
    values = [option for value in instance.attributes.values() for option in options(value)]
    return any(isinstance(value, (Function, Partial)) for value in values) or any_holds_run(m, values, 1)


def any_holds_run(m: Interpreter, values: Iterable[Value], depth: int = 0) -> bool:
    """Whether some value, nested this deep, is a run, logs to one, or contains such a value."""
    for level, value in _by_level(m, values, depth, _MAX_NESTING + 1):
        if isinstance(value, Run) or logs(value):
            return True
        if isinstance(value, Function):
            if level and (reaches(m, value.info) or _local_reaches(m, value)):
                return True
        elif level <= _MAX_NESTING:
            instance = m.heap_instance(value)
            if instance is not None and class_reaches(m, instance.cls):
                return True
    return False


def held_values(m: Interpreter, value: Value) -> list[Value]:
    """The objects, functions and runs that a value is or holds, to some depth."""
    return [part for _, part in _by_level(m, (value,), 0, _MAX_NESTING - 1)]


def _by_level(
    m: Interpreter, values: Iterable[Value], level: int, last_level: int
) -> Iterator[tuple[int, Value]]:
    """What values are and hold, with its level, each object once.

    The least nested objects come first, so that each is visited with as much below it as may count.
    """
    visited: set[Value] = set()
    while level <= last_level and (active := _active_options(values, visited)):
        for value in active:
            yield level, value
        level, values = level + 1, (part for value in active for part in parts_of(m, value))


def _active_options(values: Iterable[Value], visited: set[Value]) -> list[Value]:
    """The alternatives of values that may hold something, objects that were visited left out."""
    active: list[Value] = []
    for value in values:
        if type(value) not in _INERT:  # the most frequent kinds
            for option in options(value):
                kind = type(option)
                if kind is Ref:
                    if option not in visited:
                        visited.add(option)
                        active.append(option)
                elif kind not in _INERT:
                    active.append(option)
    return active


_INERT = frozenset({Unknown, Template, Scalar, Thunk})
"""Kinds of values that hold nothing."""


def parts_of(m: Interpreter, value: Value) -> Iterable[Value]:
    """The values that an object or a partial call holds."""
    if isinstance(value, Partial):
        return (value.function, *value.args)
    target = m.heap[value] if isinstance(value, Ref) else None
    if isinstance(target, Instance):
        return target.attributes.values()
    if isinstance(target, SequenceObject):
        return all_items(target.items, target.tail)
    return [] if target is None else [entry.value for entry in target.entries.values()]


_STACK_METHODS = frozenset({"close", "aclose", "pop_all", "callback", "push", "enter_context"})


def uses_stack(m: Interpreter, function: Function) -> bool:
    """Whether a function changes an exit stack of its module, which may close a run."""
    info, module = function.info, m.modules.get(function.info.path)
    names = {
        node.value.id
        for node in info.facts_by_kind.of(facts.Attr)
        if node.attr in _STACK_METHODS and isinstance(node.value, facts.Name)
    }
    if module is None or not names:
        return False
    frame = Frame(info.path, module.context, outer=function.frame, globals=module)
    values = [look_up(m, name, frame) for name in sorted(names)]
    return any(
        isinstance(option, External) and option.path == EXIT_STACK
        for value in values
        if value is not None
        for option in options(value)
    )
