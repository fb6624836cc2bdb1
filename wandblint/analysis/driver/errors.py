"""What ends a call path before its end: limits, which are meant, and mistakes of ours, which are said."""

from __future__ import annotations

from wandblint.analysis.state.budget import BudgetSpentError
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.shared_facts import NotMaterializedError
from wandblint.infra.tracebacks import failing_file


def report_internal_error(m: Interpreter, name: str, error: Exception) -> None:
    """Tells of what ended a call path that began in a file, where it was a mistake of ours and no limit.

    Raises the error itself where it is about more than this path.
    """
    if isinstance(error, NotMaterializedError):
        raise error
    if not isinstance(error, (BudgetSpentError, RecursionError)):
        name = failing_file(error) or name
        m.project.report_crash(name, error)
        m.recorder.crashed.add(name)
