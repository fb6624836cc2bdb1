"""Phrases that messages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_NAMED = 3
"""How many names a message lists; it counts the others."""


MAX_RANGES = 4
"""How many ranges of numbers a message lists."""


def pluralize(number: int, noun: str) -> str:
    """A number with a noun: `1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def join_names(names: Sequence[str]) -> str:
    """The names as a list in prose: `a`, `a and b`, `a, b and c`, `a, b and 4 more`."""
    if len(names) > MAX_NAMED:
        names = [*names[: MAX_NAMED - 1], f"{len(names) - MAX_NAMED + 1} more"]
    return join_all(names)


def join_all(names: Sequence[str]) -> str:
    """All the names as a list in prose."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def join_ranges(numbers: Iterable[int]) -> str:
    """The first ranges of some numbers, and how many more there are: `3`, `0-7 and 9`."""
    bounds: list[list[int]] = []
    for number in sorted(set(numbers)):
        if bounds and number == bounds[-1][1] + 1:
            bounds[-1][1] = number
        else:
            bounds.append([number, number])
    # A negative number already starts with a dash.
    texts = [
        str(first) if first == last else f"{first}{'-' if first >= 0 else ' to '}{last}"
        for first, last in bounds
    ]
    omitted = [f"{len(texts) - MAX_RANGES} more ranges"] if len(texts) > MAX_RANGES else []
    return join_all([*texts[:MAX_RANGES], *omitted])


def did_you_mean(word: str, known: Iterable[str], prefix: str = "", least: float = 0.6) -> str:
    """`; did you mean ...?` with `prefix` and the nearest known word; empty if none is near.

    `least` is how similar it must be, from 0 to 1.
    """
    import difflib  # noqa: PLC0415 (for errors only)

    nearest = difflib.get_close_matches(word, list(known), n=1, cutoff=least)
    return f"; did you mean `{prefix}{nearest[0]}`?" if nearest else ""
