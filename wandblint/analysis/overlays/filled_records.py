"""Libraries that fill dataclasses and models from files, options or the environment.

The result is an object of the class that they get. Its fields are unknown, also those with a default.
"""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    NONE,
    Class,
    ClassInfo,
    External,
    Frame,
    Ref,
    Unknown,
    Value,
)
from wandblint.analysis.effects.escape import escape
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.interpreter.instances import field_names, make_instance
from wandblint.analysis.interpreter.receivers import field_classes
from wandblint.analysis.objects.classes import FILLED_RECORD
from wandblint.analysis.objects.containers import iterate
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId

_CLASS_ARGUMENTS = {
    **dict.fromkeys(("tyro.cli", "chz.entrypoint"), (0, "f")),
    **dict.fromkeys(("dacite.from_dict", "dacite.core.from_dict"), (0, "data_class")),
    **dict.fromkeys(("simple_parsing.parse", "draccus.parse", "pyrallis.parse"), (0, "config_class")),
    **dict.fromkeys(("omegaconf.OmegaConf.structured", "omegaconf.OmegaConf.merge"), (0, "obj")),
    **dict.fromkeys(("cattrs.structure", "cattr.structure"), (1, "cl")),
    "msgspec.convert": (1, "type"),
    **dict.fromkeys((f"msgspec.{kind}.decode" for kind in ("json", "yaml", "toml", "msgpack")), (-1, "type")),
}
"""By canonical name: the argument that is the class, by position and name."""

_MAX_DEPTH = 4
"""How deep records are filled inside others: one may contain itself."""

_PARSER = "transformers.HfArgumentParser"
_MADE_PARSER = f"{_PARSER}()"
"""A parser; its receiver is the list of its classes."""


def _classes(m: Interpreter, value: Value | None) -> list[ClassInfo] | None:
    """The classes that a library fills; None if it may get something else."""
    found: list[ClassInfo] = []
    for option in options(m.force(value) if value is not None else NONE):
        instance = m.heap_instance(option) if isinstance(option, Ref) else None
        cls = option.info if isinstance(option, Class) else instance.cls if instance is not None else None
        if cls is None or not field_names(cls):
            return None
        found.append(cls)
    return found


def _filled(m: Interpreter, classes: list[ClassInfo], frame: Frame, span: Span, depth: int = 0) -> Value:
    """Instances with unknown fields, as `Args(**values)` makes them, but for fields that are records, too."""
    values = Unknown(SymbolId("filled", frame.context, span))
    made: list[Value] = []
    for cls in classes:
        inner: dict[str, tuple[Value, Span]] = {}
        for name in field_names(cls) if depth < _MAX_DEPTH else ():
            nested = field_classes(m, cls, name)
            if nested and all(map(field_names, nested)):
                scope = Frame(
                    frame.path, m.context("field", frame.context, span, name), globals=frame.globals
                )
                inner[name] = _filled(m, nested, scope, span, depth + 1), span
        made.append(make_instance(m, cls, Arguments([], inner, None, [values]), frame, span))
    return join(made)


def _fills(path: str, position: int, name: str) -> Handler:
    """Models a function that makes an object of the class that is one of its arguments."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        given = arguments.get(position, name)
        classes = _classes(m, given)
        if not classes:
            return call_unmodelled(m, External(path), arguments, frame, span)
        escape(m, [value for value in arguments.values() if value != given], span)
        return _filled(m, classes, frame, span)

    return handler


def _filled_by_method(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`Model.model_validate(values)`: the class comes first."""
    (owner, _), *passed = arguments.positional
    escape(m, [value for value, _ in passed] + [value for value, _ in arguments.keywords.values()], span)
    return _filled(m, _classes(m, owner) or [], frame, span)


def _parser(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`HfArgumentParser((ModelArguments, DataArguments))`."""
    given = arguments.get(0, "dataclass_types") or NONE
    single = _classes(m, given)
    types, tail = ([given], None) if single else iterate(m, given, frame, span.start)
    if not types or tail is not None or not all(_classes(m, each) for each in types):
        return call_unmodelled(m, External(_PARSER), arguments, frame, span)
    return External(_MADE_PARSER, m.new_items(frame, (span, "classes"), types))


def _parsed(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The objects that a parser makes, one per class, and what is left over."""
    items, _ = iterate(m, arguments.positional[0][0], frame, span.start)
    made = [_filled(m, _classes(m, each) or [], frame, span) for each in items]
    if "return_remaining_strings" in arguments.keywords:
        made.append(Unknown(SymbolId("call", frame.context, span), "strings"))
    return m.new_items(frame, span, made)


def _same(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`OmegaConf.to_object(config)` of a structured one."""
    config = m.force(arguments.get(0, "cfg") or NONE)
    if all(isinstance(instance, Instance) for instance in _objects(m, config)):
        return config
    return call_unmodelled(m, External("omegaconf.OmegaConf.to_object"), arguments, frame, span)


def _objects(m: Interpreter, value: Value) -> Iterator[object]:
    return (instance for _, instance in m.objects(value))


HANDLERS: dict[str, Handler] = {
    **{path: _fills(path, *argument) for path, argument in _CLASS_ARGUMENTS.items()},
    **dict.fromkeys((_PARSER, "transformers.hf_argparser.HfArgumentParser", "trl.TrlParser"), _parser),
    **{
        f"{_MADE_PARSER}.{method}": _parsed
        for method in ("parse_args_into_dataclasses", "parse_dict", "parse_json_file", "parse_yaml_file")
    },
    f"{_MADE_PARSER}.parse_args_and_config": _parsed,
    "omegaconf.OmegaConf.to_object": _same,
    FILLED_RECORD: _filled_by_method,
}
"""By canonical name."""
