"""Method calls on unknown receivers that may be runs."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import HYPOTHETICAL, Frame, Unknown, Value
from wandblint.analysis.objects.classes import ATTRIBUTE_OF_NONE
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import front_ends
from wandblint.analysis.tracking.api_calls import define, is_disabled_or_mock, log_row
from wandblint.analysis.tracking.run_events import record_call, record_method
from wandblint.model.uses import RunState, RunStatus
from wandblint.semantics.frameworks import opens_run
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
    """Records a method call on an unknown receiver that may be a run; returns whether it counts as one."""
    name = function.name
    if function.symbol.key[0] == ATTRIBUTE_OF_NONE:
        _note_row_on_none(m, function, arguments, frame, span)
        return False
    if function.external.startswith("wandb."):
        record_method(m, function, arguments, frame, span)
    if function.external.startswith(HYPOTHETICAL):
        if _uses_run(m, name, function, arguments):
            m.recorder.use_hypothetical()
        return False
    if opens_run(function.external):
        front_ends.note_call(m, function.external, arguments, span)
    if name == "define_metric":
        define(m, _receiver(function), arguments, frame, span)
        return True
    if is_disabled_or_mock(function):
        m.recorder.note_non_wandb_call(span)
        return False
    data = arguments.get(0, "data")
    if data is None:
        return False
    if name in ROW_METHODS:
        receiver = _receiver(function)
        is_run_like = bool(RUN_NAME_STRICT.search(receiver.label)) or function.external.startswith(
            "wandb.Run"
        )
        is_log = is_run_like and name == "log"
        if m.dictionaries(data) or (is_log and _may_be_row(m, data)):
            _log_likely_row(m, receiver, arguments, frame, span, certain=is_log)
            return is_log
    if name in PAIR_METHODS and len(arguments.positional) > 1:
        _log_pair(m, _receiver(function), data, frame, span)
    return False


def _note_row_on_none(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> None:
    """Records `run.log({...})` where `run` is None: it raises, whatever `run` was meant to be, so no rule
    claims anything from it."""
    data = arguments.get(0, "data")
    if function.label == "log" and data is not None and m.dictionaries(data):
        m.recorder.may_depth += 1
        record_call(m, "wandb.Run.log", RunStatus(RunState.NONE), arguments, frame, span)
        m.recorder.may_depth -= 1


def _receiver(function: Unknown) -> Unknown:
    return Unknown(SymbolId("receiver", function.symbol.key[1]), function.label.rpartition(".")[0], "")


def _uses_run(m: Interpreter, name: str, function: Unknown, arguments: Arguments) -> bool:
    """Whether a method call on a hypothetical run is one that runs support."""
    path = function.external.removeprefix(HYPOTHETICAL).split(".")
    if name in RUN_ONLY_METHODS or path[1] in {"summary", "config"}:
        return True
    is_run_like = bool(RUN_NAME_LOOSE.search(function.label.rpartition(".")[0]))
    if name == "log":
        data = arguments.get(0, "data")
        return data is not None and (bool(m.dictionaries(data)) or (is_run_like and _may_be_row(m, data)))
    return name == "finish" and is_run_like


def _may_be_row(m: Interpreter, data: Value) -> bool:
    return any(isinstance(option, Unknown) for option in options(m.force(data)))


def _log_likely_row(
    m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span, *, certain: bool
) -> None:
    m.recorder.may_depth += not certain
    log_row(m, receiver, arguments, frame, span, is_direct=certain)
    m.recorder.may_depth -= not certain


def _log_pair(m: Interpreter, receiver: Value, name: Value, frame: Frame, span: Span) -> None:
    """Records `self.log("val/loss", loss)` and `writer.add_scalar("val/loss", loss)` of front ends."""
    names = [
        option for option in options(m.force(name)) if isinstance(option, Template) and not option.is_open
    ]
    if not names:
        return
    ref, row = m.new_dict(frame, ("pair", span.start))
    for key in names:
        m.heap.set_item(row, key, Unknown(SymbolId("pair", span)), span, m.branch)
    _log_likely_row(m, receiver, Arguments([(ref, span)]), frame, span, certain=False)
