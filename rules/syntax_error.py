"""WB001 syntax-error: a file that cannot be parsed. The engine itself reports it."""

from __future__ import annotations

from wandblint.findings import Severity
from wandblint.rule import Rule

rule = Rule(
    code="WB001",
    name="syntax-error",
    severity=Severity.ERROR,
    summary="A file that cannot be parsed, so what it logs is unknown",
)
