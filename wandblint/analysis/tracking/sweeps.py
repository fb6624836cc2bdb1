"""Sweeps: an agent calls a function once per run, with the configuration that the sweep chose."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Frame, Function, Partial
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span


def run_agent(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> None:
    """`wandb.agent` calls its function without arguments, after it has ended all runs (`wandb.teardown`)."""
    function = arguments.get(1, "function")
    # Each time that the code gets here, other jobs run.
    jobs = m.context("jobs", frame.context, span)
    before, m.entry.in_sweep = m.entry.in_sweep, True
    try:
        for option in options(function) if function is not None else ():
            if isinstance(option, (Function, Partial)):
                invoke_callback(m, option, frame, span, Arguments(), jobs=jobs)
    finally:
        m.entry.in_sweep = before
