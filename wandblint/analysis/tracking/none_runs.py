"""Uses of what is a run on some paths and None on the others: `self.run` where one process opens a run."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, Frame, Run, Value
from wandblint.analysis.interpreter.control_context import program_point
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.run_events import is_caught
from wandblint.model.uses import Call, RunState, RunStatus
from wandblint.semantics import api

_MISSING = frozenset({"", "BaseException", "Exception", "AttributeError"})


def note_attribute(m: Interpreter, expr: facts.Attr, owner: Value, frame: Frame) -> None:
    """Records a method of a run that raises `AttributeError` where the run is None."""
    choices = options(owner)
    if NONE not in choices or f"wandb.Run.{expr.attr}" not in api.RAISES_WITHOUT_RUN:
        return
    runs = [option for option in choices if isinstance(option, Run)]
    if not runs or len(runs) + 1 < len(choices):
        return
    span = frame.span(expr)
    m.recorder.call(
        Call(
            f"{api.NONE_METHOD}{expr.attr}",
            span,
            m.recorder.entry_id,
            RunStatus(RunState.ON_SOME_PATHS, frozenset(run.site for run in runs)),
            call_stack=tuple(m.call_stack),
            point=program_point(m, frame, span),
            is_must=m.recorder.is_must and not is_caught(m, frame, _MISSING),
        )
    )
