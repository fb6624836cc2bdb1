"""What text takes on a terminal: cells, not characters; and nothing in it that could command the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TAB = 4
"""Cells between tab stops."""

_HIDDEN = (
    *range(0x80, 0xA0),
    *range(0xD800, 0xE000),
    # What turns the direction of text, or hides in it, can make source look like other source.
    *(0x061C, 0x200E, 0x200F, 0xFEFF),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_CONTROL_PICTURES = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421}
_UNSAFE = {**_CONTROL_PICTURES, **dict.fromkeys(_HIDDEN, 0xFFFD)}
_CONJOINING_JAMO = range(0x1160, 0x1200)


def printable(text: str) -> str:
    """Text of a user on one line, in which control characters are pictures of themselves."""
    return text.translate(_UNSAFE)


def character_cells(character: str) -> int:
    """The cells of a terminal that one printable character takes."""
    if character < "\u0300":
        return 0 if character == "\u00ad" else 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or ord(character) in _CONJOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells(text: str) -> int:
    """The cells of a terminal that printable text takes."""
    return len(text) if text.isascii() else sum(map(character_cells, text))


def expand(line: str) -> list[str]:
    """What to print for each character of a line: tabs become spaces, control characters pictures."""
    printed: list[str] = []
    at = 0
    for character in line:
        shown = " " * (TAB - at % TAB) if character == "\t" else printable(character)
        printed.append(shown)
        at += cells(shown)
    return printed


def wrap(text: str, width: int | None) -> Iterator[str]:
    """The lines of text in a width, broken between words only; one line if there is no width."""
    if width is None:
        yield text
        return
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and cells(longer) > width:
            yield line
            line = word
        else:
            line = longer
    yield line
