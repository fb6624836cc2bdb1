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
    NONE,
    TRUE,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Ref,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.objects.classes import find_in_class, is_instantiated, mro
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state import module_loader, run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import last_word
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.frameworks import TRACKER, opens_run
from wandblint.semantics.heuristics import COMMON_METHODS, MAX_CANDIDATES
from wandblint.span import Span
from wandblint.template import SymbolId, template


def open_parameter(m: Interpreter, param: facts.Param, frame: Frame) -> Value:
    """The value of a parameter of an unseen call: unknown, unless its annotation names a class or a run."""
    kind = param.annotation.id if isinstance(param.annotation, facts.Name) else ""
    symbol = SymbolId("parameter", frame.context, param.name, *({kind} & _NEVER_NONE))
    return annotated(m, Unknown(symbol, param.name), param, frame)


_NEVER_NONE = frozenset({"bool", "bytes", "complex", "float", "int", "str"})
"""Annotations of what callers give a number, a text or a truth value for, which is kept in its symbol."""


def open_field(m: Interpreter, cls: ClassInfo, name: str) -> Value:
    """The value of an attribute of some instance of a class: unknown, unless the class annotates it."""
    return as_field(m, cls, name, Unknown(SymbolId("any", cls.path, cls.node.start, name), name))


def as_field(m: Interpreter, cls: ClassInfo, name: str, value: Value) -> Value:
    """A value that an attribute of an instance gets: where it is unknown, as the class annotates it."""
    found = _field_annotation(m, cls, name)
    return value if found is None else of_type(m, value, *found)


def _field_annotation(m: Interpreter, cls: ClassInfo, name: str) -> tuple[facts.Expr, Frame] | None:
    """The annotation of an attribute, and the scope in which to evaluate it."""
    for info in mro(cls):
        annotation = info.annotations.get(name)
        module = None if annotation is None else module_loader.module(m, info.path)
        if annotation is not None and module is not None:
            return annotation, Frame(info.path, module.context, globals=module)
    return None


def field_classes(m: Interpreter, cls: ClassInfo, name: str) -> list[ClassInfo]:
    """The classes of the project that the annotation of an attribute names; empty if it names others, too."""
    found = _field_annotation(m, cls, name)
    if found is None:
        return []
    annotation, frame = found
    values = [
        _evaluate_annotation(m, named, frame) if isinstance(named, (facts.Name, facts.Attr)) else NONE
        for named in _alternatives(annotation)
    ]
    classes = [value.info for value in values if isinstance(value, Class)]
    return classes if len(classes) == len(values) else []


def annotated(m: Interpreter, value: Value, node: facts.Param | facts.Assign, frame: Frame) -> Value:
    """A value that a parameter or a variable gets: where it is unknown, as its annotation says."""
    return value if node.annotation is None else of_type(m, value, node.annotation, frame)


def of_type(m: Interpreter, value: Value, annotation: facts.Expr, frame: Frame) -> Value:
    """A value of an annotated type: instances of its classes in place of what is unknown."""
    if not any(type(option) is Thunk or _is_of_any_type(m, option) for option in options(value)):
        return value
    types = [_type_of(m, name, frame) for name in _alternatives(annotation)]
    if not any(isinstance(named, (Class, External)) for named in types):
        return value
    return join(
        _typed(m, option, types, frame) if _is_of_any_type(m, option) else option
        for option in options(m.force(value))
    )


def _is_of_any_type(m: Interpreter, value: Value) -> bool:
    """Whether nothing is known of a value: it is no run of a library, number or mapping with items."""
    return (
        type(value) is Unknown
        and not value.is_counter
        and not value.external.startswith(("wandb.", HYPOTHETICAL))
        and not opens_run(value.external)
        and m.heap.partial_mapping(value) is None
    )


_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "InitVar", "NotRequired", "Required"})
"""Generic names whose first parameter is the type."""


def _alternatives(annotation: facts.Expr | None) -> Iterator[facts.Expr | None]:
    """The types of which an annotation allows one; an item of a container has none of them."""
    match annotation:
        case facts.Const(value=str(name)):
            yield facts.Name(annotation.start, annotation.end, name)
        case facts.Binary(op="|", left=left, right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case facts.Subscript(value=owner, index=index):
            parts = index.items if isinstance(index, facts.Sequence) else [index]
            word = last_word(owner)
            if word in {"Optional", "Union"}:
                for part in parts:
                    yield from _alternatives(part)
                if word == "Optional":
                    yield facts.Const(annotation.start, annotation.end, None)
            else:
                yield from _alternatives(parts[0] if word in _TRANSPARENT and parts else None)
        case _:
            yield annotation


def _type_of(m: Interpreter, name: facts.Expr | None, frame: Frame) -> Value:
    """The class, the library's type or the None that is one alternative of an annotation."""
    if isinstance(name, facts.Const) and name.value is None:
        return NONE
    if not isinstance(name, (facts.Name, facts.Attr)):
        return Unknown(SymbolId("annotation"))
    for option in options(_evaluate_annotation(m, name, frame)):
        if (isinstance(option, Class) and _subclasses(m, option.info)) or _is_run_type(option):
            return option
    return Unknown(SymbolId("annotation"))


def _is_run_type(value: Value) -> bool:
    return (
        isinstance(value, External)
        and value.path.startswith("wandb.")
        and value.path.endswith("Run")
        and not value.path.startswith("wandb.apis.")
    )


def _typed(m: Interpreter, unknown: Value, types: list[Value], frame: Frame) -> Value:
    """What an unknown value of one of these types may be."""
    values: list[Value] = []
    for named in types:
        if isinstance(named, Class):
            values += [symbolic_instance(m, info, frame) for info in _subclasses(m, named.info)]
        elif isinstance(unknown, Unknown) and isinstance(named, External):
            values.append(replace(unknown, external="wandb.Run"))
        else:
            values.append(NONE if named == NONE else unknown)
    return join(values)


def _subclasses(m: Interpreter, cls: ClassInfo) -> list[ClassInfo]:
    """The class and its subclasses that reach wandb; only the class where there are too many."""
    classes = [cls] if (cls.path, cls.name) in m.reaching else []
    classes += subclasses(m, cls)
    return classes if len(classes) <= MAX_CANDIDATES else [cls]


def subclasses(m: Interpreter, cls: ClassInfo) -> list[ClassInfo]:
    """The subclasses of a class that reach wandb, whether or not anything has loaded them yet."""
    found: list[ClassInfo] = []
    for path, name in m.project.subclasses(cls.name):
        # The file must become a dependency, or what reaches wandb could change unnoticed.
        if not m.project.is_selected(path) or (path, name) not in m.reaching:
            continue
        with nullcontext() if path in m.modules else _without_claims(m):
            module = module_loader.module(m, path)
            value = None if module is None else module_loader.variable(m, module, name)
        if isinstance(value, Class) and cls in mro(value.info):
            found.append(value.info)
    return found


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
    name = function.name
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
    if function.name != "get_tracker" or name is None or m.force(name) != template("wandb"):
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
