"""Evaluates the arguments of calls, binds them to parameters, and records the provenance of strings."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import hole_of, join, options
from wandblint.analysis.domain.values import Frame, Function, FunctionInfo, Unknown, Value
from wandblint.analysis.interpreter.receivers import annotated, open_parameter
from wandblint.analysis.objects.containers import iterate, merge
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import ProvenanceStep, SymbolId, Template, template


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
    scope: Frame | None = frame
    while scope is not None and not scope.has_functions:
        scope.has_functions = True
        scope = scope.outer
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
    dictionaries = m.dictionaries(value) if len(options(value)) == 1 else []
    entries = [entry for dictionary in dictionaries for entry in dictionary.entries.values()]
    if not dictionaries or not all(entry.is_must for entry in entries):
        # Each of these keywords may be missing.
        arguments.more_keywords.append(value)
    for entry in entries:
        if not entry.is_must:
            continue
        name = entry.key.literal if isinstance(entry.key, Template) else None
        if name is None:
            arguments.more_keywords.append(Unknown(SymbolId("spread", hole_of(entry.key).symbol)))
        else:
            arguments.keywords.setdefault(name, (entry.value, span))


def bind_parameters(
    m: Interpreter, function: Function, arguments: Arguments, inner: Frame, span: Span
) -> None:
    """Binds each parameter to its argument or default, or to an unknown value where the caller is unseen."""
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, (function.receiver, span))
    keywords = dict(arguments.keywords)
    for param in function.info.params:
        if param.kind == "*":
            tail = arguments.more_positional
            inner.names[param.name] = m.new_items(
                inner, param.start, [value for value, _ in positional], tail
            )
            positional = []
        elif param.kind == "**":
            inner.names[param.name] = _remaining_keywords(m, keywords, arguments, inner, param)
        else:
            argument = None
            if positional and param.kind != "k":
                argument = positional.pop(0)
            elif param.name in keywords and param.kind != "/":
                argument = keywords.pop(param.name)
            inner.names[param.name] = _parameter_value(m, argument, param, arguments, function, inner)


def _parameter_value(
    m: Interpreter,
    argument: tuple[Value, Span] | None,
    param: facts.Param,
    arguments: Arguments,
    function: Function,
    inner: Frame,
) -> Value:
    if argument is not None:
        return pass_as_parameter(annotated(m, argument[0], param, inner), param.name, argument[1])
    may_be_given = bool(arguments.more_keywords) or (
        param.kind != "k" and arguments.more_positional is not None
    )
    choices: list[Value] = []
    if param.default is not None:
        choices.append(dict(function.defaults)[param.name])
    if may_be_given or not choices:
        choices.append(open_parameter(m, param, inner))
    return join(choices)


def _remaining_keywords(
    m: Interpreter,
    keywords: dict[str, tuple[Value, Span]],
    arguments: Arguments,
    inner: Frame,
    param: facts.Param,
) -> Value:
    ref, dictionary = m.new_dict(inner, param.start)
    for name, (value, span) in keywords.items():
        m.heap.set_item(dictionary, template(name, span=span), value, span, m.branch)
    for mapping in arguments.more_keywords:
        merge(m, dictionary, mapping, inner.span(param))
    return ref
