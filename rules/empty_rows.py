"""WB904: recorded rows without any key: `log({})` writes one and uses a step (core stream/handler.go)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_names, pluralize
from wandblint.rule import OptionValue, Rule


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log with such rows."""
    for _, log in record.logs():
        if log.empty:
            is_one = len(log.empty) == 1
            steps = f"{'step' if is_one else 'steps'} {join_names([str(step) for step in log.empty])}"
            total = pluralize(log.rows, "row")
            message = f"{len(log.empty)} of {total} {'contains' if is_one else 'contain'} no key ({steps})"
            yield rule.finding(Span(log.path, 0, 0), message, _HELP)


_HELP = "look for `log` calls with an empty dictionary, or with a dictionary of empty ones"

rule = Rule(
    code="WB904",
    name="empty-rows",
    severity=Severity.WARNING,
    summary="Recorded rows without any key: each uses up a step",
    audit=check,
)
