"""Method calls on receivers that are not known, where they may be a run's."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import HYPOTHETICAL, Frame, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.api_calls import define, is_no_run, log_row
from wandblint.semantics.heuristics import (
    PAIR_METHODS,
    ROW_METHODS,
    RUN_NAME_LOOSE,
    RUN_NAME_STRICT,
    RUN_ONLY_METHODS,
)
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def call_on_unknown(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> bool:
    """A method call on an unknown receiver, where it may be a run's: tells whether it was taken as such."""
    name = str(function.symbol.key[-1])
    if function.external.startswith(HYPOTHETICAL):
        if _is_use_of_a_run(m, name, function, arguments):
            m.recorder.use_hypothetical()
        return False
    if name == "define_metric":
        define(m, _receiver(function), arguments, frame, span)
        return True
    if is_no_run(function):
        m.recorder.note_non_wandb_call(span)
        return False
    data = arguments.get(0, "data")
    if data is None:
        return False
    # What other methods are given nobody needs to know.
    if name in ROW_METHODS:
        receiver = _receiver(function)
        smells = bool(RUN_NAME_STRICT.search(receiver.label)) or function.external.startswith("wandb.Run")
        is_log = smells and name == "log"
        if m.dictionaries(data) or (is_log and _may_be_row(m, data)):
            _log_guess(m, receiver, arguments, frame, span, certain=is_log)
            return is_log
    if name in PAIR_METHODS and len(arguments.positional) > 1:
        _log_pair(m, _receiver(function), data, frame, span)
    return False


def _receiver(function: Unknown) -> Unknown:
    return Unknown(SymbolId("receiver", function.symbol.key[1]), function.label.rpartition(".")[0], "")


def _is_use_of_a_run(m: Interpreter, name: str, function: Unknown, arguments: Arguments) -> bool:
    """Whether a method call on what is supposed to be a run is one that a run has."""
    path = function.external.removeprefix(HYPOTHETICAL).split(".")
    if name in RUN_ONLY_METHODS or path[1] in {"summary", "config"}:
        return True
    sounds = bool(RUN_NAME_LOOSE.search(function.label.rpartition(".")[0]))
    if name == "log":
        data = arguments.get(0, "data")
        return data is not None and (bool(m.dictionaries(data)) or (sounds and _may_be_row(m, data)))
    return name == "finish" and sounds


def _may_be_row(m: Interpreter, data: Value) -> bool:
    return any(isinstance(option, Unknown) for option in options(m.force(data)))


def _log_guess(
    m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span, *, certain: bool
) -> None:
    m.recorder.may_depth += not certain
    log_row(m, receiver, arguments, frame, span, is_direct=certain)
    m.recorder.may_depth -= not certain


def _log_pair(m: Interpreter, receiver: Value, name: Value, frame: Frame, span: Span) -> None:
    """`self.log("val/loss", loss)`, `writer.add_scalar("val/loss", loss)`: other front ends of a run."""
    names = [
        option for option in options(m.force(name)) if isinstance(option, Template) and not option.is_open
    ]
    if not names:
        return
    ref, row = m.new_dict(frame, ("pair", span.start))
    for one in names:
        m.heap.set_item(row, one, Unknown(SymbolId("pair", span)), span, m.branch)
    _log_guess(m, receiver, Arguments([(ref, span)]), frame, span, certain=False)
