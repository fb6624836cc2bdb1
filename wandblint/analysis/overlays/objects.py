"""Models of `object`, `type` and the builtins that read or write attributes by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import NONE, Class, Frame, Property, Scalar, Unknown, Value
from wandblint.analysis.effects.escape import escape
from wandblint.analysis.interpreter.instances import allocate_instance, as_dictionary, make_instance
from wandblint.analysis.objects.attributes import delete_attribute, set_attribute, set_own_attribute
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.state import module_loader, run_state
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def _new(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`object.__new__(cls)`."""
    results = [
        allocate_instance(m, option.info, frame, span)
        for option in options(arguments.get(0, "cls") or NONE)
        if isinstance(option, Class)
    ]
    return join(results) if results else Unknown(SymbolId("call", frame.context, span), "__new__()")


def _new_class(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`type.__new__(metaclass, name, bases, namespace)` returns the class whose statement is running."""
    if not m.entry.classes_in_creation:
        escape(m, arguments.values(), span)
        return Unknown(SymbolId("call", frame.context, span), "type()")
    info = m.entry.classes_in_creation[-1]
    for namespace in m.dictionaries(arguments.get(3, "namespace") or NONE):
        for entry in namespace.entries.values():
            if isinstance(entry.key, Template) and entry.key.literal is not None:
                info.attributes[entry.key.literal] = entry.value
    return Class(info)


def _call_class(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`type.__call__(cls, ...)`: a new instance, whatever the metaclass does."""
    (owner, _), *rest = arguments.positional or [(NONE, span)]
    passed = Arguments(rest, arguments.keywords, arguments.more_positional, arguments.more_keywords)
    results = [
        make_instance(m, option.info, passed, frame, span, by_metaclass=False)
        for option in options(owner)
        if isinstance(option, Class)
    ]
    return join(results) if results else Unknown(SymbolId("call", frame.context, span), "type()")


def _type(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if len(arguments.positional) == 1:
        results: list[Value] = []
        for option in options(m.force(arguments.positional[0][0])):
            instance = m.heap_instance(option)
            results.append(
                Unknown(SymbolId("type", option), "type()")
                if instance is None or instance.is_symbolic
                else Class(instance.cls)
            )
        return join(results)
    # `type(name, bases, namespace)`: its functions may be called by whoever gets the class.
    escape(m, arguments.values(), span)
    return Unknown(SymbolId("call", frame.context, span), "type()")


def _set_own(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`object.__setattr__(instance, name, value)`."""
    owner, name, value = arguments.get(0, "self"), arguments.get(1, "name"), arguments.get(2, "value")
    for option in options(owner) if owner is not None else ():
        instance = m.heap_instance(option)
        if instance is not None and value is not None:
            for literal in _names(m, name):
                if literal is None:
                    m.heap.open_attributes(instance)
                else:
                    set_own_attribute(m, instance, literal, value)
    return NONE


def _set(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`setattr(owner, name, value)`."""
    owner, name, value = arguments.get(0, ""), arguments.get(1, ""), arguments.get(2, "")
    if owner is None or value is None:
        return NONE
    names = list(_names(m, name))
    for option in options(m.force(owner)):
        for literal in names:
            instance = m.heap_instance(option)
            if literal is None and instance is not None:
                m.heap.open_attributes(instance)
                escape(m, [value], span)
            elif literal is None:
                escape(m, [option, value], span)
            elif len(names) > 1:
                with m.on_branch():
                    set_attribute(m, option, literal, value, frame, span)
            else:
                set_attribute(m, option, literal, value, frame, span)
    return NONE


def _names(m: Interpreter, name: Value | None) -> list[str | None]:
    """The names that a value can be; None for one that is unknown."""
    choices = [] if name is None else options(m.force(name))
    return [option.literal if isinstance(option, Template) else None for option in choices] or [None]


def _delete(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner = arguments.get(0, "")
    for literal in _names(m, arguments.get(1, "")):
        if owner is not None and literal is not None:
            delete_attribute(m, m.force(owner), literal, frame, span)
    return NONE


def _get(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`getattr(owner, name, default)`."""
    owner, default = arguments.get(0, ""), arguments.get(2, "")
    names = _names(m, arguments.get(1, ""))
    if owner is None or None in names:
        escape(m, [] if owner is None else [owner], span)
        return Unknown(SymbolId("getattr", frame.context, span), "getattr()")
    values = [m.attribute(owner, literal, frame, span) for literal in names if literal is not None]
    if default is not None and not all(_has(m, owner, literal) for literal in names):
        values.append(default)
    return join(values)


def _has(m: Interpreter, owner: Value, name: str | None) -> bool:
    """Whether all alternatives certainly have an attribute."""
    return name is not None and all(
        (instance := m.heap_instance(option)) is not None
        and (name in instance.attributes or any(name in info.attributes for info in mro(instance.cls)))
        for option in options(owner)
    )


def _vars(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`vars(x)` and `x.__dict__`: a view of the attributes; of a dataclass and of the unknown, a copy."""
    if not arguments.positional:
        return _variables(m, frame, span)
    owner = m.force(arguments.positional[0][0])
    instance = m.heap_instance(owner)
    if instance is None or instance.is_symbolic or any(info.is_dataclass for info in mro(instance.cls)):
        return as_dictionary(m, arguments, frame, span)

    def write(key: Value, value: Value) -> None:
        if isinstance(key, Template) and key.literal is not None:
            set_own_attribute(m, instance, key.literal, value)
        else:
            m.heap.open_attributes(instance)

    return _view(m, instance.attributes, write, frame, span)


def _view(
    m: Interpreter,
    names: Mapping[str, Value],
    write: Callable[[Value, Value], None] | None,
    frame: Frame,
    span: Span,
) -> Value:
    ref, dictionary = m.new_dict(frame, (span, "view"))
    for name, value in names.items():
        m.heap.set_item(dictionary, template(name), value, span, m.branch)
    dictionary.on_write = write
    return ref


def _variables(m: Interpreter, frame: Frame, span: Span) -> Value:
    """`locals()`, a copy."""
    return _view(m, frame.names, None, frame, span)


def _locals(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return _globals(m, arguments, frame, span) if frame.globals is frame else _variables(m, frame, span)


def _globals(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`globals()`: a view of the variables of the module."""
    module = frame.globals or frame
    known = dict(module.initialized) if isinstance(module, ModuleFrame) else {}
    known.update(module.names)

    def write(key: Value, value: Value) -> None:
        if isinstance(key, Template) and key.literal is not None:
            old = module_loader.variable(m, module, key.literal)
            is_certain = m.branch is None and frame is module
            new = value if old is None or is_certain else join((old, value))
            module_loader.set_variable(m, module, key.literal, new)
        else:
            open_variables(m, frame)

    return _view(m, known, write, frame, span)


def open_variables(m: Interpreter, frame: Frame) -> None:
    """Lets every constant of a scope and of its module have any value."""
    module_loader.give_up(m, frame.globals or frame)
    for scope in (frame, frame.globals or frame):
        for table in (scope.names, *([scope.initialized] if isinstance(scope, ModuleFrame) else [])):
            for name, value in table.items():
                if all(isinstance(option, (Scalar, Template)) for option in options(value)):
                    table[name] = join((value, Unknown(SymbolId("exec", scope.path, name), name)))


def _exec(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Unseen code may change every constant of the module."""
    open_variables(m, frame)
    run_state.note_unknown_code(m)
    return NONE


def _property(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return Property(arguments.get(0, "fget"), arguments.get(1, "fset"), arguments.get(2, "fdel"))


def _ignore(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return NONE


HANDLERS: dict[str, Handler] = {
    "builtins.object.__new__": _new,
    "builtins.object.__init__": _ignore,
    "builtins.object.__init_subclass__": _ignore,
    "builtins.object.__setattr__": _set_own,
    "builtins.object.__delattr__": _delete,
    "builtins.object.__getattribute__": _get,
    "builtins.type": _type,
    "builtins.type.__new__": _new_class,
    "builtins.type.__call__": _call_class,
    "builtins.type.__init__": _ignore,
    "builtins.setattr": _set,
    "builtins.getattr": _get,
    "builtins.delattr": _delete,
    "builtins.property": _property,
    "builtins.vars": _vars,
    "builtins.locals": _locals,
    "builtins.globals": _globals,
    "builtins.exec": _exec,
}
"""By canonical name."""
