"""Unknown receivers and parameters, resolved by a type annotation or a method name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance
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
from wandblint.analysis.effects.escape import invoke_callback
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
    """The value of a parameter of an unseen call: unknown, unless its annotation names a class or a run."""
    unknown = Unknown(SymbolId("parameter", frame.context, param.name), param.name)
    return unknown if param.annotation is None else _annotated_value(m, param.annotation, unknown, frame)


def open_field(m: Interpreter, cls: ClassInfo, name: str) -> Value:
    """The value of an attribute of some instance of a class: unknown, unless the class annotates it."""
    unknown = Unknown(SymbolId("any", cls.path, cls.node.start, name), name)
    for info in mro(cls):
        annotation = info.annotations.get(name)
        module = None if annotation is None else module_loader.module(m, info.path)
        if annotation is not None and module is not None:
            return _annotated_value(m, annotation, unknown, Frame(info.path, module.context, globals=module))
    return unknown


def _annotated_value(m: Interpreter, annotation: facts.Expr, unknown: Unknown, frame: Frame) -> Value:
    """The most precise value that an annotation allows; `unknown` where it does not help."""
    for name in walk(annotation):
        if not isinstance(name, (facts.Name, facts.Attr)):
            continue
        for option in options(_evaluate_annotation(m, name, frame)):
            if isinstance(option, Class) and (candidates := _subclasses(m, option.info)):
                return join(symbolic_instance(m, info, frame) for info in candidates)
            if (
                isinstance(option, External)
                and option.path.startswith("wandb.")
                and option.path.endswith("Run")
                and not option.path.startswith("wandb.apis.")
            ):
                return replace(unknown, external="wandb.Run")
    return unknown


def _subclasses(m: Interpreter, cls: ClassInfo) -> list[ClassInfo]:
    """The class and its subclasses that reach wandb; only the class where there are too many."""
    classes = [cls]
    for path, name in m.project.subclasses(cls.name):
        with nullcontext() if path in m.modules else _without_claims(m):
            module = module_loader.module(m, path)
            value = None if module is None else module_loader.variable(m, module, name)
        if isinstance(value, Class) and cls in mro(value.info):
            classes.append(value.info)
    classes = [info for info in classes if info.name in m.reaches_wandb]
    return classes if len(classes) <= MAX_CANDIDATES else [cls]


def _evaluate_annotation(m: Interpreter, node: facts.Name | facts.Attr, frame: Frame) -> Value:
    if isinstance(node, facts.Attr):
        return m.evaluate(node, frame)
    return look_up(m, node.id, frame) or Unknown(SymbolId("annotation", node.id))


def symbolic_instance(m: Interpreter, cls: ClassInfo, frame: Frame) -> Value:
    """An instance of a class about which nothing else is known.

    Where the project never instantiates the class, its `__init__` runs with unknown arguments.
    """
    address = m.context("any instance", m.entry.key, *cls.id)
    ref = Ref(address)
    m.use_other_entries()
    if address in m.entry.symbolic_instances:
        return ref
    m.entry.symbolic_instances.add(address)
    m.heap.put(address, Instance(None, cls, is_symbolic=True))
    if not is_instantiated(m, cls):
        init = find_in_class(cls, "__init__")
        if isinstance(init, Function):
            span = Span(cls.path, cls.node.start, cls.node.end)
            invoke_callback(m, replace(init, receiver=ref), frame, span)
    return ref


def call_by_name(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> Value | None:
    """The result of a method call on an unknown receiver, resolved by name; None where that fails."""
    if function.external and not function.external.startswith(HYPOTHETICAL):
        return None
    name = str(function.symbol.key[-1])
    candidates = [info for info in _methods(m, name) if _fits(info, arguments)]
    if not candidates:
        return None
    is_ambiguous = len(candidates) > MAX_CANDIDATES or name in COMMON_METHODS or name in m.entry.local_methods
    if is_ambiguous and not m.recorder.hypothetical_depth:
        # The call may mean any of them, so they have unseen callers.
        m.note_ambiguous_call(candidates)
        run_state.may_close_unseen(m, span)
        if len(candidates) <= MAX_CANDIDATES and any(m.dictionaries(value) for value in arguments.values()):
            # The call proves nothing, but a candidate may log the row.
            m.recorder.may_depth += 1
            _call_all(m, candidates, arguments, frame, span)
            m.recorder.may_depth -= 1
        return None
    results = _call_all(m, candidates, arguments, frame, span)
    return join(results) if results else None


def _call_all(
    m: Interpreter, candidates: list[FunctionInfo], arguments: Arguments, frame: Frame, span: Span
) -> list[Value]:
    """The results of the candidates: alternatives, since the receiver is one object."""
    results: list[Value] = []
    before = m.entry.session.attributes["run"]
    runs_after: list[Value] = []
    is_alternative = len(candidates) > 1
    m.recorder.may_depth += is_alternative
    for info in candidates:
        method = m.functions.definitions.get(info)
        if isinstance(method, Function) and info.owner is not None:
            m.entry.session.attributes["run"] = before
            receiver = symbolic_instance(m, info.owner, frame)
            definition = Span(info.path, info.node.start, info.node.end)
            with m.on_branch(frame, kind=BranchKind.BY_NAME, span=definition):
                results.append(m.call(replace(method, receiver=receiver), arguments, frame, span))
            runs_after.append(m.entry.session.attributes["run"])
    m.recorder.may_depth -= is_alternative
    m.entry.session.attributes["run"] = join(runs_after) if runs_after else before
    return results


def external_result(m: Interpreter, function: Unknown, arguments: Arguments) -> str:
    """The canonical name of the result of an unknown call: that of the callee, or a tracker's."""
    name = arguments.get(0, "name")
    if function.symbol.key[-1] != "get_tracker" or name is None or m.force(name) != template("wandb"):
        return function.external
    return "wandb.Run" if arguments.get(1, "unwrap") == TRUE else TRACKER


def _methods(m: Interpreter, name: str) -> list[FunctionInfo]:
    methods: list[FunctionInfo] = []
    for path, owner, start in m.project.methods(name):
        with nullcontext() if path in m.modules else _without_claims(m):
            module = module_loader.module(m, path)
            is_defined = module is not None and module_loader.is_defined(m, module, owner, (path, start))
        if is_defined:
            methods.append(m.functions.infos[path, start])
    return methods


@contextmanager
def _without_claims(m: Interpreter) -> Iterator[None]:
    """Loads a module that the code of this entry point has not loaded: perhaps another process does.

    What its top level does is not certain here, and no run that it opens is open here.
    """
    before = m.entry.session.attributes["run"]
    m.recorder.may_depth += 1
    yield
    m.recorder.may_depth -= 1
    m.entry.session.attributes["run"] = before


def _fits(info: FunctionInfo, arguments: Arguments) -> bool:
    """Whether the arguments can be bound to the parameters of a method."""
    params = info.params[1:]
    positional = [param for param in params if param.kind in {"", "/"}]
    names = {param.name for param in params if param.kind in {"", "k"}}
    kinds = {param.kind for param in params}
    if len(arguments.positional) > len(positional) and "*" not in kinds:
        return False
    if "**" not in kinds and not set(arguments.keywords) <= names:
        return False
    if arguments.more_keywords or arguments.more_positional is not None:
        return True
    required = [param for param in params if param.default is None and param.kind in {"", "/", "k"}]
    given = {param.name for param in positional[: len(arguments.positional)]} | set(arguments.keywords)
    return all(param.name in given for param in required)
