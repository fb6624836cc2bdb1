"""Fixes in rounds: what conflicts waits for the next one, until nothing is left to do."""

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
    """What came of linting: the findings, and the texts that they are of."""

    @property
    def findings(self) -> list[Finding]:
        """The findings."""

    def text(self, path: str) -> str:
        """The text of a file."""


class Applied(msgspec.Struct, frozen=True):
    """A fix that was carried out, in which round and files, and the finding that it mends."""

    round: int
    finding: Finding
    paths: frozenset[str]


class Fixed(msgspec.Struct):
    """What came of fixing: the new texts of the files that changed, and what was done."""

    texts: dict[str, str] = msgspec.field(default_factory=dict)
    applied: list[Applied] = msgspec.field(default_factory=list)


class _Round(msgspec.Struct):
    """What a round carried out, and what is found after it."""

    applied: list[Applied]
    findings: list[Finding]


def fix_all(
    linted: Linted,
    again: Callable[[Mapping[str, str]], Linted],
    allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool],
) -> tuple[Fixed, Linted]:
    """Carries out all fixes that are allowed, in memory, but for those that would bring new findings.

    `again` lints with other texts for some files. Gives the texts and what is found in them.
    """
    barred: set[_Identity] = set()

    def is_left(finding: Finding, fix: Fix, edits: tuple[TextEdit, ...]) -> bool:
        return _identity(finding) not in barred and allows(finding, fix, edits)

    while True:
        fixed, rounds, last = _in_rounds(linted, again, is_left)
        culprits = _culprits(linted.findings, rounds)
        if not culprits:
            return fixed, last
        barred |= culprits


def _in_rounds(
    linted: Linted,
    again: Callable[[Mapping[str, str]], Linted],
    allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool],
) -> tuple[Fixed, list[_Round], Linted]:
    fixed = Fixed()
    rounds: list[_Round] = []
    for number in range(1, MAX_ROUNDS + 1):
        chosen = _chosen(linted, allows)
        texts = {path: linted.text(path) for _, edits in chosen for path in _paths(edits)}
        new = {path: with_edits(text, _of(path, chosen)) for path, text in texts.items()}
        broken = {path for path, text in new.items() if not parses(path, text)}
        if broken:
            chosen = [one for one in chosen if not _paths(one[1]) & broken]
            new = {path: with_edits(texts[path], _of(path, chosen)) for path in texts if path not in broken}
        changed = {path: text for path, text in new.items() if text != texts[path]}
        if not changed:
            break
        fixed.texts |= changed
        applied = [Applied(number, finding, _paths(edits)) for finding, edits in chosen]
        fixed.applied += applied
        linted = again(fixed.texts)
        rounds.append(_Round(applied, linted.findings))
    return fixed, rounds, linted


def _culprits(first: list[Finding], rounds: list[_Round]) -> set[_Identity]:
    """The fixes of the round that brought findings of which there are more in the end than there were."""
    before = Counter(finding.code for finding in first)
    counts = [before, *(Counter(finding.code for finding in one.findings) for one in rounds)]
    new = counts[-1] - before
    for number in range(len(rounds), 0, -1):
        if any(counts[number][code] > counts[number - 1][code] for code in new):
            return _blamed(rounds[number - 1], new.keys())
    return set()


def _blamed(of: _Round, codes: Iterable[str]) -> set[_Identity]:
    """The fixes of a round in the files that its new findings speak of, or all of them."""
    found = [finding for finding in of.findings if finding.code in codes]
    spans = [span for one in found for span in (one.span, *(other.span for other in one.related))]
    paths = {span.path for span in spans}
    near = [one for one in of.applied if not one.paths.isdisjoint(paths)]
    return {_identity(one.finding) for one in near or of.applied}


_Identity = tuple[str, str, str]


def _identity(finding: Finding) -> _Identity:
    """What makes a finding known again when its place has moved."""
    return finding.code, finding.message, finding.span.path


FixChoice = tuple[Finding, tuple[TextEdit, ...]]


def _chosen(linted: Linted, allows: Callable[[Finding, Fix, tuple[TextEdit, ...]], bool]) -> list[FixChoice]:
    """The fixes of a round: those that meet none before them in any place."""
    carrier = FixApplier(linted.text)
    taken: set[TextEdit] = set()
    chosen: list[FixChoice] = []
    for finding in linted.findings:
        edits = carrier.edits(finding.fix) if finding.fix is not None else None
        if finding.fix is None or edits is None:
            continue
        new = set(edits) - taken
        if any(_overlap(edit, other) for edit in new for other in taken):
            continue
        if allows(finding, finding.fix, edits):
            taken |= new
            chosen.append((finding, edits))
    return chosen


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    """Whether two edits cannot both be done."""
    if one.span.path != other.span.path:
        return False
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _paths(edits: Iterable[TextEdit]) -> frozenset[str]:
    return frozenset(edit.span.path for edit in edits)


def _of(path: str, chosen: Iterable[FixChoice]) -> set[TextEdit]:
    return {edit for _, edits in chosen for edit in edits if edit.span.path == path}


def with_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """A text with edits that do not meet."""
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
