"""Functions that a library calls again and again in one process: trials of a search, jobs of a multirun."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    TRUE,
    External,
    Frame,
    Function,
    Partial,
    Scalar,
    Unknown,
    Value,
    scalar,
)
from wandblint.analysis.effects.escape import escape, invoke_callback
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.interpreter.loops import active_loop
from wandblint.analysis.objects.classes import find_in_class
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.control_flow import Loop
from wandblint.model.events import Repeats
from wandblint.semantics.hydra import Multirun, multirun_of
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def _optimize(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Interprets the trials like the iterations of a loop."""
    function, count = arguments.get(0, "func"), arguments.get(1, "n_trials")
    functions = [o for o in options(function) if _is_callable(m, o)] if function else []
    number = int(count.value) if isinstance(count, Scalar) and count.kind == "int" and count.value else None
    trial = Arguments([(_unknown_item("trial", frame, span), span)])

    def call() -> None:
        for option in functions:
            m.call(option, trial, frame, span)
        if {"callbacks", "n_jobs"} & arguments.keywords.keys() or arguments.more_keywords:
            # A callback may close the run of a trial, and each thread may have its own.
            run_state.may_close_unseen(m, span)

    _repeat(m, call, frame, span, number)
    escape(m, [value for value in arguments.values() if value not in functions], span)
    return Unknown(SymbolId("call", frame.context, span), "optimize()")


def _is_callable(m: Interpreter, value: Value) -> bool:
    instance = m.heap_instance(value)
    has_call = instance is not None and find_in_class(instance.cls, "__call__") is not None
    return has_call or isinstance(value, (Function, Partial))


_TRACKED = "optuna.integration.WeightsAndBiasesCallback.track_in_wandb()"
"""What `track_in_wandb()` of optuna's callback returns: a decorator of the function of a study."""
_TRACKED_TRIAL = f"{_TRACKED}()"
"""What that makes of a function."""


def _track(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return Partial(External(_TRACKED), (), ())


def _run_tracked(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Interprets a trial that optuna may give a run of its own: `as_multirun=True`."""
    if not arguments.positional:
        return call_unmodelled(m, External(_TRACKED_TRIAL), arguments, frame, span)
    (function, _), *own = arguments.positional
    return invoke_callback(m, function, frame, span, Arguments(own, arguments.keywords))


def _decorates(path: str) -> Handler:
    """Interprets a decorator that makes the external of a path out of a function, which it gets last."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        return Partial(External(path), tuple(value for value, _ in arguments.positional), ())

    return handler


def _unknown_item(label: str, frame: Frame, span: Span) -> Unknown:
    return Unknown(SymbolId("loop", frame.context, frame.path, span.start), label)


def _repeat(
    m: Interpreter,
    call: Callable[[], None],
    frame: Frame,
    span: Span,
    number: int | None = None,
    repeats: Repeats = Repeats.LOOP,
) -> None:
    """Makes calls like a loop of so many iterations."""
    node = facts.While(span.start, span.end, facts.Const(span.start, span.end, True), [], [])
    loop = Loop(span, m.context("loop", frame.context, frame.path, span.start), number)
    with active_loop(m, node, frame, is_unrolled=number == 1, repeats=repeats) as active:
        # The second time finds the run of the first one.
        for _ in range(1 if number == 1 else 2):
            active.start_iteration()
            with m.on_branch(loop=loop):
                call()


# --- hydra ---

_MAIN = "hydra.main"
_DECORATOR = "hydra.main()"
"""What `hydra.main(...)` returns for a multirun."""
_DECORATED = "hydra.main()()"
"""What that makes of a function."""


def _hydra_main(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`hydra.main(...)`: if the project shows a multirun, a decorator whose functions run several jobs."""
    multirun = _multirun(m, arguments, frame)
    if multirun is None:
        return call_unmodelled(m, External(_MAIN), arguments, frame, span)
    return Partial(External(_DECORATOR), (scalar(multirun is Multirun.ALWAYS),), ())


def _multirun(m: Interpreter, arguments: Arguments, frame: Frame) -> Multirun | None:
    path, name = arguments.get(0, "config_path"), arguments.get(1, "config_name")
    folder, primary = None, ""
    if isinstance(path, Template) and path.literal is not None:
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(frame.path), path.literal))
    if isinstance(name, Template) and name.literal is not None:
        primary = name.literal.removesuffix(".yaml")
    script = posixpath.basename(frame.path).removesuffix(".py")
    return multirun_of(m.project.hydra_files, script, folder, primary)


def _run_jobs(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Interprets the jobs like the iterations of a loop."""
    (is_certain, _), (function, _), *own = arguments.positional
    job = Arguments(own or [(_unknown_item("cfg", frame, span), span)], arguments.keywords)

    def call() -> None:
        m.call(function, job, frame, span)
        if is_certain != TRUE:
            # Perhaps each job is a process.
            run_state.may_close_unseen(m, span)

    _repeat(m, call, frame, span, repeats=Repeats.JOBS)
    return Unknown(SymbolId("call", frame.context, span), "main()")


HANDLERS: dict[str, Handler] = {
    **{
        f"optuna.{module}{owner}.optimize": _optimize
        for module in ("", "study.")
        for owner in ("create_study", "load_study", "Study")
    },
    **{
        f"{module}WeightsAndBiasesCallback.track_in_wandb": _track
        for package in ("optuna.integration.", "optuna_integration.")
        for module in (package, f"{package}wandb.")
    },
    _TRACKED: _decorates(_TRACKED_TRIAL),
    _TRACKED_TRIAL: _run_tracked,
    _MAIN: _hydra_main,
    _DECORATOR: _decorates(_DECORATED),
    _DECORATED: _run_jobs,
}
"""By canonical name."""

WRAPPERS = frozenset({_DECORATOR, _TRACKED})
"""Decorators whose result replaces the function."""
