"""Lightning's `Trainer` and `Fabric`: with several devices, they run the whole script once per device."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.values import External, Frame, Scalar, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.events import ProcessLaunch
from wandblint.semantics.ranks import launches_script_again
from wandblint.span import Span
from wandblint.template import Template

_PATHS = (
    *("lightning.Trainer", "lightning.pytorch.Trainer", "lightning.pytorch.trainer.Trainer"),
    *("pytorch_lightning.Trainer", "pytorch_lightning.trainer.Trainer"),
    *("lightning.Fabric", "lightning.fabric.Fabric", "lightning_fabric.Fabric"),
)

_COUNTS = ("devices", "gpus", "num_nodes")
_STRATEGIES = ("strategy", "accelerator", "distributed_backend")
"""Early releases took the strategy as the accelerator, or as the backend."""


def _handler(path: str) -> Handler:
    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        is_must = _starts_processes(m, arguments)
        if is_must is not None:
            context = control_context(m, m.branch)
            m.module_cache.mark_path_dependent()
            m.recorder.launch(ProcessLaunch(span, m.recorder.entry_id, is_must, context, tuple(m.call_stack)))
        return call_unmodelled(m, External(path), arguments, frame, span)

    return handler


def _starts_processes(m: Interpreter, arguments: Arguments) -> bool | None:
    """Whether the script certainly runs in several processes; None where only one runs all of it."""
    given = {name: m.force(value) for name, (value, _) in arguments.keywords.items()}
    counts = {name: _count(m, given[name]) for name in _COUNTS if name in given}
    if any(count is not None and count > 1 for count in counts.values()):
        is_must = True
    elif counts.get("devices", counts.get("gpus")) in {0, 1}:
        return None
    else:
        is_must = False
    for name in _STRATEGIES:
        strategy = given.get(name)
        if isinstance(strategy, Template) and strategy.literal is not None:
            again = launches_script_again(strategy.literal)
            if again is not None:
                return True if again else None
        elif strategy is not None and name != "accelerator":
            is_must = False
    return is_must


def _count(m: Interpreter, value: Value) -> int | None:
    """The number of devices or nodes; None where it is unknown, or all that the machine has."""
    if isinstance(value, Scalar) and value.kind == "int":
        number = int(value.value or 0)
        return None if number < 0 else number
    if isinstance(value, Template) and value.literal is not None and value.literal.isdecimal():
        return int(value.literal)
    sequence = m.heap_sequence(value)
    return None if sequence is None or sequence.tail is not None else len(sequence.items)


HANDLERS: dict[str, Handler] = {path: _handler(path) for path in _PATHS}
"""By canonical name."""
