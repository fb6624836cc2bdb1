"""TODO."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary
from wandblint.analysis.domain.lattice import hole_of, join, options
from wandblint.analysis.domain.values import Frame, Unknown, Value
from wandblint.analysis.objects.containers import iterate
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import ProvenanceStep, SymbolId, Template


def collect_arguments(m: Interpreter, args: list[facts.Arg], frame: Frame) -> Arguments:
    """Evaluates the arguments of a call, in order."""
    out = Arguments()
    for arg in args:
        value = m.evaluate(arg.value, frame)
        span = Span(frame.path, arg.start, arg.end)
        if arg.star == 1:
            items, rest = iterate(m, value, frame, arg.start)
            out.positional.extend((item, span) for item in items)
            out.more_positional = rest
        elif arg.star:
            _spread(m, value, span, out)
        elif arg.keyword is not None:
            out.keywords[arg.keyword] = (value, span)
        else:
            out.positional.append((value, span))
    return out


def through(value: Value, name: str, span: Span) -> Value:
    """The value after it came in as a parameter: strings remember where they were handed over first."""
    choices = options(value)
    if not any(isinstance(option, Template) and not option.provenance for option in choices):
        return value
    return join(
        option.passed_through(ProvenanceStep(span, f'{name}="{option}"'))
        if isinstance(option, Template) and not option.provenance
        else option
        for option in choices
    )


def _spread(m: Interpreter, value: Value, span: Span, out: Arguments) -> None:
    value = m.force(value)
    for option, made in m.objects(value):
        if not isinstance(made, Dictionary):
            out.more_keywords.append(option)
            continue
        for entry in made.entries.values():
            name = entry.key.literal if isinstance(entry.key, Template) else None
            if name is None:
                out.more_keywords.append(Unknown(SymbolId("spread", hole_of(entry.key).symbol)))
            else:
                out.keywords.setdefault(name, (entry.value, span))
