"""What a finding is: the one vocabulary between rules, reports and fixes.

A place is symbolic (`Span`, offsets into a file) until a report resolves it to rows and columns, so
rules never count columns.
"""

from __future__ import annotations

import enum

import msgspec

from wandblint.findings.fix import Fix
from wandblint.span import Span

__all__ = ["Confidence", "Finding", "Related", "Severity", "Span"]


class Severity(str, enum.Enum):
    """How bad it is. Notes are advice and off by default."""

    ERROR = "error"
    """It raises or loses data for certain."""
    WARNING = "warning"
    """Very likely wrong."""
    NOTE = "note"
    """Advice."""

    @property
    def rank(self) -> int:
        """Its place among the severities, from the worst."""
        return list(Severity).index(self)


class Confidence(str, enum.Enum):
    """How sure wandblint is."""

    HIGH = "high"
    MEDIUM = "medium"


class Related(msgspec.Struct, frozen=True):
    """Another place of a finding, with a few words: where the key is built, which definition it misses."""

    span: Span
    message: str
    is_step: bool = False
    """Whether the value that the finding is about came through here; such places are in its order."""


class Finding(msgspec.Struct, frozen=True):
    """One mistake, in wandb's words: `message` says in one sentence what wandb will do, `help` what to do."""

    code: str
    name: str
    severity: Severity
    message: str
    help: str
    span: Span
    related: tuple[Related, ...] = ()
    confidence: Confidence = Confidence.HIGH
    fix: Fix | None = None

    @property
    def sort_key(self) -> tuple[Span, str, str]:
        """Findings are reported in this order: by place, then code, then words."""
        return (self.span, self.code, self.message)
