"""Definitions: interprets `def`, `class` and imports, and binds their names."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Imported,
    Member,
    Module,
    Partial,
    Property,
    Ref,
    Union,
    Unknown,
    Value,
)
from wandblint.analysis.effects.side_effects import has_side_effect
from wandblint.analysis.interpreter.argument_evaluation import function_value
from wandblint.analysis.interpreter.decorators import note_decorator
from wandblint.analysis.objects.classes import find_in_class, mro, set_bases
from wandblint.analysis.objects.containers import iterate
from wandblint.analysis.objects.names import bind, import_module
from wandblint.analysis.objects.preinit import imported_name
from wandblint.analysis.objects.special_methods import call_special
from wandblint.analysis.project.import_graph import targets_of
from wandblint.analysis.state import module_loader, run_state
from wandblint.analysis.state.interpreter import Executor, Interpreter
from wandblint.index.walk import last_word
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template

_RECORD_DECORATORS = frozenset({"dataclass", "define", "frozen", "attrs", "s", "mutable", "chex_dataclass"})

_ENUMERATIONS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})

_RECORD_BASES = frozenset({"NamedTuple", "BaseModel", "Struct", "BaseSettings"})


def _function(m: Interpreter, node: facts.FunctionDef, frame: Frame) -> bool:
    owner = m.functions.class_frames.get(frame.context)
    info = m.functions.function(frame.path, node, owner)
    closure = frame.outer if owner is not None else frame
    value = function_value(m, info, closure, frame)
    m.define_function(info, value)
    m.functions.guards.pop((info, frame.context), None)
    accessor = _accessor(node, value, frame)
    bind(
        m,
        node.name,
        _decorated(m, node.decorators, value, frame, info) if accessor is None else accessor,
        frame,
    )
    return True


def _accessor(node: facts.FunctionDef, value: Value, frame: Frame) -> Value | None:
    """The property that `@name.setter` or `@name.deleter` extends by this function; else None."""
    decorator = node.decorators[-1] if node.decorators else None
    if not isinstance(decorator, facts.Attr) or decorator.attr not in {"setter", "deleter", "getter"}:
        return None
    before = frame.names.get(facts.source_form(decorator.value))
    known = before if isinstance(before, Property) else Property(before)
    match decorator.attr:
        case "setter":
            return Property(known.getter, value, known.deleter)
        case "deleter":
            return Property(known.getter, known.setter, value)
    return Property(value, known.setter, known.deleter)


def _decorated(
    m: Interpreter,
    decorators: list[facts.Expr],
    value: Value,
    frame: Frame,
    info: FunctionInfo | None = None,
) -> Value:
    """What the decorators make of a function or class; a library's decorator keeps what it decorates."""
    for decorator in reversed(decorators):
        wrapper = m.force(m.evaluate(decorator, frame))
        outer = value
        if _wraps(m, wrapper):
            # The name is bound to the decorator's result.
            span = frame.span(decorator)
            result = m.force(m.call(wrapper, Arguments([(value, span)]), frame, span))
            if any(not isinstance(option, Unknown) for option in options(result)):
                value = result
        if info is not None:
            followed = value is not outer and _is_relevant(m, wrapper)
            note_decorator(m, info, decorator, wrapper, frame, followed=followed)
    return value


def _is_relevant(m: Interpreter, decorator: Value) -> bool:
    """Whether the calls of what a decorator returns are run in full."""
    if isinstance(decorator, Partial):
        return _is_relevant(m, decorator.function)
    return not isinstance(decorator, Function) or decorator.info.path in m.relevant


def _wraps(m: Interpreter, decorator: Value) -> bool:
    """Whether a decorator is modelled: the project defines it, or it is a known library wrapper."""
    if isinstance(decorator, Partial):
        return _wraps(m, decorator.function)
    if isinstance(decorator, External):
        return decorator.path in m.dispatch.function_wrappers
    if isinstance(decorator, Function):
        return decorator.info.path in m.relevant or has_side_effect(m, decorator.info)
    if isinstance(decorator, Union):
        return all(_wraps(m, option) for option in decorator.options)
    if isinstance(decorator, Ref):
        # The context manager of a generator, for one, calls the function later, as it is.
        instance = m.heap_instance(decorator)
        return instance is not None and find_in_class(instance.cls, "__call__") is not None
    return isinstance(decorator, Class)


def _class(m: Interpreter, node: facts.ClassDef, frame: Frame) -> bool:
    info = m.functions.class_of(frame.path, node)
    named = [base.value for base in node.bases if base.keyword is None and not base.star]
    set_bases(info, [m.evaluate(base, frame) for base in named])
    body = Frame(
        frame.path,
        m.context("class", frame.context, frame.path, node.start),
        outer=frame,
        globals=frame.globals,
    )
    m.functions.class_frames[body.context] = info
    m.execute(node.body, body)
    info.attributes = body.names
    info.owner = m.module_cache.current_owner
    if frame is not frame.globals:
        methods = {name for name, value in body.names.items() if isinstance(value, Function)}
        m.module_cache.apply(("defines", body.context), lambda: m.entry.local_methods.update(methods))
    info.metaclass = _metaclass(m, node, info, frame)
    info.annotations = {
        statement.targets[0].id: statement.annotation
        for statement in node.body
        if isinstance(statement, facts.Assign)
        and statement.annotation is not None
        and isinstance(statement.targets[0], facts.Name)
    }
    info.fields = list(info.annotations)
    bases = {last_word(base.value) for base in node.bases}
    if bases & _ENUMERATIONS or any(isinstance(b, Class) and b.info.members for b in info.bases):
        _enumerate(info, is_text=bool(bases & {"str", "StrEnum"}))
    decorators = {last_word(decorator) for decorator in node.decorators}
    info.is_dataclass = bool(decorators & _RECORD_DECORATORS or bases & _RECORD_BASES)
    made = _created(m, node, info, frame)
    bind(m, node.name, _decorated(m, node.decorators, made, frame), frame)
    return True


def _metaclass(m: Interpreter, node: facts.ClassDef, info: ClassInfo, frame: Frame) -> ClassInfo | None:
    for base in node.bases:
        if base.keyword == "metaclass":
            value = m.evaluate(base.value, frame)
            return value.info if isinstance(value, Class) else None
    inherited = (base.metaclass for base in mro(info)[1:])
    return next((metaclass for metaclass in inherited if metaclass is not None), None)


def _created(m: Interpreter, node: facts.ClassDef, info: ClassInfo, frame: Frame) -> Value:
    """The class, after all that Python calls when a class is made: a metaclass, `__set_name__`, the bases."""
    cls, span = Class(info), frame.span(node)
    keywords = {
        base.keyword: (m.evaluate(base.value, frame), frame.span(base))
        for base in node.bases
        if base.keyword is not None and base.keyword != "metaclass"
    }
    m.entry.classes_in_creation.append(info)
    made: Value = cls
    if info.metaclass is not None:
        made = _made_by_metaclass(m, info, info.metaclass, keywords, frame, span)
    for name, value in [*info.attributes.items()]:
        if isinstance(value, Ref):
            call_special(m, value, ("__set_name__",), (cls, template(name)), frame, span)
    hook = find_in_class(info, "__init_subclass__", after=info)
    if isinstance(hook, Function):
        m.call(replace(hook, receiver=cls), Arguments([], keywords), frame, span)
    m.entry.classes_in_creation.pop()
    return made


def _made_by_metaclass(
    m: Interpreter,
    info: ClassInfo,
    metaclass: ClassInfo,
    keywords: dict[str, tuple[Value, Span]],
    frame: Frame,
    span: Span,
) -> Value:
    made: Value = Class(info)
    new, init = find_in_class(metaclass, "__new__"), find_in_class(metaclass, "__init__")
    namespace, entries = m.new_dict(frame, ("namespace", info.node.start))
    for name, value in info.attributes.items():
        m.heap.set_item(entries, template(name), value, span, m.branch)
    bases = m.new_items(frame, ("bases", info.node.start), info.bases)
    passed: list[tuple[Value, Span]] = [(template(info.name), span), (bases, span), (namespace, span)]
    if isinstance(new, Function):
        bound = replace(new, receiver=Class(metaclass))
        made = m.force(m.call(bound, Arguments([*passed], keywords), frame, span))
    if isinstance(init, Function):
        m.call(replace(init, receiver=made), Arguments([*passed], keywords), frame, span)
    return Class(info) if isinstance(made, Unknown) else made


def _enumerate(info: ClassInfo, *, is_text: bool) -> None:
    """Turns the attributes of an enumeration into members; those of a text enumeration stay strings."""
    for name, value in info.attributes.items():
        if name.startswith("_") or isinstance(value, (Function, Class)):
            continue
        is_automatic = isinstance(value, Unknown) and value.external == "enum.auto"
        text = template(name.lower()) if is_automatic else value
        info.members[name] = text if is_text and isinstance(text, Template) else Member(info, name, value)
    info.attributes.update(info.members)


def _import(m: Interpreter, node: facts.Import, frame: Frame) -> bool:
    m.dispatch.observers.imported(m, node, frame)
    module = node.module if node.asname is not None else node.module.partition(".")[0]
    bind(m, node.asname or module, import_module(m, module, frame.path), frame)
    _load(m, node, frame)
    return True


def _import_from(m: Interpreter, node: facts.ImportFrom, frame: Frame) -> bool:
    m.dispatch.observers.imported(m, node, frame)
    if node.level:
        target = m.index.relative(node.level, node.module, frame.path)
    else:
        target = m.index.find(node.module, frame.path)
    for name, asname in node.names:
        if name == "*":
            _import_star(m, target, frame)
        elif target is not None:
            bind(m, asname or name, Imported(target, name), frame)
        else:
            bind(m, asname or name, _external_import(m, node, name, frame), frame)
    _load(m, node, frame)
    return True


def _load(m: Interpreter, node: facts.Import | facts.ImportFrom, frame: Frame) -> None:
    """Loads what is imported if that may open a run; other modules are loaded when a name is needed."""
    if m.branch is None:
        for path in targets_of(node, frame.path, m.index):
            if m.project.opens_run(path):
                module_loader.module(m, path)


def _external_import(m: Interpreter, node: facts.ImportFrom, name: str, frame: Frame) -> Value:
    """The value of a name imported from a namespace package of the project or from an external module."""
    if node.level:
        submodule = m.index.relative(node.level, f"{node.module}.{name}".lstrip("."), frame.path)
    else:
        submodule = m.index.folder_submodule(node.module, name, frame.path)
    if submodule is not None:
        return Module(submodule)
    if f"{node.module}.{name}" == "wandb.run":
        return run_state.active_run(m)
    return (
        imported_name(m, f"{node.module}.{name}", frame)
        if not node.level
        else Unknown(SymbolId("import", frame.path, name), name)
    )


def _import_star(m: Interpreter, target: str | None, frame: Frame) -> None:
    module = None if target is None else module_loader.module(m, target)
    if module is None or target is None:
        return
    dunder_all = module_loader.variable(m, module, "__all__")
    exported = [] if dunder_all is None else iterate(m, dunder_all, frame, 0)[0]
    names = [name.literal for name in exported if isinstance(name, Template)]
    for name in [*module_loader.variables(m, module), *names]:
        if name is not None and (name in names or not name.startswith("_")):
            bind(m, name, Imported(target, name), frame)


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.FunctionDef: _function,
    facts.ClassDef: _class,
    facts.Import: _import,
    facts.ImportFrom: _import_from,
}
