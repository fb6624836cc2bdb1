"""The arguments of a call."""

from __future__ import annotations

import msgspec

from wandblint import facts
from wandblint.analysis.domain.heap import Dictionary, Frame
from wandblint.analysis.domain.values import Unknown, Value, hole_of, join, options
from wandblint.analysis.objects.containers import iterate
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.findings.finding import Span
from wandblint.template import ProvenanceStep, SymbolId, Template


class Arguments(msgspec.Struct):
    """The evaluated arguments of a call, each with its place."""

    positional: list[tuple[Value, Span]] = msgspec.field(default_factory=list)
    keywords: dict[str, tuple[Value, Span]] = msgspec.field(default_factory=dict)
    more_positional: Value | None = None
    """What further positional arguments of unknown number may be (`*args`)."""
    more_keywords: list[Value] = msgspec.field(default_factory=list)
    """Unknown mappings that bring further keywords (`**kwargs`)."""

    def get(self, position: int, name: str) -> Value | None:
        """The argument at a position or of a name; None where it is not given."""
        found = self.located(position, name)
        return None if found is None else found[0]

    def located(self, position: int, name: str) -> tuple[Value, Span] | None:
        """The same with its place."""
        if name in self.keywords:
            return self.keywords[name]
        return self.positional[position] if 0 <= position < len(self.positional) else None

    def values(self) -> list[Value]:
        """All values that are given."""
        found = [value for value, _ in self.positional]
        found += [value for value, _ in self.keywords.values()]
        found += self.more_keywords
        if self.more_positional is not None:
            found.append(self.more_positional)
        return found


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
