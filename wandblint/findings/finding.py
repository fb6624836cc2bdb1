"""Findings: the data that rules, reports and fixes share.

Locations are spans (offsets into a file) until a report resolves them to rows and columns.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import msgspec

from wandblint.findings.fix import Fix
from wandblint.span import Span


class Severity(str, enum.Enum):
    """How severe a finding is. Notes are advice and off by default."""

    ERROR = "error"
    """It certainly raises or loses data."""
    WARNING = "warning"
    """Very likely wrong."""
    NOTE = "note"
    """Advice."""

    @property
    def rank(self) -> int:
        """Its position among the severities, from the most severe."""
        return list(Severity).index(self)


class Confidence(str, enum.Enum):
    """How certain wandblint is."""

    HIGH = "high"
    MEDIUM = "medium"


class Related(msgspec.Struct, frozen=True):
    """A related location with a few words: where the key is built, which definition is nearest."""

    span: Span
    message: str
    is_step: bool = False
    """Whether it is a provenance step of the value; these are in order."""


class Finding(msgspec.Struct, frozen=True):
    """One mistake: `message` says in one sentence what wandb will do, `help` what to do about it."""

    code: str
    name: str
    severity: Severity
    message: str
    help: str
    span: Span
    related: tuple[Related, ...] = ()
    confidence: Confidence = Confidence.HIGH
    fix: Fix | None = None
    yields_to: str = ""
    """The rule that reports the same cause: where it runs, this finding is left out."""

    @property
    def sort_key(self) -> tuple[Span, str, str]:
        """The order of reported findings: by location, code and message."""
        return (self.span, self.code, self.message)


def first_per_place(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first finding of each place: several entry points may reach the same mistake."""
    found: dict[Span, Finding] = {}
    for finding in findings:
        found.setdefault(finding.span, finding)
    yield from found.values()
