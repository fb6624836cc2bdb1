"""Receivers and parameters about which only a little is known: a type annotation, a method's name."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import lifetimes, loading
from wandblint.linking.arguments import Arguments
from wandblint.linking.classes import find_in_class, is_made, lineage
from wandblint.linking.handover import call_back
from wandblint.linking.heap import ClassInfo, Frame, FunctionInfo, Instance
from wandblint.linking.machine import Machine
from wandblint.linking.moments import GUESS
from wandblint.linking.names import look_up
from wandblint.linking.values import (
    HYPOTHETICAL,
    TRUE,
    Class,
    Function,
    Library,
    Ref,
    Unknown,
    Value,
    join,
    options,
)
from wandblint.outline.walk import walk
from wandblint.semantics.frameworks import TRACKER
from wandblint.template import Origin, template

FEW_CLASSES = 3
"""A method that at most so many classes of the project have names its receiver."""

_COMMON = frozenset(
    {"init", "setup", "start", "run", "step", "stop", "reset", "finish", "close"}
    | {"log", "info", "write", "record", "save", "add", "update"}
)
"""Names that any object may have: a call by such a name tells nothing about its receiver."""


def open_parameter(m: Machine, param: facts.Param, frame: Frame) -> Value:
    """A parameter whose caller is not seen: unknown, unless its annotation names a class or a run."""
    unknown = Unknown(Origin("parameter", frame.context, param.name), param.name)
    return unknown if param.annotation is None else _of_kind(m, param.annotation, unknown, frame)


def open_field(m: Machine, cls: ClassInfo, name: str) -> Value:
    """An attribute of some instance of a class: unknown, unless the class says what it is."""
    unknown = Unknown(Origin("any", cls.path, cls.node.start, name), name)
    for info in lineage(cls):
        annotation = info.annotations.get(name)
        module = None if annotation is None else loading.module(m, info.path)
        if annotation is not None and module is not None:
            return _of_kind(m, annotation, unknown, Frame(info.path, module.context, globals=module))
    return unknown


def _of_kind(m: Machine, annotation: facts.Expr, unknown: Unknown, frame: Frame) -> Value:
    """What an annotation says of a value of which nothing else is known."""
    for name in walk(annotation):
        if not isinstance(name, (facts.Name, facts.Attr)):
            continue
        for option in options(_annotated(m, name, frame)):
            if isinstance(option, Class) and (kinds := _heirs(m, option.info)):
                return join(any_instance(m, info, frame) for info in kinds)
            if (
                isinstance(option, Library)
                and option.path.startswith("wandb.")
                and option.path.endswith("Run")
                and not option.path.startswith("wandb.apis.")
            ):
                return replace(unknown, library="wandb.Run")
    return unknown


def _heirs(m: Machine, cls: ClassInfo) -> list[ClassInfo]:
    """The class and those that inherit from it, as far as they lead to wandb; of many only the class."""
    found = [cls]
    for path, name in m.project.subclasses(cls.name):
        module = loading.module(m, path)
        made = None if module is None else loading.variable(m, module, name)
        if isinstance(made, Class) and cls in lineage(made.info):
            found.append(made.info)
    found = [info for info in found if info.name in m.interesting]
    return found if len(found) <= FEW_CLASSES else [cls]


def _annotated(m: Machine, node: facts.Name | facts.Attr, frame: Frame) -> Value:
    if isinstance(node, facts.Attr):
        return m.evaluate(node, frame)
    return look_up(m, node.id, frame) or Unknown(Origin("annotation", node.id))


def any_instance(m: Machine, cls: ClassInfo, frame: Frame) -> Value:
    """An instance of a class of which nothing else is known.

    Where the project makes none, one is made with open parameters.
    """
    at = m.context("any instance", m.key, *cls.place)
    ref = Ref(at)
    m.looked_at_any = True
    m.sharing.note_effect()
    if at in m.any_instances:
        return ref
    m.any_instances.add(at)
    m.heap.put(at, Instance(None, cls, symbolic=True))
    if not is_made(m, cls):
        init = find_in_class(cls, "__init__")
        if isinstance(init, Function):
            span = Span(cls.path, cls.node.start, cls.node.end)
            call_back(m, replace(init, receiver=ref), frame, span)
    return ref


def call_by_name(
    m: Machine, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> Value | None:
    """A call of a method on an unknown receiver, resolved by the method's name; None where that fails."""
    if function.library and not function.library.startswith(HYPOTHETICAL):
        return None
    name = str(function.origin.key[-1])
    found = [info for info in _methods(m, name) if _fits(info, arguments)]
    if not found:
        return None
    if (len(found) > FEW_CLASSES or name in _COMMON) and not m.recorder.shadow:
        # Any of them may be meant: they have callers that are not seen.
        m.sharing.now.vaguely_called.update(info.place for info in found)
        lifetimes.unsure(m)
        if len(found) <= FEW_CLASSES and any(m.dictionaries(value) for value in arguments.values()):
            # Nothing is proved by it, but what is in the row may be logged there.
            m.recorder.uncertain += 1
            _call_all(m, found, arguments, frame, span)
            m.recorder.uncertain -= 1
        return None
    results = _call_all(m, found, arguments, frame, span)
    return join(results) if results else None


def _call_all(
    m: Machine, found: list[FunctionInfo], arguments: Arguments, frame: Frame, span: Span
) -> list[Value]:
    results: list[Value] = []
    for info in found:
        method = m.definitions.get(info)
        if isinstance(method, Function) and info.owner is not None:
            receiver = any_instance(m, info.owner, frame)
            place = Span(info.path, info.node.start, info.node.end)
            with m.maybe(frame, label=GUESS, place=place):
                results.append(m.call(replace(method, receiver=receiver), arguments, frame, span))
    return results


def library_of_result(m: Machine, function: Unknown, arguments: Arguments) -> str:
    """What an unknown call makes: what is called, or a tracker that its name and argument tell."""
    name = arguments.get(0, "name")
    if function.origin.key[-1] != "get_tracker" or name is None or m.force(name) != template("wandb"):
        return function.library
    return "wandb.Run" if arguments.get(1, "unwrap") == TRUE else TRACKER


def _methods(m: Machine, name: str) -> list[FunctionInfo]:
    found: list[FunctionInfo] = []
    for path, owner, start in m.project.methods(name):
        module = loading.module(m, path)
        if module is not None and loading.has_met(m, module, owner, (path, start)):
            found.append(m.functions[path, start])
    return found


def _fits(info: FunctionInfo, arguments: Arguments) -> bool:
    """Whether the arguments can be bound to the method's parameters."""
    params = info.params[1:]
    plain = [param for param in params if param.kind in {"", "/"}]
    names = {param.name for param in params if param.kind in {"", "k"}}
    kinds = {param.kind for param in params}
    if len(arguments.positional) > len(plain) and "*" not in kinds:
        return False
    if "**" not in kinds and not set(arguments.keywords) <= names:
        return False
    if arguments.more_keywords or arguments.more_positional is not None:
        return True
    needed = [param for param in params if param.default is None and param.kind in {"", "/", "k"}]
    given = {param.name for param in plain[: len(arguments.positional)]} | set(arguments.keywords)
    return all(param.name in given for param in needed)
