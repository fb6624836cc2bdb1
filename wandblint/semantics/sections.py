"""How the web app groups charts by default (docs/wandb-semantics.md, Sections 1)."""

from __future__ import annotations

SEPARATOR = "/"

UNNAMED = "Charts"
"""The section of the keys without a prefix."""


def section(key: str) -> str:
    """The prefix of a key up to and including its first `/`; empty where there is none."""
    head, slash, _ = key.partition(SEPARATOR)
    return head + slash if slash else ""
