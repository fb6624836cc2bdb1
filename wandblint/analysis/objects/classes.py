"""Classes: their line of bases, what they hold, and attributes of anything."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    DATACLASS_FIELD,
    NONE,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    Member,
    Metric,
    Module,
    Partial,
    Run,
    Super,
    Thunk,
    Union,
    Unknown,
    Value,
)
from wandblint.analysis.objects.names import member
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def mro(cls: ClassInfo) -> list[ClassInfo]:
    """The class and the project classes it inherits from, nearest first."""
    found: list[ClassInfo] = []
    waiting = [cls]
    while waiting:
        info = waiting.pop(0)
        if info in found:
            continue
        found.append(info)
        waiting.extend(
            base.info for value in info.bases for base in options(value) if isinstance(base, Class)
        )
    return found


def has_unknown_base(cls: ClassInfo) -> bool:
    """Whether attributes may come from outside the project."""
    return any(not isinstance(base, Class) for info in mro(cls) for v in info.bases for base in options(v))


def find_in_class(cls: ClassInfo, name: str, *, behind: ClassInfo | None = None) -> Value | None:
    """A class attribute, along the line of bases; `behind` starts after a class (`super()`)."""
    line = mro(cls)
    if behind in line:
        line = line[line.index(behind) + 1 :]
    for info in line:
        if name in info.attributes:
            return info.attributes[name]
    return None


def attribute(m: Interpreter, value: Value, name: str, frame: Frame, span: Span) -> Value:
    """`value.name` over all alternatives."""
    if name == "__name__" and isinstance(value, (Class, Function)):
        return template(value.info.name)
    if isinstance(value, Thunk):
        made = m.defer(
            frame, (span, name, value.key), lambda: attribute(m, m.force(value), name, frame, span)
        )
        m.thunks.owners[made.key] = m.thunks.owners.get(value.key, value.key)
        return made
    if type(value) is not Union and value != NONE:
        return _attribute_of_one(m, value, name, frame, span)
    choices = options(value)
    found = [attribute(m, choice, name, frame, span) for choice in choices if choice != NONE]
    # None has no attributes that matter: reaching for one raises.
    return join(found) if found else Unknown(SymbolId("attribute of None", frame.context, span), name)


def _attribute_of_one(m: Interpreter, value: Value, name: str, frame: Frame, span: Span) -> Value:  # noqa: PLR0911
    if type(value) is Unknown:  # most are
        return Unknown(
            SymbolId("attribute", value.symbol, name),
            f"{value.label}.{name}",
            f"{value.external}.{name}" if value.external else "",
        )
    match value:
        case Module(path):
            return member(m, path, name)
        case External():
            return _of_library(m, value, name, frame)
        case Run():
            return External(f"wandb.Run.{name}", value)
        case Class(info):
            found = find_in_class(info, name)
            if isinstance(found, Function) and "classmethod" in found.info.decorators:
                return replace(found, receiver=value)
            return Unknown(SymbolId("attribute", value, name), name) if found is None else found
        case Super(receiver, behind):
            return _of_super(m, receiver, behind, name, frame, span)
        case Member() | Metric():
            return _of_member(value, name)
        case Template():
            # `.value` of an enum member that is a string is the member here.
            return value if name == "value" else External(f"builtins.str.{name}", value)
    made = next(made for _, made in m.objects(value)) if not isinstance(value, Function) else None
    if isinstance(made, Dictionary):
        return External(f"builtins.dict.{name}", value)
    if isinstance(made, SequenceObject):
        return External(f"builtins.list.{name}", value)
    if isinstance(made, Instance):
        return _of_instance(m, made, value, name, frame, span)
    return Unknown(SymbolId("attribute", value, name), name)


def _of_member(value: Member | Metric, name: str) -> Value:
    if name in {"name", "_name_"}:
        return value.name if isinstance(value, Metric) else template(value.name)
    found = None if isinstance(value, Metric) else find_in_class(value.info, name)
    if isinstance(value, Member) and name in {"value", "_value_"}:
        return value.value
    if isinstance(found, Function):
        return replace(found, receiver=value)
    return Unknown(SymbolId("attribute", value, name), name) if found is None else found


def _of_library(m: Interpreter, value: External, name: str, frame: Frame) -> Value:
    if value.receiver is not None:
        return Unknown(SymbolId("attribute", value, name), name, f"{value.path}.{name}")
    path = f"{value.path}.{name}"
    if path == "wandb.run":
        return m.active_run
    # A folder without `__init__.py` is a namespace package.
    if m.index.is_package(value.path.replace(".", "/")) and (file := m.project.find_module(path, frame.path)):
        return Module(file)
    return External(path)


def _of_super(
    m: Interpreter, receiver: Value, behind: ClassInfo, name: str, frame: Frame, span: Span
) -> Value:
    for _, made in m.objects(receiver):
        if isinstance(made, Instance):
            found = find_in_class(made.cls, name, behind=behind)
            if isinstance(found, Function):
                return replace(found, receiver=receiver)
            if found is not None:
                return found
    return Unknown(SymbolId("super", frame.context, span, name), name)


def _of_instance(m: Interpreter, made: Instance, ref: Value, name: str, frame: Frame, span: Span) -> Value:
    if name == "__class__" and not made.is_symbolic:
        return Class(made.cls)
    if name in made.attributes:
        found = made.attributes[name]
        return join((found, _of_symbolic(m, made, name))) if made.is_symbolic else found
    found_in_class = find_in_class(made.cls, name)
    if found_in_class is None and name in _AS_DICTIONARIES:
        whole = Partial(External("dataclasses.asdict"), (ref,), ())
        return m.call(whole, Arguments(), frame, span) if name == "__dict__" else whole
    if found_in_class is None:
        known = any(name in info.annotations for info in mro(made.cls))
        if made.is_symbolic and (known or is_instantiated(m, made.cls)):
            return _of_symbolic(m, made, name)
        return Unknown(SymbolId("attribute", ref, name), name)
    bound = [_bound(m, option, ref, made, frame, span) for option in options(found_in_class)]
    is_field = made.is_symbolic and any(
        info.is_dataclass and name in info.annotations for info in mro(made.cls)
    )
    if is_field and not is_instantiated(m, made.cls):
        # The default of a field: whoever made the instance may have given another value.
        bound.append(m.dispatch.open_field(m, made.cls, name))
    return join(bound)


_AS_DICTIONARIES = frozenset({"__dict__", "_asdict", "model_dump"})
"""Of every object, of named tuples, of pydantic's models."""


def is_instantiated(m: Interpreter, cls: ClassInfo) -> bool:
    """Whether the project was seen to make instances of a class."""
    return m.shared_facts.read("made", *cls.id) is not None


def _of_symbolic(m: Interpreter, made: Instance, name: str) -> Value:
    """What the attribute was in any instance of the class so far."""
    m.module_cache.mark_path_dependent()
    seen = m.shared_facts.read("attribute", *made.cls.id, name)
    if seen is not None:
        return seen
    return made.attributes.get(name) or m.dispatch.open_field(m, made.cls, name)


def _field_of(cls: ClassInfo, factory: Value) -> str:
    return next(name for info in mro(cls) for name, v in info.attributes.items() if v is factory)


def _bound(m: Interpreter, found: Value, ref: Value, made: Instance, frame: Frame, span: Span) -> Value:
    if isinstance(found, Partial) and found.function == DATACLASS_FIELD:
        value = m.call(found.args[0], Arguments(), frame, span)
        m.heap.set_attribute(made, _field_of(made.cls, found), value, m.branch)
        return value
    if not isinstance(found, Function):
        return found
    decorators = found.info.decorators
    if "staticmethod" in decorators:
        return found
    if "classmethod" in decorators:
        return replace(found, receiver=Class(made.cls))
    method = replace(found, receiver=ref)
    if "property" in decorators or "cached_property" in decorators:
        return m.call(method, Arguments(), frame, span)
    return method
