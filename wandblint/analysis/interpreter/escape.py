"""Escape: an unknown callee may call its function arguments and change its dictionary arguments."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    NONE,
    External,
    Frame,
    Function,
    Partial,
    Ref,
    Run,
    Scalar,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.heuristics import READ_ONLY_LIBRARIES, READ_ONLY_METHODS
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

_INERT_VALUES = frozenset({Thunk, Scalar, Template, Unknown})
"""Kinds of values that escape without effect; nearly all arguments are of these."""


def _holds_run(m: Interpreter, value: Value, depth: int = 0) -> bool:
    """Whether a value is a run, a function that logs to one, or a container of either."""
    for option in options(value):
        if isinstance(option, Run) or (
            isinstance(option, External)
            and (isinstance(option.receiver, Run) or option.path in {"wandb", "wandb.log"})
        ):
            return True
        target = m.heap[option] if isinstance(option, Ref) else None
        if depth == 0 and isinstance(target, Dictionary):
            if any(_holds_run(m, entry.value, 1) for entry in target.entries.values()):
                return True
        elif (
            depth == 0
            and isinstance(target, SequenceObject)
            and any(_holds_run(m, item, 1) for item in target.items)
        ):
            return True
    return False


def escape_to_unknown(
    m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span
) -> None:
    """Applies the effects that an unknown callee may have on its arguments."""
    path = function.path if isinstance(function, External) else ""
    name = str(function.symbol.key[-1]) if isinstance(function, Unknown) else ""
    reads_only = (
        bool(path) or name in READ_ONLY_METHODS or (isinstance(function, Unknown) and bool(function.external))
    )
    for value in arguments.values():
        if type(value) in _INERT_VALUES:
            continue
        if not path.startswith(READ_ONLY_LIBRARIES) and _holds_run(m, value):
            m.recorder.mark_unseen_logging(span)
            run_state.may_close_unseen(m)
        for option in options(value):
            if isinstance(option, (Function, Partial)):
                callback = option.function if isinstance(option, Partial) else option
                if isinstance(callback, Function):
                    m.shared_facts.publish_true("escaped", *callback.info.id)
                invoke_callback(m, option, frame, span)
            elif isinstance(option, Ref) and not reads_only:
                target = m.heap[option]
                if isinstance(target, Dictionary):
                    m.heap.widen(target, template(Hole(SymbolId("changed by", span), name or "...")), span)


def invoke_callback(
    m: Interpreter, function: Value, frame: Frame, span: Span, arguments: Arguments | None = None
) -> None:
    """Calls a function that escapes; without `arguments`, with unknown ones.

    The call may happen later and in another process, where no run is open.
    """
    if arguments is None:
        unknown = Unknown(SymbolId("callback", span))
        arguments = Arguments(more_positional=unknown, more_keywords=[unknown])
    # The call happens whether or not a run is active, so read the session without marking a dependency.
    before = m.entry.session.attributes["run"]
    maybe_run = join((before, NONE))
    m.entry.session.attributes["run"] = maybe_run
    with m.on_branch(frame, kind=BranchKind.CALLBACK, span=span):
        m.call(function, arguments, frame, span)
    if m.entry.session.attributes["run"] == maybe_run:
        m.entry.session.attributes["run"] = before
