"""WB002 unused-suppression: a `wandblint: ignore` that suppresses nothing. The engine itself reports it."""

from __future__ import annotations

from wandblint.findings import Severity
from wandblint.rule import Rule

rule = Rule(
    code="WB002",
    name="unused-suppression",
    severity=Severity.WARNING,
    summary="A suppression comment that suppresses nothing",
)
