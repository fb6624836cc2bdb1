"""Changes of a text as edits, the smallest that do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import accumulate

import msgspec


class UnplaceableError(Exception):
    """An edit that the file has no room for; the message says why."""


class Edit(msgspec.Struct, frozen=True):
    """The characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def edits(old: str, new: str) -> Iterator[Edit]:
    """The edits that make one text of another, line by line, in order."""
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


def applied(text: str, changes: Iterable[Edit]) -> str:
    """The text after edits that do not overlap."""
    for edit in sorted(changes, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _trimmed(start: int, old: str, new: str) -> Iterator[Edit]:
    """One edit without what both texts begin and end with."""
    if old != new:
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        yield Edit(start + head, start + len(old) - tail, new[head : len(new) - tail])


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
