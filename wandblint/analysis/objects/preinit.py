"""Names of wandb that `wandb.init` binds to its run: what code got from them before keeps raising."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, External, Frame, Run, Unknown, Value
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.api import BOUND_BY_INIT, HELD_BY_RUN, canonical
from wandblint.template import SymbolId

STUB = Unknown(SymbolId("preinit"), "wandb", "wandb.preinit")
"""The receiver of a stub."""

MAYBE_STUB = Unknown(SymbolId("perhaps preinit"), "wandb", "wandb.perhaps_preinit")
"""The receiver of what a module imports when it is loaded, perhaps before `wandb.init`."""


def is_stub(value: Value | None) -> bool:
    """Whether a receiver is that of a stub."""
    return isinstance(value, Unknown) and value.external == STUB.external


def may_be_stub(value: Value | None) -> bool:
    """Whether a receiver is that of a name that may be a stub."""
    return isinstance(value, Unknown) and value.external == MAYBE_STUB.external


def imported_name(m: Interpreter, path: str, frame: Frame) -> Value:
    """The value of a name that is imported from an external module."""
    if canonical(path) in BOUND_BY_INIT and frame.info is None and frame.path != m.entry.main:
        return External(path, MAYBE_STUB)
    return attribute_of_module(m, path, frame)


def attribute_of_module(m: Interpreter, path: str, frame: Frame) -> Value:
    """The value that an attribute of an external module has now."""
    is_ordered = frame.info is not None or frame.path == m.entry.main
    if path not in BOUND_BY_INIT or not is_ordered:
        return External(path)
    run = run_state.active_run(m)
    if run == NONE:
        return External(path, STUB)
    if path in HELD_BY_RUN and all(isinstance(option, Run) for option in options(run)):
        return External(path, run)
    return External(path)
