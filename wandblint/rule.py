"""The definition of a rule.

A rule is a module of a rule pack with a `rule = Rule(...)` and a page next to it, both named like the rule:
`rules/step_metric_never_logged.py` and `rules/step_metric_never_logged.md`. `app/registry.py` discovers
packs; nothing imports a rule by name. A rule reads the `TrackingModel` and yields findings; it reads no
file, computes no column, prints nothing and knows no suppression.
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
    from wandblint.semantics.versions import Requirement

BUILT_IN_PACK = "wandblint_rules"

OptionValue = bool | int | str | list[str]
Options = Mapping[str, OptionValue]
SEVERITY = "severity"
"""The setting that every rule takes; no option of a rule may have this name."""

_Subject = TypeVar("_Subject")
Check = Callable[["TrackingModel", Options], Iterator[Finding]]
AuditCheck = Callable[["Record", Options], Iterator[Finding]]


class Rule(msgspec.Struct, frozen=True):
    """A rule: its identity, its defaults and its check.

    `options` are the settings of the rule with their defaults (the type of a default is the type of the
    option). `check` gets the model and the values of the options; `audit` gets the record of runs instead.
    The rules of the engine itself (WB001, WB002) have neither.
    """

    code: str
    name: str
    severity: Severity
    summary: str
    check: Check | None = None
    options: Mapping[str, OptionValue] = msgspec.field(default_factory=dict)
    can_warn: bool = False
    """Whether a rule whose severity is NOTE also yields warnings, which are reported by default."""
    audit: AuditCheck | None = None
    scope: Callable[[Requirement], str | None] | None = None
    """What the rule does not report for a project that requires these versions of wandb; None: nothing."""
    in_notebooks: bool = True
    """Whether it applies to notebooks, where cells run repeatedly and in a single process."""

    def finding(  # noqa: PLR0913 (most have a default)
        self,
        span: Span,
        message: str,
        help: str,
        related: tuple[Related, ...] = (),
        *,
        severity: Severity | None = None,
        confidence: Confidence = Confidence.HIGH,
        fix: Fix | None = None,
        yields_to: str = "",
    ) -> Finding:
        """A finding of this rule."""
        severity = severity or self.severity
        return Finding(
            self.code, self.name, severity, message, help, span, related, confidence, fix, yields_to
        )

    def with_severity(self, severity: Severity) -> Rule:
        """This rule with findings of another severity; findings milder than the rule's default stay so."""

        def regraded(
            check: Callable[[_Subject, Options], Iterator[Finding]] | None,
        ) -> Callable[[_Subject, Options], Iterator[Finding]] | None:
            if check is None:
                return None
            return lambda subject, options: (self._regrade(f, severity) for f in check(subject, options))

        return replace(
            self, severity=severity, can_warn=False, check=regraded(self.check), audit=regraded(self.audit)
        )

    def _regrade(self, finding: Finding, severity: Severity) -> Finding:
        if finding.severity.rank > self.severity.rank:
            severity = max(finding.severity, severity, key=lambda each: each.rank)
        return replace(finding, severity=severity)

    @property
    def on_by_default(self) -> bool:
        """Whether the rule runs unless deselected: notes are advice and off by default."""
        return self.can_warn or self.severity is not Severity.NOTE
