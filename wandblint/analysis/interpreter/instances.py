"""Instances of the project's classes: how they are made, and dataclasses as dictionaries."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Instance
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    DATACLASS_FIELD,
    ClassInfo,
    External,
    Frame,
    Function,
    Partial,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.argument_evaluation import through
from wandblint.analysis.interpreter.receivers import open_field
from wandblint.analysis.objects.classes import find_in_class, has_unknown_base, mro
from wandblint.analysis.objects.containers import as_open_key
from wandblint.analysis.objects.methods import update
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, template

_MAPPINGS = frozenset({"dict", "OrderedDict", "UserDict", "TypedDict", "defaultdict", "Counter"})


def make(m: Interpreter, cls: ClassInfo, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """A new instance, its `__init__` run."""
    if cls.members:
        # `Stage(value)` gives one of those that there are.
        return join(cls.members.values())
    at = ("instance", span.path, span.start, cls.path, cls.node.start)
    if _is_plain_mapping(cls):
        mapping, entries = m.new_dict(frame, at)
        update(m, entries, arguments, span)
        return mapping
    made = Instance(m.branch, cls)
    ref = m.allocate(frame, at, made)
    init = find_in_class(cls, "__init__")
    if isinstance(init, Function):
        m.call(replace(init, receiver=ref), arguments, frame, span)
    elif any(info.is_dataclass for info in mro(cls)):
        _fill_fields(m, cls, made, arguments, frame, span)
        post = find_in_class(cls, "__post_init__")
        if isinstance(post, Function):
            m.call(replace(post, receiver=ref), Arguments(), frame, span)
    elif has_unknown_base(cls):
        for name, (value, at_span) in arguments.keywords.items():
            m.heap.set_attribute(made, name, through(value, name, at_span), m.branch)
            m.shared_facts.publish_attribute(cls, name, value)
    return ref


def _is_plain_mapping(cls: ClassInfo) -> bool:
    """Whether the class is a dictionary and adds no behaviour of its own."""
    bases = {
        base.path.rpartition(".")[2] for v in cls.bases for base in options(v) if isinstance(base, External)
    }
    return bool(bases & _MAPPINGS) and not any(isinstance(v, Function) for v in cls.attributes.values())


def field_names(cls: ClassInfo) -> list[str]:
    """The fields of a dataclass in the order of its parameters; of another class there are none."""
    line = [info for info in reversed(mro(cls)) if info.fields]
    return list(dict.fromkeys(name for info in line for name in info.fields))


def _fill_fields(
    m: Interpreter, cls: ClassInfo, made: Instance, arguments: Arguments, frame: Frame, span: Span
) -> None:
    for position, name in enumerate(field_names(cls)):
        given = arguments.located(position, name)
        value: Value | None
        if given is not None:
            value = through(given[0], name, given[1])
        elif arguments.more_keywords or arguments.more_positional is not None:
            value = _open_field(m, cls, name, frame, span)
        else:
            value = find_in_class(cls, name)
            if isinstance(value, Partial) and value.function == DATACLASS_FIELD:
                inner = Frame(frame.path, m.context("field", frame.context, name), globals=frame.globals)
                value = m.call(value.args[0], Arguments(), inner, span)
            elif value is None or (isinstance(value, Unknown) and value.external.endswith("field")):
                value = _open_field(m, cls, name, frame, span)
        m.heap.set_attribute(made, name, value, m.branch)
        m.shared_facts.publish_attribute(cls, name, value)


def _open_field(m: Interpreter, cls: ClassInfo, name: str, frame: Frame, span: Span) -> Value:
    """A field whose value is not seen: that of this instance, unless the class says what it is."""
    found = open_field(m, cls, name)
    return (
        Unknown(SymbolId("field", frame.context, span, name), name) if isinstance(found, Unknown) else found
    )


def as_dictionary(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`asdict(x)`, `vars(x)`: what an instance holds, by name; dataclasses inside it become so too."""
    ref, target = m.new_dict(frame, span)
    for option, made in m.objects(arguments.get(0, "obj") or Unknown(SymbolId("call", frame.context, span))):
        names = _names(made) if isinstance(made, Instance) else None
        if names is None:
            m.heap.widen(target, as_open_key(option), span)
            continue
        for name in names:
            value = m.force(m.attribute(option, name, frame, span))
            if any(isinstance(inner, Instance) and inner.cls.is_dataclass for _, inner in m.objects(value)):
                where = Frame(
                    frame.path, m.context("inner", frame.context, span, name), globals=frame.globals
                )
                value = as_dictionary(m, Arguments([(value, span)]), where, span)
            m.heap.set_item(target, template(name), value, span, m.branch)
    return ref


def _names(made: Instance) -> list[str] | None:
    """What an instance holds; None where there may be more."""
    if any(info.is_dataclass for info in mro(made.cls)):
        return field_names(made.cls)
    return None if made.is_symbolic or has_unknown_base(made.cls) else list(made.attributes)


def field(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`field(default=...)`, `field(default_factory=...)` in the body of a dataclass."""
    default = arguments.get(-1, "default")
    factory = arguments.get(-1, "default_factory") or arguments.get(-1, "factory")
    if factory is not None:
        return Partial(DATACLASS_FIELD, (factory,), ())
    return (
        Unknown(SymbolId("call", frame.context, span), "field()", "dataclasses.field")
        if default is None
        else default
    )
