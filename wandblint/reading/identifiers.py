"""What a name in the text is called."""

from __future__ import annotations

import unicodedata


def identifier(written: str) -> str:
    """The name that Python knows: two ways to write one letter are one name (reference, "Identifiers")."""
    return written if written.isascii() else unicodedata.normalize("NFKC", written)
