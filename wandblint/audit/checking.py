"""Apply the rules of records to a record."""

from __future__ import annotations

from collections.abc import Sequence

from wandblint.app.settings import Settings, rule_options
from wandblint.dashboard.record import Record
from wandblint.findings.finding import Finding
from wandblint.rule import Rule


def check_record(record: Record, rules: Sequence[Rule], settings: Settings) -> list[Finding]:
    """The findings in a record, sorted by log, code and message."""
    order = {log.path: number for number, (_, log) in enumerate(record.logs())}
    findings = [
        finding
        for rule in rules
        if rule.audit is not None
        for finding in rule.audit(record, rule_options(rule, settings))
    ]
    return sorted(
        findings, key=lambda finding: (order.get(finding.span.path, -1), finding.code, finding.message)
    )
