"""Phrases that messages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_NAMED = 3
"""How many names a message lists; it counts the others."""


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


def did_you_mean(word: str, known: Iterable[str], prefix: str = "", least: float = 0.6) -> str:
    """`; did you mean ...?` with `prefix` and the nearest known word; empty if none is near.

    `least` is how similar it must be, from 0 to 1.
    """
    import difflib  # noqa: PLC0415 (for errors only)

    nearest = difflib.get_close_matches(word, list(known), n=1, cutoff=least)
    return f"; did you mean `{prefix}{nearest[0]}`?" if nearest else ""
