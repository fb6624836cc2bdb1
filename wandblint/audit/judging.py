"""The rules of records, over a record."""

from __future__ import annotations

from collections.abc import Sequence

from wandblint.app.settings import Settings, rule_options
from wandblint.dashboard.record import Record
from wandblint.findings.finding import Finding
from wandblint.rule import Rule


def judge(record: Record, rules: Sequence[Rule], settings: Settings) -> list[Finding]:
    """What the rules find in a record, by runs and codes."""
    order = {log.path: number for number, (_, log) in enumerate(record.logs())}
    found = [
        finding
        for rule in rules
        if rule.audit is not None
        for finding in rule.audit(record, rule_options(rule, settings))
    ]
    return sorted(
        found, key=lambda finding: (order.get(finding.span.path, -1), finding.code, finding.message)
    )
