"""TODO."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import join
from wandblint.analysis.domain.values import NONE
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.heuristics import CLOSING_METHODS


def note_closed(m: Interpreter) -> None:
    """A run is closed here, or may be."""
    for passes in m.loops:
        passes.may_close_run = True


def may_close(m: Interpreter, name: str) -> None:
    """A method of that name of something unknown is called: it may close the run."""
    if CLOSING_METHODS.search(name):
        note_closed(m)
        m.set_active_run(join((m.active_run, NONE)))


def may_close_unseen(m: Interpreter) -> None:
    """Code that is not seen may close the run."""
    for passes in m.loops:
        passes.may_close_unseen = True
