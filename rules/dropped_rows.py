"""WB907: rows that wandb ignored, because their step was below the current one.

They leave nothing in the history; the warning in the console output tells of them. What wandb warns of in the
last second of a process is on the terminal and not in the record, so the number is the least there can be
(docs/wandb-semantics.md, Rows 3 and Logs 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity
from wandblint.infra.words import pluralize
from wandblint.rule import OptionValue, Rule
from wandblint.span import Span


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding for each log whose console output tells of such rows."""
    for _, log in record.logs():
        if log.dropped:
            is_one = len(log.dropped) == 1
            rows = f"at least {pluralize(len(log.dropped), 'row')} {'was' if is_one else 'were'} dropped"
            steps = f"{'its step' if is_one else 'their steps'} ({ranges(log.dropped)})"
            message = f"{rows}: {steps} {'was' if is_one else 'were'} below the run's current step"
            yield rule.finding(Span(log.path, 0, 0), message, _HELP)


_HELP = "drop `step=`, log the counter as a key of the row, and use it as the `step_metric` of the metrics"

MOST = 4
"""So many ranges of steps are named."""


def ranges(steps: list[int]) -> str:
    """`3`, `0-7 and 9`: the steps in order, consecutive ones as a range."""
    found: list[list[int]] = []
    for step in sorted(set(steps)):
        if found and step == found[-1][1] + 1:
            found[-1][1] = step
        else:
            found.append([step, step])
    words = [str(first) if first == last else f"{first}{_dash(first)}{last}" for first, last in found]
    more = [f"{len(words) - MOST} more ranges"] if len(words) > MOST else []
    *head, tail = [*words[:MOST], *more]
    return f"{', '.join(head)} and {tail}" if head else tail


def _dash(first: int) -> str:
    """What stands between the ends of a range: a negative step already has a dash."""
    return "-" if first >= 0 else " to "


rule = Rule(
    code="WB907",
    name="dropped-rows",
    severity=Severity.ERROR,
    summary="Rows that wandb dropped because their step was below the current one",
    audit=check,
)
