"""The baseline: findings that are known and not reported, so that old code does not hide new mistakes.

An entry names a finding by its fingerprint, so it holds when lines shift and files move. Where several
findings share one, the entry's path and message say which is meant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from wandblint.findings.finding import Finding

VERSION = 1
"""Of the file's format and of how fingerprints are made."""


class BaselineError(Exception):
    """A baseline that cannot be read or written; the message says why."""


class BaselineEntry(msgspec.Struct, frozen=True, order=True):
    """A known finding; `path` is relative to the project's root."""

    path: str
    code: str
    message: str
    fingerprint: str


class _File(msgspec.Struct):
    version: int
    findings: list[BaselineEntry]


class Matched(msgspec.Struct, frozen=True):
    """Findings beside a baseline.

    `new` are not in it. `known` are the entries of those that are, as they would be written today. `gone` are
    entries that no finding matches any more, `unjudged` those of which that cannot be said.
    """

    new: list[Finding]
    known: list[BaselineEntry]
    gone: list[BaselineEntry]
    unjudged: list[BaselineEntry]


def entry(finding: Finding, fingerprint: str) -> BaselineEntry:
    """The entry of a finding."""
    return BaselineEntry(finding.span.path, finding.code, finding.message, fingerprint)


def read(file: Path) -> list[BaselineEntry]:
    """The entries of a baseline. Raises `BaselineError`."""
    try:
        content = msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as error:
        raise BaselineError(f"cannot be read: {(error.strerror or '').lower()}") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BaselineError(f"not a baseline: {error}; rewrite it with --write-baseline") from error
    if content.version != VERSION:
        made = f"written by another version of wandblint (format {content.version}, not {VERSION})"
        raise BaselineError(f"{made}; rewrite it with --write-baseline")
    return content.findings


def write(file: Path, entries: Iterable[BaselineEntry]) -> None:
    """Writes a baseline, an entry a line in the order of their paths. Raises `BaselineError`."""
    import json  # noqa: PLC0415 (unlike msgspec it writes blanks between things)

    rows = ",\n".join(f"    {json.dumps(msgspec.to_builtins(entry))}" for entry in sorted(entries))
    listed = f"[\n{rows}\n  ]" if rows else "[]"
    text = f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BaselineError(f"cannot be written: {(error.strerror or '').lower()}") from error


def match(
    entries: Iterable[BaselineEntry],
    found: Sequence[tuple[Finding, str]],
    is_judged: Callable[[BaselineEntry], bool],
) -> Matched:
    """Tells the known findings from the new ones; `found` are findings with their fingerprints.

    `is_judged` tells of an entry whether its finding would have been found if it were still there.
    """
    left: dict[str, list[BaselineEntry]] = defaultdict(list)
    for one in entries:
        left[one.fingerprint].append(one)
    new, known = list(found), []
    for is_alike in _ALIKE:
        missed = []
        for finding, fingerprint in new:
            candidate = entry(finding, fingerprint)
            same = next((one for one in left[fingerprint] if is_alike(one, candidate)), None)
            if same is None:
                missed.append((finding, fingerprint))
            else:
                left[fingerprint].remove(same)
                known.append(candidate)
        new = missed
    rest = [one for alike in left.values() for one in alike]
    gone = sorted(one for one in rest if is_judged(one))
    return Matched([finding for finding, _ in new], known, gone, [one for one in rest if not is_judged(one)])


_ALIKE: tuple[Callable[[BaselineEntry, BaselineEntry], bool], ...] = (
    lambda one, other: one == other,
    lambda one, other: one.message == other.message,
    lambda one, other: one.path == other.path,
    lambda one, other: True,
)
"""Which of the entries of one fingerprint is a finding's own, the strictest way first.

The last ways are for messages that another version of wandblint words otherwise.
"""
