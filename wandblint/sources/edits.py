"""The smallest edits that turn one text into another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import accumulate

import msgspec


class UnplaceableError(Exception):
    """The edit cannot be written into its file; the message says why."""


class Edit(msgspec.Struct, frozen=True):
    """Replaces the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


def diff_edits(old: str, new: str) -> Iterator[Edit]:
    """The edits that turn `old` into `new`, line by line, in order."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = list(accumulate(map(len, before), initial=0))
    for tag, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        if last - first == end - begin:
            for row in range(last - first):
                yield from _trimmed(starts[first + row], before[first + row], after[begin + row])
        else:
            yield from _trimmed(starts[first], "".join(before[first:last]), "".join(after[begin:end]))


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Applies edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _trimmed(start: int, old: str, new: str) -> Iterator[Edit]:
    """One edit without the prefix and suffix that both texts share."""
    if old != new:
        head = _common_length(old, new)
        tail = _common_length(old[head:][::-1], new[head:][::-1])
        yield Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _common_length(old: str, new: str) -> int:
    """The length of the common prefix."""
    shortest = min(len(old), len(new))
    return next((index for index in range(shortest) if old[index] != new[index]), shortest)
