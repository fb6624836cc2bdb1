"""Classes and the attributes of any value."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    EXIT_STACK,
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
    Property,
    Ref,
    Run,
    Super,
    Thunk,
    Union,
    Unknown,
    Value,
)
from wandblint.analysis.objects.names import lacks, member
from wandblint.analysis.objects.preinit import attribute_of_module
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import last_word
from wandblint.semantics.api import RUN_DATA
from wandblint.semantics.heuristics import FILLING_METHODS
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template

DATACLASS_FIELD = External("dataclasses.field")
"""The function of the `Partial` that stands for a default factory."""

FILLED_RECORD = "dataclasses.filled()"
"""The path of a method that makes an instance from data; its receiver is the class."""

ATTRIBUTE_OF_NONE = "attribute of None"
"""The first part of the symbol of what an attribute of None would be: reading it raises."""


def mro(cls: ClassInfo) -> tuple[ClassInfo, ...]:
    """The class and the project classes that it inherits from, nearest first."""
    if not cls.mro:
        line = {cls: None}
        waiting = deque([cls])
        while waiting:
            new = [base for base in _bases(waiting.popleft()) if base not in line]
            line.update(dict.fromkeys(new))
            waiting.extend(new)
        cls.mro = tuple(line)
    return cls.mro


def _bases(cls: ClassInfo) -> list[ClassInfo]:
    return [base.info for value in cls.bases for base in options(value) if isinstance(base, Class)]


def set_bases(cls: ClassInfo, bases: list[Value]) -> None:
    """Sets the bases of a class, which each execution of its definition evaluates."""
    if bases == cls.bases:
        return
    cls.bases = bases
    for base in _bases(cls):
        base.subclasses[cls] = None
    outdated = {cls: None}
    waiting = [cls]
    while waiting:
        info = waiting.pop()
        info.mro = ()
        waiting.extend(heir for heir in info.subclasses if heir not in outdated)
        outdated.update(info.subclasses)


def has_unknown_base(cls: ClassInfo) -> bool:
    """Whether attributes may come from outside the project."""
    return any(not isinstance(base, Class) for info in mro(cls) for v in info.bases for base in options(v))


def library_names(cls: ClassInfo) -> Iterator[str]:
    """The last words of the bases and decorators that may come from outside the project."""
    for info in mro(cls):
        for base in (option for value in info.bases for option in options(value)):
            if isinstance(base, External):
                yield base.path.rpartition(".")[2]
        yield from map(last_word, info.node.decorators)


def containers(cls: ClassInfo) -> Iterator[Ref]:
    """The objects that a class and its bases hold: all instances share them."""
    for info in mro(cls):
        yield from (value for value in info.attributes.values() if isinstance(value, Ref))


def find_in_class(cls: ClassInfo, name: str, *, after: ClassInfo | None = None) -> Value | None:
    """A class attribute, found along the MRO or the part of it `after` a class (`super()`)."""
    line = mro(cls)
    if after in line:
        line = line[line.index(after) + 1 :]
    for info in line:
        if name in info.attributes:
            return info.attributes[name]
    return None


def attribute(m: Interpreter, value: Value, name: str, frame: Frame, span: Span) -> Value:
    """`value.name` over all alternatives."""
    if name in {"__name__", "__qualname__"} and isinstance(value, (Class, Function)):
        return template(value.info.name)
    if isinstance(value, Thunk):
        thunk = m.defer(
            frame, (span, name, value.key), lambda: attribute(m, m.force(value), name, frame, span)
        )
        m.thunks.owners[thunk.key] = m.thunks.owners.get(value.key, value.key)
        return thunk
    if type(value) is not Union and value != NONE:
        return _attribute_of_alternative(m, value, name, frame, span)
    choices = options(value)
    # A module that lacks it raises, too: then the code means one of the others.
    having = [choice for choice in choices if choice != NONE and not lacks(m, choice, name)]
    values = [attribute(m, choice, name, frame, span) for choice in having or choices if choice != NONE]
    # An attribute of None raises.
    return join(values) if values else Unknown(SymbolId(ATTRIBUTE_OF_NONE, frame.context, span), name)


def _attribute_of_alternative(m: Interpreter, value: Value, name: str, frame: Frame, span: Span) -> Value:  # noqa: PLR0911
    if type(value) is Unknown:  # most are
        return Unknown(
            SymbolId("attribute", value.symbol, name),
            f"{value.label}.{name}",
            f"{value.external}.{name}" if value.external else "",
        )
    match value:
        case Module(path):
            return member(m, path, name)
        case External() | Run():
            assigned = _patch(m, value, name)
            if assigned is not None:
                return assigned
            if isinstance(value, Run):
                return _attribute_of_run(value, name)
            return _attribute_of_external(m, value, name, frame)
        case Class():
            return _attribute_of_class(m, value, name, frame, span)
        case Super(receiver, after):
            return _attribute_of_super(m, receiver, after, name, frame, span)
        case Member() | Metric():
            return _attribute_of_member(value, name)
        case Template():
            # A member of an enumeration of strings is a template, so `.value` returns it as it is.
            return value if name == "value" else External(f"builtins.str.{name}", value)
    instance = next(instance for _, instance in m.objects(value)) if not isinstance(value, Function) else None
    if isinstance(instance, Dictionary):
        return External(f"builtins.dict.{name}", value)
    if isinstance(instance, SequenceObject):
        return External(f"builtins.list.{name}", value)
    if isinstance(instance, Instance):
        return _attribute_of_instance(m, instance, value, name, frame, span)
    return Unknown(SymbolId("attribute", value, name), name)


def _attribute_of_run(value: Run, name: str) -> Value:
    path = f"wandb.Run.{name}"
    if name in RUN_DATA:
        return Unknown(SymbolId("attribute", value, name), f"run.{name}", path)
    return External(path, value)


def patch_name(owner: External | Run, name: str) -> str:
    """Identifies an attribute of a library or a run to which the code may assign: `run.log = wrapper`."""
    return f"{owner.path}.{name}" if isinstance(owner, External) else f"{owner.site}.{name}"


def _patch(m: Interpreter, owner: External | Run, name: str) -> Value | None:
    """What the code has assigned to an attribute of a library or a run, or None."""
    key = patch_name(owner, name)
    if key not in m.entry.patches.attributes:
        return None
    branch, last = m.entry.last_patches[key]
    return last if branch is m.branch else m.entry.patches.attributes[key]


def _attribute_of_class(m: Interpreter, value: Class, name: str, frame: Frame, span: Span) -> Value:
    found = find_in_class(value.info, name)
    if found is None and value.info.metaclass is not None:
        found = find_in_class(value.info.metaclass, name)
        if isinstance(found, Property) and found.getter is not None:
            return m.call(found.getter, Arguments([(value, span)]), frame, span)
        return (
            replace(found, receiver=value) if isinstance(found, Function) else found or _missing(value, name)
        )
    if found is None:
        if name in {"__init__", "__new__", "__subclasses__", "mro"}:
            return External(f"builtins.type.{name}", value)
        if name in FILLING_METHODS and FILLING_METHODS[name] & set(library_names(value.info)):
            return External(FILLED_RECORD, value)
        return _missing(value, name)
    if isinstance(found, Ref) and (getter := bound_method(m, found, "__get__")) is not None:
        return m.call(getter, Arguments([(NONE, span), (value, span)]), frame, span)
    if isinstance(found, Function) and "classmethod" in found.info.decorators:
        return replace(found, receiver=value)
    return found


def _missing(value: Value, name: str) -> Unknown:
    return Unknown(SymbolId("attribute", value, name), name)


def bound_method(m: Interpreter, value: Value, name: str) -> Function | None:
    """A bound method of an instance; None where its class does not define it."""
    instance = m.heap_instance(value)
    found = None if instance is None else find_in_class(instance.cls, name)
    return replace(found, receiver=value) if isinstance(found, Function) else None


def _attribute_of_member(value: Member | Metric, name: str) -> Value:
    if name in {"name", "_name_"}:
        return value.name if isinstance(value, Metric) else template(value.name)
    class_attribute = None if isinstance(value, Metric) else find_in_class(value.info, name)
    if isinstance(value, Member) and name in {"value", "_value_"}:
        return value.value
    if isinstance(class_attribute, Function):
        return replace(class_attribute, receiver=value)
    return Unknown(SymbolId("attribute", value, name), name) if class_attribute is None else class_attribute


def _attribute_of_external(m: Interpreter, value: External, name: str, frame: Frame) -> Value:
    if value.path in {EXIT_STACK, "functools.singledispatch()"} or (
        value.path.endswith("()") and f"{value.path}.{name}" in m.dispatch.handlers
    ):
        return External(f"{value.path}.{name}", value.receiver)
    if value.receiver is not None:
        return Unknown(SymbolId("attribute", value, name), name, f"{value.path}.{name}")
    path = f"{value.path}.{name}"
    if path == "wandb.run":
        return run_state.active_run(m)
    # For a namespace package, a folder without `__init__.py`.
    if m.index.is_package(value.path.replace(".", "/")) and (file := m.project.find_module(path, frame.path)):
        return Module(file)
    return attribute_of_module(m, path, frame)


def _attribute_of_super(
    m: Interpreter, receiver: Value, after: ClassInfo, name: str, frame: Frame, span: Span
) -> Value:
    for option, instance in m.objects(receiver):
        cls = (
            instance.cls
            if isinstance(instance, Instance)
            else option.info
            if isinstance(option, Class)
            else None
        )
        if cls is None:
            continue
        class_attribute = find_in_class(cls, name, after=after)
        if class_attribute is None and cls.metaclass is not None and after not in mro(cls):
            class_attribute = find_in_class(cls.metaclass, name, after=after)
        if isinstance(class_attribute, Function):
            is_static = name == "__new__" or "staticmethod" in class_attribute.info.decorators
            return class_attribute if is_static else replace(class_attribute, receiver=receiver)
        if isinstance(class_attribute, Property) and class_attribute.getter is not None:
            return m.call(class_attribute.getter, Arguments([(option, span)]), frame, span)
        if class_attribute is not None:
            return class_attribute
        if name in _OF_OBJECT:
            kind = "type" if _is_metaclass(after) else "object"
            path = External(f"builtins.{kind}.{name}")
            return path if name == "__new__" else Partial(path, (option,), ())
    return Unknown(SymbolId("super", frame.context, span, name), name)


_OF_OBJECT = frozenset(
    {"__new__", "__setattr__", "__delattr__", "__getattribute__", "__init_subclass__", "__call__"}
)
"""Methods that `super()` finds in `object` or `type`, and that are modelled (`overlays/objects.py`)."""


def _is_metaclass(cls: ClassInfo) -> bool:
    return any(base == External("builtins.type") for info in mro(cls) for base in info.bases)


def _attribute_of_instance(
    m: Interpreter, instance: Instance, ref: Value, name: str, frame: Frame, span: Span
) -> Value:
    if name == "__class__" and not instance.is_symbolic:
        return Class(instance.cls)
    getattribute = bound_method(m, ref, "__getattribute__")
    if getattribute is not None and getattribute.info not in m.active_functions:
        return m.call(getattribute, Arguments([(template(name), span)]), frame, span)
    class_attribute = find_in_class(instance.cls, name)
    if isinstance(class_attribute, Property):
        getter = class_attribute.getter
        return (
            _missing(ref, name) if getter is None else m.call(getter, Arguments([(ref, span)]), frame, span)
        )
    if name in instance.attributes:
        value = instance.attributes[name]
        if instance.is_symbolic:
            value = join((value, _attribute_of_symbolic(m, instance, name)))
    elif class_attribute is not None:
        value = _from_class(m, class_attribute, instance, ref, name, frame, span)
    else:
        value = _absent_attribute(m, instance, ref, name, frame, span)
    if instance.is_open:
        unseen = Unknown(SymbolId("any attribute", ref, name), name)
        value = unseen if value == _missing(ref, name) else join((value, unseen))
    return value


def _from_class(
    m: Interpreter, found: Value, instance: Instance, ref: Value, name: str, frame: Frame, span: Span
) -> Value:
    """An attribute that an instance takes from its class."""
    bound = [_bound(m, option, ref, instance, frame, span) for option in options(found)]
    is_field = instance.is_symbolic and any(
        info.is_dataclass and name in info.annotations for info in mro(instance.cls)
    )
    if is_field:
        # It is only the default of a field: the instance may have been made with another value.
        bound.append(_attribute_of_symbolic(m, instance, name))
    return join(bound)


def _absent_attribute(
    m: Interpreter, instance: Instance, ref: Value, name: str, frame: Frame, span: Span
) -> Value:
    """An attribute that neither the instance nor its class has."""
    fallback = None if name.startswith("__") else bound_method(m, ref, "__getattr__")
    if fallback is not None and fallback.info not in m.active_functions:
        return m.call(fallback, Arguments([(template(name), span)]), frame, span)
    if name in _AS_DICTIONARIES:
        function = "builtins.vars" if name == "__dict__" else "dataclasses.asdict"
        whole = Partial(External(function), (ref,), ())
        return m.call(whole, Arguments(), frame, span) if name == "__dict__" else whole
    known = any(name in info.annotations for info in mro(instance.cls))
    if instance.is_symbolic and (known or is_instantiated(m, instance.cls)):
        return _attribute_of_symbolic(m, instance, name)
    return _missing(ref, name)


_AS_DICTIONARIES = frozenset({"__dict__", "_asdict", "model_dump"})
"""Attributes that give the fields as a dictionary: of all objects, named tuples, pydantic's models."""


def is_instantiated(m: Interpreter, cls: ClassInfo) -> bool:
    """Whether some entry point has created an instance of a class."""
    return m.shared_facts.read("instantiated", *cls.id) is not None


def _attribute_of_symbolic(m: Interpreter, instance: Instance, name: str) -> Value:
    """The attribute's value in any instance of the class so far."""
    m.module_cache.mark_path_dependent()
    published = m.shared_facts.read("attribute", *instance.cls.id, name)
    if published is not None:
        return published
    return instance.attributes.get(name) or m.dispatch.open_field(m, instance.cls, name)


def _field_of(cls: ClassInfo, factory: Value) -> str:
    return next(name for info in mro(cls) for name, v in info.attributes.items() if v is factory)


def _bound(
    m: Interpreter, class_attribute: Value, ref: Value, instance: Instance, frame: Frame, span: Span
) -> Value:
    if isinstance(class_attribute, Partial) and class_attribute.function == DATACLASS_FIELD:
        value = m.call(class_attribute.args[0], Arguments(), frame, span)
        m.heap.set_attribute(instance, _field_of(instance.cls, class_attribute), value, m.branch)
        return value
    if (
        isinstance(class_attribute, Ref)
        and (getter := bound_method(m, class_attribute, "__get__")) is not None
    ):
        return m.call(getter, Arguments([(ref, span), (Class(instance.cls), span)]), frame, span)
    if not isinstance(class_attribute, Function):
        return class_attribute
    decorators = class_attribute.info.decorators
    if "staticmethod" in decorators:
        return class_attribute
    if "classmethod" in decorators:
        return replace(class_attribute, receiver=Class(instance.cls))
    method = replace(class_attribute, receiver=ref)
    if "property" in decorators or "cached_property" in decorators:
        return m.call(method, Arguments(), frame, span)
    return method
