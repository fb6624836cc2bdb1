"""Words that messages have in common."""

from __future__ import annotations

from collections.abc import Sequence

MAX_NAMED = 3
"""So many things are named in a message; of more the number is told."""


def pluralize(number: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def join_names(things: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b and 4 more`."""
    if len(things) > MAX_NAMED:
        things = [*things[: MAX_NAMED - 1], f"{len(things) - MAX_NAMED + 1} more"]
    *first, last = things
    return f"{', '.join(first)} and {last}" if first else last
