"""What the text of a string literal means."""

from __future__ import annotations

import re
import unicodedata


def unescape(text: str) -> str:
    """The text between the quotes of a literal that is not raw, with its escapes decoded.

    What Python would refuse or warn of (`\\d`) stays as it is written.
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_decode, text)


def unify_newlines(text: str) -> str:
    """Line endings inside a literal are `\\n`, whatever the file has."""
    if "\r" not in text:
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n")


def can_be_stored(text: str) -> bool:
    """Whether the text has no lone surrogates, which no encoding holds."""
    return text.isascii() or not _SURROGATE.search(text)


_SIMPLE = {
    "\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[\n\\'\"abfnrtv])|(?P<octal>[0-7]{1,3})|N\{(?P<name>[^{}]+)\}"
    r"|x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8}))"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _decode(escape: re.Match[str]) -> str:
    kind, value = escape.lastgroup, escape[escape.lastindex or 0]
    if kind == "simple":
        return _SIMPLE[value]
    try:
        if kind == "name":
            return unicodedata.lookup(value)
        return chr(int(value, 8 if kind == "octal" else 16))
    except (
        KeyError,
        ValueError,
        OverflowError,
    ):  # no such character: only Python minds
        return escape[0]
