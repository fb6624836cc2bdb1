"""What a rule is, and how rule packs are found.

A rule is a module of a pack with a `rule = Rule(...)` and a page of the same name beside it:
`rules/step_metric_never_logged.py` and `rules/step_metric_never_logged.md` (the name of the rule with
underscores). Packs are discovered;
nothing imports a rule by name. A rule reads the `TrackingModel` and yields findings; it reads no
file, counts no column, prints nothing and knows no suppression.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace

from wandblint.findings.finding import Confidence, Finding, Related, Severity
from wandblint.findings.fix import Fix
from wandblint.span import Span

if TYPE_CHECKING:
    from wandblint.dashboard.record import Record
    from wandblint.model.tracking_model import TrackingModel

BUILT_IN_PACK = "wandblint_rules"

OptionValue = bool | int | str | list[str]
Options = Mapping[str, OptionValue]
SEVERITY = "severity"
"""The setting that every rule takes; no option of a rule has its name."""

_Seen = TypeVar("_Seen")
Check = Callable[["TrackingModel", Options], Iterator[Finding]]
AuditCheck = Callable[["Record", Options], Iterator[Finding]]


class Rule(msgspec.Struct, frozen=True):
    """One rule: its identity, its defaults and its check.

    `options` are the settings the rule takes, with their defaults (the type of a default is the type
    of the option). `check` gets the model and the options' values; `audit`, of a rule about what runs have
    recorded, gets the record instead. A rule of the engine itself (WB001, WB002) has neither.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    check: Check | None = None
    options: Mapping[str, OptionValue] = msgspec.field(default_factory=dict)
    can_warn: bool = False
    """Whether findings of a rule of notes can be warnings: these are reported by default."""
    audit: AuditCheck | None = None
    in_notebooks: bool = True
    """Whether it makes sense where a cell may be run twice, and in one process only."""

    def finding(
        self,
        span: Span,
        message: str,
        help: str,
        related: tuple[Related, ...] = (),
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding of this rule."""
        return Finding(
            self.code,
            self.name,
            severity or self.severity,
            message,
            help,
            span,
            related,
            confidence,
            fix,
        )

    def with_severity(self, severity: Severity) -> Rule:
        """This rule with findings of another severity. What it calls milder than itself stays as mild."""

        def graded(
            check: Callable[[_Seen, Options], Iterator[Finding]] | None,
        ) -> Callable[[_Seen, Options], Iterator[Finding]] | None:
            if check is None:
                return None
            return lambda seen, options: (self._graded(one, severity) for one in check(seen, options))

        return replace(
            self, severity=severity, can_warn=False, check=graded(self.check), audit=graded(self.audit)
        )

    def _graded(self, finding: Finding, severity: Severity) -> Finding:
        is_milder = finding.severity.rank > self.severity.rank
        graded = max(finding.severity, severity, key=lambda one: one.rank) if is_milder else severity
        return replace(finding, severity=graded)

    @property
    def on_by_default(self) -> bool:
        """Notes are advice and off by default."""
        return self.can_warn or self.severity is not Severity.NOTE
