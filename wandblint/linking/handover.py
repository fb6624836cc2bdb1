"""What code that is not seen may do with what it is given: call functions, change dictionaries."""

from __future__ import annotations

from wandblint.finding import Span
from wandblint.linking.arguments import Arguments
from wandblint.linking.heap import Dictionary, Frame
from wandblint.linking.machine import Machine
from wandblint.linking.values import Function, Library, Partial, Ref, Unknown, Value, options
from wandblint.template import Origin, Hole, template

_HARMLESS = frozenset(
    "append extend write writerow dump dumps log info debug warning error exception print set_postfix update put "
    "send save add log_metrics log_dict log_hyperparams add_scalars record report print_metrics".split()
)
"""Methods of unknown objects that read the dictionary they get. Others may add keys to it."""


def hand_over(m: Machine, function: Value, arguments: Arguments, frame: Frame, span: Span) -> None:
    """What a call of something unknown may do with its arguments."""
    path = function.path if isinstance(function, Library) else ""
    name = str(function.origin.key[-1]) if isinstance(function, Unknown) else ""
    reads_only = bool(path) or name in _HARMLESS or (isinstance(function, Unknown) and bool(function.library))
    for value in list(arguments.values()):
        for option in options(value):
            if isinstance(option, (Function, Partial)):
                call_back(m, option, frame, span)
            elif isinstance(option, Ref) and not reads_only:
                made = m.heap[option]
                if isinstance(made, Dictionary):
                    m.heap.open_up(made, template(Hole(Origin("changed by", span), name or "...")), span)


def call_back(m: Machine, function: Value, frame: Frame, span: Span, arguments: Arguments | None = None) -> None:
    """A function is handed over to be called later, with arguments that are not seen unless they are given."""
    if arguments is None:
        arguments = Arguments(
            more_positional=Unknown(Origin("callback", span)), more_keywords=[Unknown(Origin("callback", span))]
        )
    with m.maybe():
        m.call(function, arguments, frame, span)
