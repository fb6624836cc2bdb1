"""Models of builtins and standard library functions whose results matter to a key, a row or a run."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import all_items, as_template, concatenate, hole_of, join, options
from wandblint.analysis.domain.values import (
    FALSE,
    NONE,
    TRUE,
    Class,
    External,
    Frame,
    Function,
    Module,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.interpreter.induction import induction_variable
from wandblint.analysis.interpreter.instances import as_dictionary, field
from wandblint.analysis.objects.containers import as_open_key, iterate, store_item
from wandblint.analysis.objects.dict_methods import update
from wandblint.analysis.objects.isinstance_checks import isinstance_verdict
from wandblint.analysis.objects.names import import_module, modules_matching
from wandblint.analysis.overlays import higher_order
from wandblint.analysis.overlays.iteration import first_argument
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Handler, Interpreter
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


def _import_module(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    run_state.note_unknown_code(m)
    name = m.force(arguments.get(0, "name") or NONE)
    if isinstance(name, Template) and name.literal:
        return import_module(m, name.literal, frame.path)
    match name:
        case Unknown(symbol=SymbolId(key=("attribute", (Function() | Class()) as owner, "__module__"))):
            return Module(owner.info.path)
    if isinstance(name, Template):
        modules = modules_matching(m, name, frame.path, _package(arguments, frame))
        if modules is not None:
            return modules
    return Unknown(SymbolId("call", frame.context, span), "import_module()")


def _package(arguments: Arguments, frame: Frame) -> str | None:
    """The package that a relative name is relative to; None if it is unknown."""
    match arguments.get(1, "package"):
        case Template(literal=str(package)) if package != frame.path:
            return package
        case Template() | External(path="builtins.__package__"):
            return frame.path.rpartition("/")[0].replace("/", ".")
    return None


def _text(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    argument = arguments.get(0, "object")
    if argument is None:
        return template()
    return join(as_template(option) for option in options(m.force(argument)))


def _number(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`int(x)` or `round(x)` of an induction variable is that variable."""
    argument = arguments.get(0, "")
    if argument is not None and induction_variable(m, argument) is not None:
        return argument
    return Unknown(SymbolId("call", frame.context, span), "number")


def _length(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`len(x)` of something unknown: the same number wherever it is asked."""
    argument = arguments.get(0, "")
    if isinstance(argument, (Unknown, Thunk, External)):
        return Unknown(SymbolId("len", hole_of(argument).symbol), "len()", "builtins.len")
    return call_unmodelled(m, External("builtins.len"), arguments, frame, span)


def _partial(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if not arguments.positional:
        return Unknown(SymbolId("call", frame.context, span))
    function, *rest = (value for value, _ in arguments.positional)
    keywords = tuple((name, value) for name, (value, _) in arguments.keywords.items())
    return higher_order.partial(function, tuple(rest), keywords)


def _isinstance(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    value, kind = arguments.get(0, ""), arguments.get(1, "")
    verdict = None if value is None or kind is None else isinstance_verdict(m, value, kind)
    return Unknown(SymbolId("call", frame.context, span)) if verdict is None else TRUE if verdict else FALSE


HANDLERS: dict[str, Handler] = {
    "builtins.dict": _new_dict,
    "collections.OrderedDict": _new_dict,
    "collections.defaultdict": _new_defaultdict,
    "collections.Counter": _new_counter,
    **dict.fromkeys(("builtins.int", "builtins.round", "math.floor", "math.ceil"), _number),
    "builtins.len": _length,
    "builtins.dict.fromkeys": _from_keys,
    "os.path.join": _path,
    "importlib.import_module": _import_module,
    "builtins.__import__": _import_module,
    "builtins.str": _text,
    "functools.partial": _partial,
    "builtins.staticmethod": first_argument,
    "typing.cast": lambda m, a, f, s: a.get(1, "val") or NONE,
    **dict.fromkeys(("dataclasses.asdict", "attr.asdict", "attrs.asdict"), as_dictionary),
    **dict.fromkeys(("dataclasses.field", "attr.ib", "attr.field", "attrs.field", "pydantic.Field"), field),
    "builtins.isinstance": _isinstance,
}
"""By canonical name."""
