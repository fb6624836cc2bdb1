"""Hyperparameter searches: `study.optimize(objective)` calls its function once per trial, in one process."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import ActiveLoop
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Frame, Function, Partial, Scalar, Unknown, Value
from wandblint.analysis.effects.escape import escape
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.control_flow import Loop
from wandblint.span import Span
from wandblint.template import SymbolId


def _optimize(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Interprets the trials like the iterations of a loop."""
    function, count = arguments.get(0, "func"), arguments.get(1, "n_trials")
    functions = [o for o in options(function) if isinstance(o, (Function, Partial))] if function else []
    number = int(count.value) if isinstance(count, Scalar) and count.kind == "int" and count.value else None
    node = facts.While(span.start, span.end, facts.Const(span.start, span.end, True), [], [])
    trial = Unknown(SymbolId("loop", frame.context, frame.path, span.start), "trial")
    loop = Loop(span, m.context("loop", frame.context, frame.path, span.start), number)
    m.loops.append(ActiveLoop(node, frame, m.branch, number == 1, len(m.call_stack)))
    # The second trial finds the run of the first one.
    for _ in range(1 if number == 1 else 2):
        m.loops[-1].iterations += 1
        m.loops[-1].opened_runs.clear()
        with m.on_branch(loop=loop):
            for option in functions:
                m.call(option, Arguments([(trial, span)]), frame, span)
    if {"callbacks", "n_jobs"} & arguments.keywords.keys() or arguments.more_keywords:
        # A callback may close the run of a trial, and each thread may have its own.
        run_state.may_close_unseen(m, span)
    m.dispatch.observers.loop_left(m, m.loops.pop())
    escape(m, [value for value in arguments.values() if value not in functions], span)
    return Unknown(SymbolId("call", frame.context, span), "optimize()")


HANDLERS: dict[str, Handler] = {
    f"optuna.{module}{owner}.optimize": _optimize
    for module in ("", "study.")
    for owner in ("create_study", "load_study", "Study")
}
"""By canonical name."""
