"""Method calls on receivers that are not known, where they may be a run's."""

from __future__ import annotations

import re

from wandblint.finding import Span
from wandblint.linking.arguments import Arguments
from wandblint.linking.heap import Frame
from wandblint.linking.machine import Machine
from wandblint.linking.tracking import define, is_no_run, log_row
from wandblint.linking.values import HYPOTHETICAL, Unknown, Value, options
from wandblint.template import Origin, Template

_SMELLS_OF_A_RUN = re.compile(r"(^|[._])(run|wb|wandb\w*|\w*_run|\w*wandb)$", re.IGNORECASE)
"""A receiver so called is a run, where it logs a row."""

_SOUNDS_LIKE_A_RUN = re.compile(r"(^|[._])(run|wb|wandb)([._]|$)|wandb", re.IGNORECASE)

_ONLY_RUNS_HAVE = frozenset(
    {"define_metric", "watch", "unwatch", "alert", "mark_preempting", "log_code"}
    | {"log_artifact", "use_artifact", "log_model", "link_model", "use_model"}
)

_LOG_ROWS = frozenset({"log", "log_dict", "log_metrics"})

_LOG_PAIRS = frozenset({"log", "log_metric", "add_scalar"})


def call_on_unknown(m: Machine, function: Unknown, arguments: Arguments, frame: Frame, span: Span) -> bool:
    """A method call on an unknown receiver, where it may be a run's: tells whether it was taken as such."""
    name = str(function.origin.key[-1])
    if function.library.startswith(HYPOTHETICAL):
        if _is_use_of_a_run(m, name, function, arguments):
            m.recorder.use_supposed()
        return False
    if name == "define_metric":
        define(m, _receiver(function), arguments, frame, span)
        return True
    if is_no_run(function):
        m.recorder.enter_other(span)
        return False
    data = arguments.get(0, "data")
    if data is None:
        return False
    # What other methods are given nobody needs to know.
    if name in _LOG_ROWS:
        receiver = _receiver(function)
        smells = bool(_SMELLS_OF_A_RUN.search(receiver.label)) or function.library.startswith("wandb.Run")
        is_log = smells and name == "log"
        if m.dictionaries(data) or (is_log and _may_be_row(m, data)):
            _guessed(m, receiver, arguments, frame, span, certain=is_log)
            return is_log
    if name in _LOG_PAIRS and len(arguments.positional) > 1:
        _log_pair(m, _receiver(function), data, frame, span)
    return False


def _receiver(function: Unknown) -> Unknown:
    return Unknown(Origin("receiver", function.origin.key[1]), function.label.rpartition(".")[0], "")


def _is_use_of_a_run(m: Machine, name: str, function: Unknown, arguments: Arguments) -> bool:
    """Whether a method call on what is supposed to be a run is one that a run has."""
    path = function.library.removeprefix(HYPOTHETICAL).split(".")
    if name in _ONLY_RUNS_HAVE or path[1] in {"summary", "config"}:
        return True
    sounds = bool(_SOUNDS_LIKE_A_RUN.search(function.label.rpartition(".")[0]))
    if name == "log":
        data = arguments.get(0, "data")
        return data is not None and (bool(m.dictionaries(data)) or (sounds and _may_be_row(m, data)))
    return name == "finish" and sounds


def _may_be_row(m: Machine, data: Value) -> bool:
    return any(isinstance(option, Unknown) for option in options(m.force(data)))


def _guessed(
    m: Machine, receiver: Value, arguments: Arguments, frame: Frame, span: Span, *, certain: bool
) -> None:
    m.recorder.uncertain += not certain
    log_row(m, receiver, arguments, frame, span, is_direct=certain)
    m.recorder.uncertain -= not certain


def _log_pair(m: Machine, receiver: Value, name: Value, frame: Frame, span: Span) -> None:
    """`self.log("val/loss", loss)`, `writer.add_scalar("val/loss", loss)`: other front ends of a run."""
    names = [
        option for option in options(m.force(name)) if isinstance(option, Template) and not option.is_open
    ]
    if not names:
        return
    ref, row = m.new_dict(frame, ("pair", span.start))
    for one in names:
        m.heap.set_item(row, one, Unknown(Origin("pair", span)), span, m.branch)
    _guessed(m, receiver, Arguments([(ref, span)]), frame, span, certain=False)
