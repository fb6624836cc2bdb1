"""WB905: the log of a process ends without an exit record: it crashed, was killed or still runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record
from wandblint.findings import Finding, Severity, Span
from wandblint.rule import OptionValue, Rule


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per such log; none for damaged logs, which may have lost the record."""
    for _, log in record.logs():
        if log.exit_code is None and not log.damage:
            lost = "unwritten rows are lost" if log.rows else "no row was written"
            message = f"the log ends without an exit record: the process was killed or still runs; {lost}"
            yield rule.finding(Span(log.path, 0, 0), message, _HELP)


_HELP = (
    "call `finish()` before the process ends, or let it exit normally: `os._exit` and SIGKILL write nothing"
)

rule = Rule(
    code="WB905",
    name="no-exit-record",
    severity=Severity.WARNING,
    summary="A log without an exit record: the process was killed, or still runs",
    audit=check,
)
