"""WB907: rows that wandb dropped because their step was below the current one.

They leave no trace in the history, but wandb's internal log names each. Without it, the console output may
contain the warnings of some, so the number of rows is a lower bound (docs/wandb-semantics.md, Rows 3 and
Logs 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_ranges, pluralize
from wandblint.rule import OptionValue, Rule


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log with such rows."""
    for _, log in record.logs():
        if log.dropped:
            is_one = len(log.dropped) == 1
            was = "was" if is_one else "were"
            number = pluralize(len(log.dropped), "row")
            rows = f"{number if log.dropped_is_complete else f'at least {number}'} {was} dropped"
            steps = join_ranges(call.step for call in log.dropped)
            current = join_ranges(call.current for call in log.dropped)
            yield rule.finding(
                Span(log.path, 0, 0),
                f"{rows}: {'its step' if is_one else 'their steps'} ({steps}) {was} below the run's current "
                f"step ({current})",
                _HELP,
            )


_HELP = "drop `step=`, log the counter as a key of the row, and use it as the `step_metric` of the metrics"

rule = Rule(
    code="WB907",
    name="dropped-rows",
    severity=Severity.ERROR,
    summary="Rows that wandb dropped because their step was below the current one",
    audit=check,
)
