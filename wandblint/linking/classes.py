"""Classes: their line of bases, what they hold, and attributes of anything."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.finding import Span
from wandblint.linking.arguments import Arguments
from wandblint.linking.heap import ClassInfo, Dictionary, Frame, Instance, Items
from wandblint.linking.machine import Machine
from wandblint.linking.names import member
from wandblint.linking.values import (
    FIELD,
    NONE,
    Class,
    Deferred,
    Function,
    Library,
    Member,
    MetricValue,
    Module,
    Partial,
    RunValue,
    Super,
    Union,
    Unknown,
    Value,
    join,
    options,
)
from wandblint.template import Origin, Template, template


def lineage(cls: ClassInfo) -> list[ClassInfo]:
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
    return any(
        not isinstance(base, Class) for info in lineage(cls) for v in info.bases for base in options(v)
    )


def find_in_class(cls: ClassInfo, name: str, *, behind: ClassInfo | None = None) -> Value | None:
    """A class attribute, along the line of bases; `behind` starts after a class (`super()`)."""
    line = lineage(cls)
    if behind in line:
        line = line[line.index(behind) + 1 :]
    for info in line:
        if name in info.attributes:
            return info.attributes[name]
    return None


def attribute(m: Machine, value: Value, name: str, frame: Frame, span: Span) -> Value:
    """`value.name` over all alternatives."""
    if name == "__name__" and isinstance(value, (Class, Function)):
        return template(value.info.name)
    if isinstance(value, Deferred):
        made = m.defer(frame, (span, name, value.at), lambda: attribute(m, m.force(value), name, frame, span))
        m.owners[made.at] = m.owners.get(value.at, value.at)
        return made
    if type(value) is not Union and value != NONE:
        return _attribute_of_one(m, value, name, frame, span)
    choices = options(value)
    found = [attribute(m, choice, name, frame, span) for choice in choices if choice != NONE]
    # None has no attributes that matter: reaching for one raises.
    return join(found) if found else Unknown(Origin("attribute of None", frame.context, span), name)


def _attribute_of_one(m: Machine, value: Value, name: str, frame: Frame, span: Span) -> Value:  # noqa: PLR0911
    if type(value) is Unknown:  # most are
        return Unknown(
            Origin("attribute", value.origin, name),
            f"{value.label}.{name}",
            f"{value.library}.{name}" if value.library else "",
        )
    match value:
        case Module(path):
            return member(m, path, name)
        case Library():
            return _of_library(m, value, name, frame)
        case RunValue():
            return Library(f"wandb.Run.{name}", value)
        case Class(info):
            found = find_in_class(info, name)
            if isinstance(found, Function) and "classmethod" in found.info.decorators:
                return replace(found, receiver=value)
            return Unknown(Origin("attribute", value, name), name) if found is None else found
        case Super(receiver, behind):
            return _of_super(m, receiver, behind, name, frame, span)
        case Member() | MetricValue():
            return _of_member(value, name)
        case Template():
            # `.value` of an enum member that is a string is the member here.
            return value if name == "value" else Library(f"builtins.str.{name}", value)
    made = next(made for _, made in m.objects(value)) if not isinstance(value, Function) else None
    if isinstance(made, Dictionary):
        return Library(f"builtins.dict.{name}", value)
    if isinstance(made, Items):
        return Library(f"builtins.list.{name}", value)
    if isinstance(made, Instance):
        return _of_instance(m, made, value, name, frame, span)
    return Unknown(Origin("attribute", value, name), name)


def _of_member(value: Member | MetricValue, name: str) -> Value:
    if name in {"name", "_name_"}:
        return value.name if isinstance(value, MetricValue) else template(value.name)
    found = None if isinstance(value, MetricValue) else find_in_class(value.info, name)
    if isinstance(value, Member) and name in {"value", "_value_"}:
        return value.value
    if isinstance(found, Function):
        return replace(found, receiver=value)
    return Unknown(Origin("attribute", value, name), name) if found is None else found


def _of_library(m: Machine, value: Library, name: str, frame: Frame) -> Value:
    if value.receiver is not None:
        return Unknown(Origin("attribute", value, name), name, f"{value.path}.{name}")
    path = f"{value.path}.{name}"
    if path == "wandb.run":
        return m.active_run
    # A folder without `__init__.py` is a namespace package.
    if m.index.is_package(value.path.replace(".", "/")) and (file := m.project.find(path, frame.path)):
        return Module(file)
    return Library(path)


def _of_super(m: Machine, receiver: Value, behind: ClassInfo, name: str, frame: Frame, span: Span) -> Value:
    for _, made in m.objects(receiver):
        if isinstance(made, Instance):
            found = find_in_class(made.cls, name, behind=behind)
            if isinstance(found, Function):
                return replace(found, receiver=receiver)
            if found is not None:
                return found
    return Unknown(Origin("super", frame.context, span, name), name)


def _of_instance(m: Machine, made: Instance, ref: Value, name: str, frame: Frame, span: Span) -> Value:
    if name == "__class__" and not made.symbolic:
        return Class(made.cls)
    if name in made.attributes:
        found = made.attributes[name]
        return join((found, _of_any(m, made, name))) if made.symbolic else found
    found_in_class = find_in_class(made.cls, name)
    if found_in_class is None and name in _AS_DICTIONARIES:
        whole = Partial(Library("dataclasses.asdict"), (ref,), ())
        return m.call(whole, Arguments(), frame, span) if name == "__dict__" else whole
    if found_in_class is None:
        known = any(name in info.annotations for info in lineage(made.cls))
        if made.symbolic and (known or is_made(m, made.cls)):
            return _of_any(m, made, name)
        return Unknown(Origin("attribute", ref, name), name)
    bound = [_bound(m, option, ref, made, frame, span) for option in options(found_in_class)]
    is_field = made.symbolic and any(
        info.is_dataclass and name in info.annotations for info in lineage(made.cls)
    )
    if is_field and not is_made(m, made.cls):
        # The default of a field: whoever made the instance may have given another value.
        bound.append(m.hooks.open_field(m, made.cls, name))
    return join(bound)


_AS_DICTIONARIES = frozenset({"__dict__", "_asdict", "model_dump"})
"""Of every object, of named tuples, of pydantic's models."""


def is_made(m: Machine, cls: ClassInfo) -> bool:
    """Whether the project was seen to make instances of a class."""
    return m.known.ask("made", *cls.place) is not None


def _of_any(m: Machine, made: Instance, name: str) -> Value:
    """What the attribute was in any instance of the class so far."""
    m.sharing.note_effect()
    seen = m.known.ask("attribute", *made.cls.place, name)
    if seen is not None:
        return seen
    return made.attributes.get(name) or m.hooks.open_field(m, made.cls, name)


def _field_of(cls: ClassInfo, factory: Value) -> str:
    return next(name for info in lineage(cls) for name, v in info.attributes.items() if v is factory)


def _bound(m: Machine, found: Value, ref: Value, made: Instance, frame: Frame, span: Span) -> Value:
    if isinstance(found, Partial) and found.function == FIELD:
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
