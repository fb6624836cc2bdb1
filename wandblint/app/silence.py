"""What silences the claims of rules: each rule runs again on models that doubt less.

A rule says nothing about its silence. What it claims once all doubts are dispelled is what it would claim; a
doubt that takes the claim away again, by itself, is what silences it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from wandblint.app.selection import ignored_codes, noted_codes
from wandblint.app.settings import Settings
from wandblint.findings.finding import Finding, Severity
from wandblint.model.doubt import Doubt, DoubtKind
from wandblint.model.doubts import doubts, without
from wandblint.model.tracking_model import TrackingModel
from wandblint.rule import Options, Rule
from wandblint.sources.source import is_notebook
from wandblint.span import Span

MAX_RUNS = 300
"""How often a rule runs to find the places of its doubts; those that are left are named without a place."""


class Reason(msgspec.Struct, frozen=True):
    """Why a claim is not reported; `span` is where, if there is a place."""

    words: str
    span: Span | None = None


class Silenced(msgspec.Struct, frozen=True):
    """A claim that is not reported."""

    finding: Finding
    reasons: tuple[Reason, ...]

    def suppressed_by(self, comments: Sequence[Span]) -> Silenced:
        """The same with the comments that suppress it."""
        more = (Reason("a comment suppresses it", span) for span in comments)
        return Silenced(self.finding, (*self.reasons, *more))


def silenced_claims(
    model: TrackingModel, rule: Rule, options: Options, settings: Settings, active: Collection[str]
) -> list[Silenced]:
    """The claims that a rule makes or would make, each with what keeps it out of a report.

    For those that it makes, it is settings; `active` are the codes of the enabled rules. For the others, it
    is what the model doubts.
    """
    if rule.check is None:
        return []
    made = {finding.span: finding for finding in rule.check(model, options)}
    search = _Search(model, rule, options, made.keys())
    of_settings = [Silenced(f, tuple(_by_settings(f, rule, settings, active))) for f in made.values()]
    of_doubts = [
        Silenced(finding, tuple(Reason(d.kind.value, d.span) for d in search.found[place]) or _TOGETHER)
        for place, finding in search.silenced.items()
    ]
    return sorted([*of_settings, *of_doubts], key=lambda claim: claim.finding.sort_key)


_TOGETHER = (Reason("several things that wandblint does not know, together"),)


def _by_settings(
    finding: Finding, rule: Rule, settings: Settings, active: Collection[str]
) -> Iterator[Reason]:
    """Why the settings leave a finding out."""
    code = finding.code
    if code not in active:
        yield Reason(f"{code} is not selected: `--extend-select {code}` selects it")
    elif finding.severity is Severity.NOTE and code not in noted_codes(settings):
        yield Reason(f"it is a note: `--extend-select {code}` reports notes of this rule")
    if not rule.in_notebooks and is_notebook(finding.span.path):
        yield Reason(f"{code} does not apply to notebooks")
    if code in ignored_codes(settings, finding.span.path):
        yield Reason(f"`per-file-ignores` leaves {code} out in this file")
    if finding.yields_to in active:
        yield Reason(f"{finding.yields_to} reports the same cause")


class _Search:
    """Finds the doubts that silence the claims of a rule."""

    def __init__(self, model: TrackingModel, rule: Rule, options: Options, made: Collection[Span]) -> None:
        self._model, self._rule, self._options = model, rule, options
        self._doubts = doubts(model)
        self._runs_left = MAX_RUNS
        self.found: Mapping[Span, list[Doubt]] = defaultdict(list)
        would = self._claims(without(model, self._doubts))
        self.silenced = {place: claim for place, claim in would.items() if place not in made}
        if self.silenced:
            by_kind: dict[DoubtKind, list[Doubt]] = defaultdict(list)
            for doubt in self._doubts:
                by_kind[doubt.kind].append(doubt)
            for group in by_kind.values():
                self._search(group)

    def _claims(self, model: TrackingModel) -> dict[Span, Finding]:
        claims: dict[Span, Finding] = {}
        # No code makes such a model, so a rule may fail on it.
        with suppress(Exception):
            if self._rule.check is not None:
                claims.update((finding.span, finding) for finding in self._rule.check(model, self._options))
        return claims

    def _search(self, group: Sequence[Doubt]) -> set[Span]:
        """Finds the claims that doubts of one kind silence, and which of the doubts do."""
        silenced = self._silenced_by(group)
        if not silenced or len(group) == 1:
            self._add(silenced, group[0])
            return silenced
        if self._runs_left <= 0:
            self._add(silenced, Doubt(group[0].kind, None))
            return silenced
        middle = len(group) // 2
        alone = self._search(group[:middle]) | self._search(group[middle:])
        self._add(silenced - alone, Doubt(group[0].kind, None))
        return silenced

    def _add(self, places: set[Span], doubt: Doubt) -> None:
        for place in places:
            self.found[place].append(doubt)

    def _silenced_by(self, group: Sequence[Doubt]) -> set[Span]:
        """The places of the claims that are gone if only these doubts are left."""
        self._runs_left -= 1
        kept = set(group)
        claims = self._claims(without(self._model, [d for d in self._doubts if d not in kept]))
        return self.silenced.keys() - claims.keys()
