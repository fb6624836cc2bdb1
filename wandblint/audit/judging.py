"""The rules of records, over a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wandblint.finding import Finding
from wandblint.record import Record
from wandblint.rule import OptionValue, Rule


def judge(
    record: Record, rules: Sequence[Rule], options: Mapping[str, Mapping[str, OptionValue]]
) -> list[Finding]:
    """What the rules find in a record, by runs and codes; `options` are by the names of rules."""
    order = {log.path: number for number, (_, log) in enumerate(record.logs())}
    found = [
        finding
        for rule in rules
        if rule.audit is not None
        for finding in rule.audit(record, {**rule.options, **options.get(rule.name, {})})
    ]
    return sorted(
        found, key=lambda finding: (order.get(finding.span.path, -1), finding.code, finding.message)
    )
