"""Instances of the project's classes: creates them and converts them to dictionaries."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    Partial,
    Ref,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.argument_evaluation import pass_as_parameter
from wandblint.analysis.interpreter.induction import (
    initial_value,
    may_be_induction,
    note_initialization,
    variable_of_attribute,
)
from wandblint.analysis.interpreter.receivers import as_field, open_field
from wandblint.analysis.objects.classes import (
    DATACLASS_FIELD,
    find_in_class,
    has_unknown_base,
    library_names,
    mro,
)
from wandblint.analysis.objects.containers import as_open_key
from wandblint.analysis.objects.dict_methods import update
from wandblint.analysis.objects.special_methods import special_method
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.heuristics import READS_ENVIRONMENT
from wandblint.span import Span
from wandblint.template import SymbolId, template

_MAPPINGS = frozenset({"dict", "OrderedDict", "UserDict", "TypedDict", "defaultdict", "Counter"})


def make_instance(
    m: Interpreter,
    cls: ClassInfo,
    arguments: Arguments,
    frame: Frame,
    span: Span,
    *,
    by_metaclass: bool = True,
) -> Value:
    """A new instance, after its `__init__` has run; `by_metaclass` lets a metaclass make it its way."""
    maker = special_method(m, Class(cls), "__call__") if by_metaclass else None
    if maker is not None:
        return m.call(maker, arguments, frame, span)
    if cls.members:
        # `Stage(value)` returns an existing member.
        return join(cls.members.values())
    if _is_plain_mapping(cls):
        mapping, entries = m.new_dict(frame, _site(cls, span))
        update(m, entries, arguments, span)
        return mapping
    new = find_in_class(cls, "__new__")
    if not isinstance(new, Function):
        ref = allocate_instance(m, cls, frame, span)
        _initialize(m, cls, ref, arguments, frame, span)
        return ref
    made = m.force(m.call(replace(new, receiver=Class(cls)), arguments, frame, span))
    for option in options(made):
        instance = m.heap_instance(option)
        if isinstance(option, Ref) and instance is not None and cls in mro(instance.cls):
            _initialize(m, instance.cls, option, arguments, frame, span)
    return made


def _site(cls: ClassInfo, span: Span) -> object:
    return ("instance", span.path, span.start, cls.path, cls.node.start)


def allocate_instance(m: Interpreter, cls: ClassInfo, frame: Frame, span: Span) -> Ref:
    """A new instance without attributes."""
    return m.allocate(frame, _site(cls, span), Instance(m.branch, cls))


def _initialize(
    m: Interpreter, cls: ClassInfo, ref: Ref, arguments: Arguments, frame: Frame, span: Span
) -> None:
    instance = m.heap[ref]
    assert isinstance(instance, Instance)
    init = find_in_class(cls, "__init__")
    if isinstance(init, Function):
        m.call(replace(init, receiver=ref), arguments, frame, span)
    elif any(info.is_dataclass for info in mro(cls)):
        _set_fields(m, cls, ref, instance, arguments, frame, span)
        post = find_in_class(cls, "__post_init__")
        if isinstance(post, Function):
            m.call(replace(post, receiver=ref), Arguments(), frame, span)
    elif has_unknown_base(cls):
        for name, (value, argument_span) in arguments.keywords.items():
            m.heap.set_attribute(instance, name, pass_as_parameter(value, name, argument_span), m.branch)
            m.shared_facts.publish_attribute(cls, name, value)


def _is_plain_mapping(cls: ClassInfo) -> bool:
    """Whether the class inherits from a mapping and defines no methods."""
    bases = {
        base.path.rpartition(".")[2] for v in cls.bases for base in options(v) if isinstance(base, External)
    }
    return bool(bases & _MAPPINGS) and not any(isinstance(v, Function) for v in cls.attributes.values())


def field_names(cls: ClassInfo) -> list[str]:
    """The fields of a dataclass in the order of its parameters; empty for other classes."""
    classes = [info for info in reversed(mro(cls)) if info.fields]
    return list(dict.fromkeys(name for info in classes for name in info.fields))


def _set_fields(
    m: Interpreter,
    cls: ClassInfo,
    ref: Ref,
    instance: Instance,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> None:
    is_open = bool(
        arguments.more_keywords
        or arguments.more_positional is not None
        or not READS_ENVIRONMENT.isdisjoint(library_names(cls))
    )
    for position, name in enumerate(field_names(cls)):
        argument = arguments.located(position, name)
        value: Value | None
        if argument is not None:
            value = pass_as_parameter(as_field(m, cls, name, argument[0]), name, argument[1])
        elif is_open:
            value = _open_field(m, cls, name, frame, span)
        else:
            value = find_in_class(cls, name)
            if isinstance(value, Partial) and value.function == DATACLASS_FIELD:
                inner = Frame(frame.path, m.context("field", frame.context, name), globals=frame.globals)
                value = m.call(value.args[0], Arguments(), inner, span)
            elif value is None or (isinstance(value, Unknown) and value.external.endswith("field")):
                value = _open_field(m, cls, name, frame, span)
        if initial_value(value) is not None and may_be_induction(value):
            note_initialization(m, frame, variable_of_attribute(m, ref, name), value, span)
        m.heap.set_attribute(instance, name, value, m.branch)
        m.shared_facts.publish_attribute(cls, name, value)


def _open_field(m: Interpreter, cls: ClassInfo, name: str, frame: Frame, span: Span) -> Value:
    """The value of a field whose argument is unseen: unknown, unless the class annotates it."""
    value = open_field(m, cls, name)
    return (
        Unknown(SymbolId("field", frame.context, span, name), name) if isinstance(value, Unknown) else value
    )


def as_dictionary(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The dictionary that `asdict(x)` or `vars(x)` returns; nested dataclasses become dictionaries, too."""
    ref, target = m.new_dict(frame, span)
    owner = arguments.get(0, "obj") or Unknown(SymbolId("call", frame.context, span))
    for option, instance in m.objects(owner):
        names = _attribute_names(instance) if isinstance(instance, Instance) else None
        if names is None:
            m.heap.widen(target, as_open_key(option), span)
            continue
        for name in names:
            value = m.force(m.attribute(option, name, frame, span))
            if any(isinstance(inner, Instance) and inner.cls.is_dataclass for _, inner in m.objects(value)):
                scope = Frame(
                    frame.path, m.context("inner", frame.context, span, name), globals=frame.globals
                )
                value = as_dictionary(m, Arguments([(value, span)]), scope, span)
            m.heap.set_item(target, template(name), value, span, m.branch)
    return ref


def _attribute_names(instance: Instance) -> list[str] | None:
    """The names of the attributes of an instance; None where it may have more."""
    if any(info.is_dataclass for info in mro(instance.cls)):
        return field_names(instance.cls)
    return None if instance.is_symbolic or has_unknown_base(instance.cls) else list(instance.attributes)


def field(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The value of `field(default=...)` or `field(default_factory=...)` in the body of a dataclass."""
    default = arguments.get(-1, "default")
    factory = arguments.get(-1, "default_factory") or arguments.get(-1, "factory")
    if factory is not None:
        return Partial(DATACLASS_FIELD, (factory,), ())
    return (
        Unknown(SymbolId("call", frame.context, span), "field()", "dataclasses.field")
        if default is None
        else default
    )
