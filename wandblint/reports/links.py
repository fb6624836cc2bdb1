"""Links to the documentation."""

from __future__ import annotations

DOCS = "https://wandblint.readthedocs.io/en/latest"


def rule_url(name: str) -> str:
    """The URL of a rule's page."""
    return f"{DOCS}/rules/{name}"
