"""Evaluates the arguments of calls and the defaults of parameters; records the provenance of strings."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary
from wandblint.analysis.domain.lattice import hole_of, join, options
from wandblint.analysis.domain.values import Frame, Function, FunctionInfo, Unknown, Value
from wandblint.analysis.objects.containers import iterate
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import ProvenanceStep, SymbolId, Template


def collect_arguments(m: Interpreter, args: list[facts.Arg], frame: Frame) -> Arguments:
    """The values of the arguments of a call, evaluated in order."""
    arguments = Arguments()
    for arg in args:
        value = m.evaluate(arg.value, frame)
        span = frame.span(arg)
        if arg.star == 1:
            items, tail = iterate(m, value, frame, arg.start)
            arguments.positional.extend((item, span) for item in items)
            arguments.more_positional = tail
        elif arg.star:
            _spread_keywords(m, value, span, arguments)
        elif arg.keyword is not None:
            arguments.keywords[arg.keyword] = (value, span)
        else:
            arguments.positional.append((value, span))
    return arguments


def function_value(m: Interpreter, info: FunctionInfo, closure: Frame | None, frame: Frame) -> Value:
    """The function that a definition makes; its defaults are evaluated now, in the scope around it."""
    defaults = tuple(
        (param.name, m.evaluate(param.default, frame)) for param in info.params if param.default is not None
    )
    return Function(info, None, closure, frame.context, defaults)


def pass_as_parameter(value: Value, name: str, span: Span) -> Value:
    """The value of a parameter: strings record in their provenance where they were first passed."""
    choices = options(value)
    if not any(isinstance(option, Template) and not option.provenance for option in choices):
        return value
    return join(
        option.passed_through(ProvenanceStep(span, f'{name}="{option}"'))
        if isinstance(option, Template) and not option.provenance
        else option
        for option in choices
    )


def _spread_keywords(m: Interpreter, value: Value, span: Span, arguments: Arguments) -> None:
    value = m.force(value)
    rows = list(m.objects(value))
    for option, dictionary in rows:
        if not isinstance(dictionary, Dictionary):
            arguments.more_keywords.append(option)
            continue
        if len(rows) > 1 or not all(entry.is_must for entry in dictionary.entries.values()):
            # Each of these keywords may be missing.
            arguments.more_keywords.append(option)
        for entry in dictionary.entries.values() if len(rows) == 1 else ():
            if not entry.is_must:
                continue
            name = entry.key.literal if isinstance(entry.key, Template) else None
            if name is None:
                arguments.more_keywords.append(Unknown(SymbolId("spread", hole_of(entry.key).symbol)))
            else:
                arguments.keywords.setdefault(name, (entry.value, span))
