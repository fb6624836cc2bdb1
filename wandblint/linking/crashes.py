"""What ends a call path before its end: limits, which are meant, and mistakes of ours, which are said."""

from __future__ import annotations

from wandblint.blame import file_of
from wandblint.linking.knowledge import AbsentError
from wandblint.linking.limits import BudgetSpentError
from wandblint.linking.machine import Machine


def own_up(m: Machine, name: str, error: Exception) -> None:
    """Tells of what ended a call path that began in a file, where it was a mistake of ours and no limit.

    Raises the error itself where it is about more than this path.
    """
    if isinstance(error, AbsentError):
        raise error
    if not isinstance(error, (BudgetSpentError, RecursionError)):
        name = file_of(error) or name
        m.project.crashed(name, error)
        m.recorder.crashed.add(name)
