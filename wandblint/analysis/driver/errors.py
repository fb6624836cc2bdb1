"""Errors that cut an entry point off: spent budgets, and internal errors, which are reported."""

from __future__ import annotations

from wandblint.analysis.state.budget import BudgetSpentError
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.shared_facts import NotMaterializedError
from wandblint.infra.tracebacks import failing_file


def report_internal_error(m: Interpreter, name: str, error: Exception) -> None:
    """Reports an error in an entry point of the file `name`, unless it is a spent budget.

    Raises the error itself where the caller has to run other entry points first.
    """
    if isinstance(error, NotMaterializedError):
        raise error
    if not isinstance(error, (BudgetSpentError, RecursionError)):
        name = failing_file(error) or name
        m.project.report_crash(name, error)
        m.recorder.crashed.add(name)
