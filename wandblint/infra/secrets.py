"""API keys of wandb, which no output shows: the only module that knows what they look like."""

from __future__ import annotations

import re

_KEY = re.compile(
    # A slash after the digits marks a folder named by a commit, as in `snapshots/<sha>/train.py`.
    r"(?<![0-9A-Fa-f])([0-9A-Fa-f]{4})[0-9A-Fa-f]{36,}(?![0-9A-Fa-f/])"
    r"|(local-\w{4})\w{36,}"
    r"|(wandb_v1_\w{4})[\w-]{12,}",
    re.ASCII,
)


def masked(text: str) -> str:
    """A text with stars for all but the first characters of each key. Its length and its lines stay."""
    return _KEY.sub(_masked_key, text)


def has_key(text: str) -> bool:
    """Whether a text contains what looks like a key."""
    return _KEY.search(text) is not None


def _masked_key(match: re.Match[str]) -> str:
    shown = match[match.lastindex or 0]
    return f"{shown:*<{len(match[0])}}"
