"""Apply fixes in rounds: conflicting fixes wait for the next round, until no fix is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from wandblint.findings.finding import Finding
from wandblint.findings.fix import Fix, TextEdit
from wandblint.fixing.applier import FixApplier
from wandblint.syntax import ParseError, read

MAX_ROUNDS = 10


class Linted(Protocol):
    """The result of linting: findings and texts."""

    @property
    def findings(self) -> list[Finding]:
        """The findings."""

    def text(self, path: str) -> str:
        """The text of a file."""


class AppliedFix(msgspec.Struct, frozen=True):
    """An applied fix: its round, its finding and the files that it changed."""

    round: int
    finding: Finding
    paths: frozenset[str]


class FixResult(msgspec.Struct):
    """The new texts of changed files, and the applied fixes."""

    texts: dict[str, str] = msgspec.field(default_factory=dict)
    applied: list[AppliedFix] = msgspec.field(default_factory=list)


class _Round(msgspec.Struct):
    """The fixes that a round applied, and the findings after it."""

    applied: list[AppliedFix]
    findings: list[Finding]


def fix_all(
    first: Linted,
    lint: Callable[[Mapping[str, str]], Linted],
    allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool],
) -> tuple[FixResult, Linted]:
    """Apply all allowed fixes in memory, except for those that would cause new findings.

    `lint` lints with other texts for some files. Returns the fixes and the last result of linting.
    """
    excluded: set[_Identity] = set()

    def is_eligible(finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
        return _identity(finding) not in excluded and allows(finding, fix, edits)

    while True:
        result, rounds, last = _in_rounds(first, lint, is_eligible)
        culprits = _culprits(first.findings, rounds)
        if not culprits:
            return result, last
        excluded |= culprits


def _in_rounds(
    linted: Linted,
    lint: Callable[[Mapping[str, str]], Linted],
    allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool],
) -> tuple[FixResult, list[_Round], Linted]:
    result = FixResult()
    rounds: list[_Round] = []
    for number in range(1, MAX_ROUNDS + 1):
        choices = _chosen(linted, allows)
        texts = {path: linted.text(path) for _, edits in choices for path in _paths(edits)}
        new = {path: with_edits(text, _of(path, choices)) for path, text in texts.items()}
        broken = {path for path, text in new.items() if not parses(path, text)}
        if broken:
            choices = [choice for choice in choices if not _paths(choice[1]) & broken]
            new = {path: with_edits(texts[path], _of(path, choices)) for path in texts if path not in broken}
        changed = {path: text for path, text in new.items() if text != texts[path]}
        if not changed:
            break
        result.texts |= changed
        applied = [AppliedFix(number, finding, _paths(edits)) for finding, edits in choices]
        result.applied += applied
        linted = lint(result.texts)
        rounds.append(_Round(applied, linted.findings))
    return result, rounds, linted


def _culprits(first: list[Finding], rounds: list[_Round]) -> set[_Identity]:
    """The fixes of the last round that added findings of codes that have more findings than before."""
    before = Counter(finding.code for finding in first)
    counts = [before, *(Counter(finding.code for finding in each.findings) for each in rounds)]
    increased = counts[-1] - before
    for number in range(len(rounds), 0, -1):
        if any(counts[number][code] > counts[number - 1][code] for code in increased):
            return _blamed(rounds[number - 1], increased.keys())
    return set()


def _blamed(culprit: _Round, codes: Iterable[str]) -> set[_Identity]:
    """The fixes of a round in the files of its new findings, or else all of its fixes."""
    new_findings = [finding for finding in culprit.findings if finding.code in codes]
    spans = [span for f in new_findings for span in (f.span, *(related.span for related in f.related))]
    paths = {span.path for span in spans}
    in_paths = [fix for fix in culprit.applied if not fix.paths.isdisjoint(paths)]
    return {_identity(fix.finding) for fix in in_paths or culprit.applied}


_Identity = tuple[str, str, str]


def _identity(finding: Finding) -> _Identity:
    """What identifies a finding when its location has moved."""
    return finding.code, finding.message, finding.span.path


FixChoice = tuple[Finding, tuple[TextEdit, ...]]


def _chosen(linted: Linted, allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool]) -> list[FixChoice]:
    """The fixes of a round: those that do not conflict with earlier ones."""
    applier = FixApplier(linted.text)
    applied: set[TextEdit] = set()
    choices: list[FixChoice] = []
    for finding in linted.findings:
        edits = applier.edits(finding.fix) if finding.fix is not None else None
        if finding.fix is None or edits is None:
            continue
        new = set(edits) - applied
        if any(_overlap(edit, other) for edit in new for other in applied):
            continue
        if allows(finding, finding.fix, edits):
            applied |= new
            choices.append((finding, edits))
    return choices


def _overlap(edit: TextEdit, other: TextEdit) -> bool:
    """Whether two edits conflict."""
    if edit.span.path != other.span.path:
        return False
    if edit.span == other.span:
        return True
    return edit.span.start < other.span.end and other.span.start < edit.span.end


def _paths(edits: Iterable[TextEdit]) -> frozenset[str]:
    return frozenset(edit.span.path for edit in edits)


def _of(path: str, choices: Iterable[FixChoice]) -> set[TextEdit]:
    return {edit for _, edits in choices for edit in edits if edit.span.path == path}


def with_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """A text with edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def parses(path: str, text: str) -> bool:
    """Whether a text is valid Python."""
    try:
        read(path, text)
    except ParseError:
        return False
    return True
