"""Receivers and parameters about which only a little is known: a type annotation, a method's name."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Instance
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    HYPOTHETICAL,
    TRUE,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Ref,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.escape import invoke_callback
from wandblint.analysis.objects.classes import find_in_class, is_instantiated, mro
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state import module_loader, run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import walk
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.frameworks import TRACKER
from wandblint.semantics.heuristics import COMMON_METHODS, MAX_CANDIDATES
from wandblint.span import Span
from wandblint.template import SymbolId, template


def open_parameter(m: Interpreter, param: facts.Param, frame: Frame) -> Value:
    """A parameter whose caller is not seen: unknown, unless its annotation names a class or a run."""
    unknown = Unknown(SymbolId("parameter", frame.context, param.name), param.name)
    return unknown if param.annotation is None else _of_annotation(m, param.annotation, unknown, frame)


def open_field(m: Interpreter, cls: ClassInfo, name: str) -> Value:
    """An attribute of some instance of a class: unknown, unless the class says what it is."""
    unknown = Unknown(SymbolId("any", cls.path, cls.node.start, name), name)
    for info in mro(cls):
        annotation = info.annotations.get(name)
        module = None if annotation is None else module_loader.module(m, info.path)
        if annotation is not None and module is not None:
            return _of_annotation(m, annotation, unknown, Frame(info.path, module.context, globals=module))
    return unknown


def _of_annotation(m: Interpreter, annotation: facts.Expr, unknown: Unknown, frame: Frame) -> Value:
    """What an annotation says of a value of which nothing else is known."""
    for name in walk(annotation):
        if not isinstance(name, (facts.Name, facts.Attr)):
            continue
        for option in options(_annotated(m, name, frame)):
            if isinstance(option, Class) and (kinds := _subclasses(m, option.info)):
                return join(symbolic_instance(m, info, frame) for info in kinds)
            if (
                isinstance(option, External)
                and option.path.startswith("wandb.")
                and option.path.endswith("Run")
                and not option.path.startswith("wandb.apis.")
            ):
                return replace(unknown, external="wandb.Run")
    return unknown


def _subclasses(m: Interpreter, cls: ClassInfo) -> list[ClassInfo]:
    """The class and those that inherit from it, as far as they lead to wandb; of many only the class."""
    found = [cls]
    for path, name in m.project.subclasses(cls.name):
        module = module_loader.module(m, path)
        made = None if module is None else module_loader.variable(m, module, name)
        if isinstance(made, Class) and cls in mro(made.info):
            found.append(made.info)
    found = [info for info in found if info.name in m.reaches_wandb]
    return found if len(found) <= MAX_CANDIDATES else [cls]


def _annotated(m: Interpreter, node: facts.Name | facts.Attr, frame: Frame) -> Value:
    if isinstance(node, facts.Attr):
        return m.evaluate(node, frame)
    return look_up(m, node.id, frame) or Unknown(SymbolId("annotation", node.id))


def symbolic_instance(m: Interpreter, cls: ClassInfo, frame: Frame) -> Value:
    """An instance of a class of which nothing else is known.

    Where the project makes none, one is made with open parameters.
    """
    at = m.context("any instance", m.entry.key, *cls.id)
    ref = Ref(at)
    m.use_other_entries()
    if at in m.entry.symbolic_instances:
        return ref
    m.entry.symbolic_instances.add(at)
    m.heap.put(at, Instance(None, cls, is_symbolic=True))
    if not is_instantiated(m, cls):
        init = find_in_class(cls, "__init__")
        if isinstance(init, Function):
            span = Span(cls.path, cls.node.start, cls.node.end)
            invoke_callback(m, replace(init, receiver=ref), frame, span)
    return ref


def call_by_name(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> Value | None:
    """A call of a method on an unknown receiver, resolved by the method's name; None where that fails."""
    if function.external and not function.external.startswith(HYPOTHETICAL):
        return None
    name = str(function.symbol.key[-1])
    found = [info for info in _methods(m, name) if _fits(info, arguments)]
    if not found:
        return None
    if (len(found) > MAX_CANDIDATES or name in COMMON_METHODS) and not m.recorder.hypothetical_depth:
        # Any of them may be meant: they have callers that are not seen.
        m.note_ambiguous_call(found)
        run_state.may_close_unseen(m)
        if len(found) <= MAX_CANDIDATES and any(m.dictionaries(value) for value in arguments.values()):
            # Nothing is proved by it, but what is in the row may be logged there.
            m.recorder.may_depth += 1
            _call_all(m, found, arguments, frame, span)
            m.recorder.may_depth -= 1
        return None
    results = _call_all(m, found, arguments, frame, span)
    return join(results) if results else None


def _call_all(
    m: Interpreter, found: list[FunctionInfo], arguments: Arguments, frame: Frame, span: Span
) -> list[Value]:
    results: list[Value] = []
    for info in found:
        method = m.functions.definitions.get(info)
        if isinstance(method, Function) and info.owner is not None:
            receiver = symbolic_instance(m, info.owner, frame)
            place = Span(info.path, info.node.start, info.node.end)
            with m.on_branch(frame, kind=BranchKind.BY_NAME, span=place):
                results.append(m.call(replace(method, receiver=receiver), arguments, frame, span))
    return results


def external_result(m: Interpreter, function: Unknown, arguments: Arguments) -> str:
    """What an unknown call makes: what is called, or a tracker that its name and argument tell."""
    name = arguments.get(0, "name")
    if function.symbol.key[-1] != "get_tracker" or name is None or m.force(name) != template("wandb"):
        return function.external
    return "wandb.Run" if arguments.get(1, "unwrap") == TRUE else TRACKER


def _methods(m: Interpreter, name: str) -> list[FunctionInfo]:
    found: list[FunctionInfo] = []
    for path, owner, start in m.project.methods(name):
        module = module_loader.module(m, path)
        if module is not None and module_loader.is_defined(m, module, owner, (path, start)):
            found.append(m.functions.infos[path, start])
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
