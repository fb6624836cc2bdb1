"""Changes of the states of runs: what the code that runs now does to them, or may do."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import CALLERS_RUN, MANY, NONE, Run, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.heuristics import CLOSING_METHODS
from wandblint.span import Span


def active_run(m: Interpreter) -> Value:
    """The present value of `wandb.run`: what code has assigned, without the runs that it no longer is."""
    m.module_cache.mark_path_dependent()
    assigned = m.entry.session.attributes["run"]
    possible = (MANY,) if m.recorder.hypothetical_depth else m.entry.run_states.global_values(m.branch)
    if MANY in possible:
        return assigned
    left = [value for value in options(assigned) if value in possible or not _is_tracked(value)]
    return join(left) if left else assigned


def _is_tracked(value: Value) -> bool:
    """Whether the states of the runs say when `wandb.run` has this value."""
    return isinstance(value, Run) or value in {NONE, CALLERS_RUN}


def set_active_run(m: Interpreter, value: Value) -> None:
    """Assigns to `wandb.run`."""
    m.heap.set_attribute(m.entry.session, "run", value, m.branch)


def is_certain(m: Interpreter) -> bool:
    """Whether what happens now certainly happens in this order: a generator runs on when it is used."""
    return m.recorder.is_must and not any(info.yields for info in m.active_functions)


def open_run(m: Interpreter, run: Run, *, is_global: bool) -> None:
    """Opens a run."""
    states = m.entry.run_states
    if not m.recorder.hypothetical_depth:
        states.open(run, m.branch, is_must=is_certain(m), is_beside=not is_global)
        if is_global:
            states.set_global(run, m.branch, is_must=is_certain(m))
    if is_global:
        set_active_run(m, run)


def close_run(m: Interpreter, receiver: Value | None, span: Span) -> None:
    """Finishes what is one of these runs; without a receiver, the active one."""
    states = m.entry.run_states
    runs = options(receiver) if receiver is not None else states.global_values(m.branch)
    runs = tuple(run for run in runs if run != NONE)
    if not m.recorder.hypothetical_depth:
        for run in runs:
            if isinstance(run, Run):
                states.close(run, m.branch, span, is_must=is_certain(m) and len(runs) == 1)
            else:
                states.may_change(m.branch, span)
    _note_closed(m)
    closed = options(active_run(m) if receiver is None else receiver)
    active = options(active_run(m))
    if any(option in active for option in closed):
        # A generator goes on when its items are used: until then the run is open.
        is_later = any(info.is_lazy for info in m.active_functions)
        may_be_another = receiver is not None and len(runs) > 1
        others = active if is_later or may_be_another else [run for run in active if run not in closed]
        set_active_run(m, join((*others, NONE)))


def close_all(m: Interpreter, span: Span) -> None:
    """Finishes all runs."""
    if not m.recorder.hypothetical_depth:
        m.entry.run_states.close_all(m.branch, span, is_must=is_certain(m))
    _note_closed(m)


def _note_closed(m: Interpreter) -> None:
    for loop in m.loops:
        loop.may_close_run = True


def may_close(m: Interpreter, name: str, span: Span) -> None:
    """Closes the run perhaps, if a method of an unknown object has a name like `close`."""
    if CLOSING_METHODS.search(name):
        may_close_active(m, span)


def may_close_active(m: Interpreter, span: Span) -> None:
    """Closes the active run perhaps."""
    for loop in m.loops:
        loop.may_finish_at = loop.may_finish_at or span
    m.entry.run_states.close_all(m.branch, span, is_must=False)
    set_active_run(m, join((active_run(m), NONE)))


def note_unknown_code(m: Interpreter) -> None:
    """Records that code runs about which nothing is known: it may open a run."""

    def count() -> None:
        m.entry.run_states.unknown_calls += 1

    m.module_cache.apply("unknown code", count)


def may_close_unseen(m: Interpreter, span: Span) -> None:
    """Records that unseen code may close the run, or open another one."""
    m.entry.run_states.may_change(m.branch, span)
    set_active_run(m, join((active_run(m), NONE)))
    for loop in m.loops:
        loop.may_close_unseen = True


def give_away_run(m: Interpreter, span: Span) -> None:
    """Records that unseen code gets a run: it may log any key from here on, and close the run."""
    m.recorder.mark_unseen_logging(span)
    may_close_unseen(m, span)


def mark_unseen_logging(m: Interpreter, span: Span) -> None:
    """Records that unseen code may log any key from here on, and open and close runs."""
    m.recorder.mark_unseen_logging(span)
    m.entry.run_states.may_change(m.branch, span)
