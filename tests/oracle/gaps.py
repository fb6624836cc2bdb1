"""Kinds of code of which wandblint says something false today. The tests leave them out until it is fixed."""

from __future__ import annotations

_REASONS = {
    "in a loop, what an earlier iteration has put into `run.log` may still be called": (
        "log replaced by wrapper"
    ),
    "a class of a file that does not mention wandb is not instantiated until it is needed": "new registers",
    "the body of a `try` counts as run: nearly always it is": "real exception",
}


def _kinds(text: str) -> list[str]:
    """The names in a list with commas; the names of methods may have spaces between them."""
    found: list[str] = []
    for name in text.split(","):
        found += name.split() if name.startswith("__") and name.count(" __") == name.count(" ") else [name]
    return found


KNOWN_GAPS = {kind: reason for reason, text in _REASONS.items() for kind in _kinds(text)}
"""The reason by kind."""
