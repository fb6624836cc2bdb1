"""Which calls can wait until their result is needed: those that change no object that is tracked."""

from __future__ import annotations

from collections.abc import Iterable

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    NONE,
    ClassInfo,
    Function,
    FunctionInfo,
    Imported,
    Module,
    Ref,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.logging_reach import (
    class_reaches,
    function_reaches,
    held_values,
    passes_tracked,
    receiver_holds_functions,
    uses_stack,
)
from wandblint.analysis.effects.side_effects import (
    constructor_side_effect,
    has_side_effect,
    imported_callees,
    may_end_process,
    only_raises,
    side_effect,
    summary_of,
)
from wandblint.analysis.objects.classes import containers, find_in_class, mro
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import SideEffect
from wandblint.template import Template


def may_log(m: Interpreter, function: Function, arguments: Arguments) -> bool:
    """Whether the arguments or the receiver of a call let it change tracked objects or log."""
    return passes_tracked(m, arguments) or receiver_holds_functions(m, function)


def is_deferrable(m: Interpreter, function: Function, arguments: Arguments) -> bool:
    """Whether a call has no relevant effect: it reaches no wandb call and changes no object."""
    info = function.info
    effect = side_effect(m, info)
    if effect is SideEffect.ANY or only_raises(info) or may_end_process(m, info):
        return False
    if function_reaches(m, function) or _changes_other_files(m, info) or uses_stack(m, function):
        return False
    # Last, because it looks at all that the receiver holds.
    if may_log(m, function, arguments):
        return False
    passed = [*arguments.values(), function.receiver or NONE, *(value for _, value in function.defaults)]
    if not _passes_objects(passed):
        return True
    return effect is SideEffect.NONE and not _changes_elsewhere(m, function, passed)


def waiting_for(m: Interpreter, function: Function, arguments: Arguments) -> list[Thunk]:
    """The thunks that a deferred call may change, so that it must run before one of them is needed."""
    summary = summary_of(m, function.info)
    if not summary.passed_to:
        return []
    instance = None if function.receiver is None else m.heap_instance(function.receiver)
    held = {} if instance is None else instance.attributes
    attributes = [value for name, value in held.items() if name in summary.names]
    return thunks_in([*arguments.values(), *attributes])


def is_deferrable_instance(m: Interpreter, cls: ClassInfo, arguments: Arguments) -> bool:
    """Whether the creation of an instance changes nothing but the instance."""
    if (
        class_reaches(m, cls)
        or passes_tracked(m, arguments)
        or any(find_in_class(cls, n) for n in _DESCRIPTOR)
    ):
        return False
    if any(containers(cls)):
        # Its methods may change a list or dictionary that all instances share.
        return False
    if passes_references(arguments):
        # Its methods may change what it keeps.
        return False
    effect = constructor_side_effect(m, cls)
    return effect is SideEffect.NONE or (
        effect is SideEffect.ARGUMENTS and not _passes_objects(arguments.values())
    )


def passes_references(arguments: Arguments) -> bool:
    """Whether the callee gets an object that is no thunk."""
    return any(isinstance(option, Ref) for value in arguments.values() for option in options(value))


def attach_effect(m: Interpreter, thunks: Iterable[Thunk], result: Thunk) -> None:
    """Evaluates `result`, a call that may change what thunks stand for, as soon as one of them is needed."""
    for owner in map(m.thunks.owner, thunks):
        if owner in m.thunks.forced:
            m.force(result)
        else:
            m.thunks.attach(owner, result)


def thunks_in(values: Iterable[Value]) -> list[Thunk]:
    """The thunks among the alternatives of values."""
    return [option for value in values for option in options(value) if isinstance(option, Thunk)]


_DESCRIPTOR = ("__get__", "__set__", "__delete__", "__set_name__")
"""Methods that Python calls on an instance that is an attribute of a class."""


def _passes_objects(passed: Iterable[Value]) -> bool:
    """Whether the callee gets an object whose changes the interpreter tracks."""
    return any(
        not isinstance(option, (Unknown, Template, Scalar)) for value in passed for option in options(value)
    )


def _changes_elsewhere(m: Interpreter, function: Function, passed: list[Value]) -> bool:
    """Whether a function that changes nothing itself may let code of other files change what it gets.

    That code are the methods of the objects, as far as it mentions their names, and imported functions.
    """
    summary = summary_of(m, function.info)
    objects = [part for value in passed for part in held_values(m, value) if isinstance(part, Ref)]
    instances = [target for part in objects if isinstance(target := m.heap[part], Instance)]
    if any(
        isinstance(method, Function) and name in summary.names and has_side_effect(m, method.info)
        for instance in instances
        for info in mro(instance.cls)
        for name, method in info.attributes.items()
    ):
        return True
    return bool(objects) and any(_is_imported(m, function.info, name) for name in summary.passed_to)


def _changes_other_files(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function calls imported functions that may change any object, directly or through others."""
    known = m.entry.changes_other_files
    if info not in known:
        known[info] = any(side_effect(m, f) is SideEffect.ANY for f in imported_callees(m, info))
    return known[info]


def _is_imported(m: Interpreter, info: FunctionInfo, name: str) -> bool:
    """Whether a name is imported from the project at the top of its module."""
    module = m.modules.get(info.path)
    value = None if module is None else module_loader.variable(m, module, name)
    return isinstance(value, (Imported, Module))
