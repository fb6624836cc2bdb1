"""Frameworks that log to a run by themselves: from their use on, anything may be logged unseen."""

from __future__ import annotations

from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.frameworks import logs_by_itself
from wandblint.span import Span


def note_call(m: Interpreter, path: str, span: Span) -> None:
    """Notes the call of a library object that logs by itself."""
    if logs_by_itself(path):
        m.recorder.mark_unseen_logging(span)
