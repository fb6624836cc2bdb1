"""Front ends: frameworks that log to a run by themselves, unseen by the analysis."""

from __future__ import annotations

from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics.frameworks import logs_by_itself
from wandblint.span import Span


def note_call(m: Interpreter, path: str, span: Span) -> None:
    """Marks unseen logging where the call of an external logs by itself."""
    if logs_by_itself(path):
        m.recorder.mark_unseen_logging(span)
