"""Where the documentation of a rule is."""

from __future__ import annotations

DOCS = "https://wandblint.readthedocs.io/en/latest"


def rule_url(name: str) -> str:
    """The page of the rule of this name."""
    return f"{DOCS}/rules/{name}"
