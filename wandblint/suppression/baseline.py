"""The baseline: known findings, which are not reported, so that new ones stand out.

An entry identifies a finding by its fingerprint, which survives when lines shift and files move. If several
findings share a fingerprint, path and message of the entry decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from wandblint.findings.finding import Finding
from wandblint.infra.files import read_regular, reason_of, replace_file
from wandblint.infra.secrets import masked

VERSION = 1
"""The version of the file format and of the fingerprints."""


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


class BaselineMatch(msgspec.Struct, frozen=True):
    """The result of matching findings with a baseline.

    `new` are the findings without an entry, `known` the current entries of the other findings. `stale` are
    entries that no finding matches, `unchecked` those whose rule or file was not checked.
    """

    new: list[Finding]
    known: list[BaselineEntry]
    stale: list[BaselineEntry]
    unchecked: list[BaselineEntry]


def entry(finding: Finding, fingerprint: str) -> BaselineEntry:
    """The entry of a finding."""
    return BaselineEntry(finding.span.path, finding.code, masked(finding.message), fingerprint)


def read(file: Path) -> list[BaselineEntry]:
    """The entries of a baseline. Raises `BaselineError`."""
    try:
        content = msgspec.json.decode(read_regular(file), type=_File)
    except OSError as error:
        raise BaselineError(f"cannot be read: {reason_of(error)}") from error
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise BaselineError(f"not a baseline: {error}; rewrite it with --write-baseline") from error
    if content.version != VERSION:
        reason = f"written by another version of wandblint (format {content.version}, not {VERSION})"
        raise BaselineError(f"{reason}; rewrite it with --write-baseline")
    return content.findings


def write(file: Path, entries: Iterable[BaselineEntry]) -> None:
    """Write a baseline, one entry per line, sorted by path. Raises `BaselineError`."""
    import json  # noqa: PLC0415 (unlike msgspec it writes spaces after separators)

    rows = ",\n".join(f"    {json.dumps(msgspec.to_builtins(entry))}" for entry in sorted(entries))
    array = f"[\n{rows}\n  ]" if rows else "[]"
    text = f'{{\n  "version": {VERSION},\n  "findings": {array}\n}}\n'
    try:
        replace_file(file, text.encode())
    except OSError as error:
        raise BaselineError(f"cannot be written: {reason_of(error)}") from error


def match(
    entries: Iterable[BaselineEntry],
    findings: Sequence[tuple[Finding, str]],
    is_checked: Callable[[BaselineEntry], bool],
) -> BaselineMatch:
    """Match findings, given with their fingerprints, with the entries of a baseline.

    `is_checked` says whether the finding of an entry would have been found if it still existed.
    """
    unmatched: dict[str, list[BaselineEntry]] = defaultdict(list)
    for listed in entries:
        unmatched[listed.fingerprint].append(listed)
    new, known = list(findings), []
    for is_same in _SAME_FINDING:
        missed = []
        for finding, fingerprint in new:
            current = entry(finding, fingerprint)
            same = next((listed for listed in unmatched[fingerprint] if is_same(listed, current)), None)
            if same is None:
                missed.append((finding, fingerprint))
            else:
                unmatched[fingerprint].remove(same)
                known.append(current)
        new = missed
    rest = [listed for group in unmatched.values() for listed in group]
    return BaselineMatch(
        [finding for finding, _ in new],
        known,
        sorted(listed for listed in rest if is_checked(listed)),
        [listed for listed in rest if not is_checked(listed)],
    )


_SAME_FINDING: tuple[Callable[[BaselineEntry, BaselineEntry], bool], ...] = (
    lambda listed, current: listed == current,
    lambda listed, current: listed.message == current.message,
    lambda listed, current: listed.path == current.path,
    lambda listed, current: True,
)
"""Whether two entries with one fingerprint are the same finding, from the strictest test to the loosest.

The last two handle messages that another version of wandblint words differently.
"""
