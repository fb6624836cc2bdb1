"""Marks code that may close the active run."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import join
from wandblint.analysis.domain.values import NONE
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.heuristics import CLOSING_METHODS


def note_closed(m: Interpreter) -> None:
    """Records that a run is closed here, or may be."""
    for loop in m.loops:
        loop.may_close_run = True


def may_close(m: Interpreter, name: str) -> None:
    """Closes the run perhaps, if a method of an unknown object has a name like `close`."""
    if CLOSING_METHODS.search(name):
        may_close_active(m)


def may_close_active(m: Interpreter) -> None:
    """Closes the active run perhaps."""
    note_closed(m)
    m.set_active_run(join((m.active_run, NONE)))


def may_close_unseen(m: Interpreter) -> None:
    """Records that unseen code may close the run."""
    for loop in m.loops:
        loop.may_close_unseen = True
