"""WB907: rows that wandb dropped because their step was below the current one.

They leave no trace in the history, but wandb's internal log names each. Without it, the console output may
contain the warnings of some, so the number of rows is a lower bound (docs/wandb-semantics.md, Rows 3 and
Logs 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_all, pluralize
from wandblint.rule import OptionValue, Rule


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log with such rows."""
    for _, log in record.logs():
        if log.dropped:
            is_one = len(log.dropped) == 1
            was = "was" if is_one else "were"
            number = pluralize(len(log.dropped), "row")
            rows = f"{number if log.dropped_is_complete else f'at least {number}'} {was} dropped"
            steps = f"{'its step' if is_one else 'their steps'} ({ranges(call.step for call in log.dropped)})"
            current = f"the run's current step ({ranges(call.current for call in log.dropped)})"
            yield rule.finding(Span(log.path, 0, 0), f"{rows}: {steps} {was} below {current}", _HELP)


_HELP = "drop `step=`, log the counter as a key of the row, and use it as the `step_metric` of the metrics"

MAX_RANGES = 4
"""The maximum number of ranges in a message."""


def ranges(steps: Iterable[int]) -> str:
    """The steps in order, consecutive ones as a range: `3`, `0-7 and 9`."""
    bounds: list[list[int]] = []
    for step in sorted(set(steps)):
        if bounds and step == bounds[-1][1] + 1:
            bounds[-1][1] = step
        else:
            bounds.append([step, step])
    texts = [str(first) if first == last else f"{first}{_dash(first)}{last}" for first, last in bounds]
    omitted = [f"{len(texts) - MAX_RANGES} more ranges"] if len(texts) > MAX_RANGES else []
    return join_all([*texts[:MAX_RANGES], *omitted])


def _dash(first: int) -> str:
    """The separator between the ends of a range; a negative step already starts with a dash."""
    return "-" if first >= 0 else " to "


rule = Rule(
    code="WB907",
    name="dropped-rows",
    severity=Severity.ERROR,
    summary="Rows that wandb dropped because their step was below the current one",
    audit=check,
)
