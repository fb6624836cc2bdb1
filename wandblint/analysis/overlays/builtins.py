"""Models of builtins and standard library functions whose results matter to a key, a row or a run."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Instance
from wandblint.analysis.domain.lattice import all_items, as_template, concatenate, join, options
from wandblint.analysis.domain.values import FALSE, NONE, TRUE, Class, External, Frame, Scalar, Unknown, Value
from wandblint.analysis.interpreter.induction import induction_variable
from wandblint.analysis.interpreter.instances import as_dictionary, field
from wandblint.analysis.objects.containers import as_open_key, iterate, store_item
from wandblint.analysis.objects.isinstance_checks import isinstance_verdict
from wandblint.analysis.objects.methods import update
from wandblint.analysis.objects.names import import_module
from wandblint.analysis.overlays import higher_order
from wandblint.analysis.overlays.iteration import first_argument
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def _new_dict(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, dictionary = m.new_dict(frame, span)
    update(m, dictionary, arguments, span)
    return ref


def _new_defaultdict(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, dictionary = m.new_dict(frame, span)
    dictionary.factory = arguments.get(0, "default_factory")
    update(m, dictionary, replace(arguments, positional=arguments.positional[1:]), span)
    return ref


def _new_counter(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, dictionary = m.new_dict(frame, span)
    dictionary.factory = External("builtins.int")
    if arguments.positional:
        # A counter counts the items of an iterable or copies a mapping.
        m.heap.widen(dictionary, as_open_key(arguments.positional[0][0]), span)
    return ref


def _from_keys(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, dictionary = m.new_dict(frame, span)
    keys, tail = iterate(m, arguments.get(0, "iterable") or NONE, frame, span.start)
    for key in all_items(keys, tail):
        store_item(m, dictionary, key, arguments.get(1, "value") or NONE, span)
    return ref


def _path(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    parts = [m.force(value) for value, _ in arguments.positional]
    if arguments.more_positional is not None:
        return Unknown(SymbolId("call", frame.context, span), "join()")
    separator = template("/")
    return concatenate([text for part in parts for text in (separator, part)][1:], span)


def _exec(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Unseen code may change every constant of the module."""
    m.module_cache.note_change(frame.path)
    for scope in (frame, frame.globals or frame):
        for table in (scope.names, *([scope.initialized] if isinstance(scope, ModuleFrame) else [])):
            for name, value in table.items():
                if all(isinstance(option, (Scalar, Template)) for option in options(value)):
                    table[name] = join((value, Unknown(SymbolId("exec", scope.path, name), name)))
    return NONE


def _import_module(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    name = m.force(arguments.get(0, "name") or NONE)
    if isinstance(name, Template) and name.literal:
        return import_module(m, name.literal, frame.path)
    return Unknown(SymbolId("call", frame.context, span), "import_module()")


def _text(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    argument = arguments.get(0, "object")
    if argument is None:
        return template()
    return join(as_template(option) for option in options(m.force(argument)))


def _number(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`int(x)` of an induction variable is that variable."""
    argument = arguments.get(0, "")
    if argument is not None and induction_variable(m, argument) is not None:
        return argument
    return Unknown(SymbolId("call", frame.context, span), "int()")


def _getattr(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner, name, default = arguments.get(0, ""), arguments.get(1, ""), arguments.get(2, "")
    if owner is None or not isinstance(name, Template) or name.literal is None:
        return Unknown(SymbolId("getattr", frame.context, span), "getattr()")
    value = m.attribute(owner, name.literal, frame, span)
    return value if default is None else join((value, default))


def _setattr(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner, name, value = arguments.get(0, ""), arguments.get(1, ""), arguments.get(2, "")
    if owner is not None and value is not None and isinstance(name, Template) and name.literal is not None:
        for _, instance in m.objects(owner):
            if isinstance(instance, Instance):
                m.heap.set_attribute(instance, name.literal, value, m.branch)
                m.shared_facts.publish_attribute(instance.cls, name.literal, value)
    return NONE


def _partial(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if not arguments.positional:
        return Unknown(SymbolId("call", frame.context, span))
    function, *rest = (value for value, _ in arguments.positional)
    keywords = tuple((name, value) for name, (value, _) in arguments.keywords.items())
    return higher_order.partial(function, tuple(rest), keywords)


def _type(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner = arguments.get(0, "")
    for _, instance in m.objects(owner) if owner is not None else ():
        if isinstance(instance, Instance) and len(arguments.positional) == 1:
            return Class(instance.cls)
    return Unknown(SymbolId("call", frame.context, span))


def _isinstance(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    value, kind = arguments.get(0, ""), arguments.get(1, "")
    verdict = None if value is None or kind is None else isinstance_verdict(m, value, kind)
    return Unknown(SymbolId("call", frame.context, span)) if verdict is None else TRUE if verdict else FALSE


HANDLERS: dict[str, Handler] = {
    "builtins.dict": _new_dict,
    "collections.OrderedDict": _new_dict,
    "collections.defaultdict": _new_defaultdict,
    "collections.Counter": _new_counter,
    "builtins.int": _number,
    "builtins.dict.fromkeys": _from_keys,
    "os.path.join": _path,
    "builtins.exec": _exec,
    "importlib.import_module": _import_module,
    "builtins.__import__": _import_module,
    "builtins.str": _text,
    "builtins.getattr": _getattr,
    "builtins.setattr": _setattr,
    "functools.partial": _partial,
    "builtins.staticmethod": first_argument,
    "copy.copy": first_argument,
    "copy.deepcopy": first_argument,
    "typing.cast": lambda m, a, f, s: a.get(1, "val") or NONE,
    **dict.fromkeys(("dataclasses.asdict", "attr.asdict", "attrs.asdict", "builtins.vars"), as_dictionary),
    **dict.fromkeys(("dataclasses.field", "attr.ib", "attr.field", "attrs.field", "pydantic.Field"), field),
    "builtins.type": _type,
    "builtins.isinstance": _isinstance,
}
"""By canonical name."""
