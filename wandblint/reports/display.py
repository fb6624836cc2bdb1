"""Text on a terminal: its width in cells, and its control characters made visible and harmless."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TAB = 4
"""Cells between tab stops."""

_HIDDEN = (
    *range(0x80, 0xA0),
    *range(0xD800, 0xE000),
    # Invisible characters and changes of the text's direction can make source look like other source.
    *(0x061C, 0x200E, 0x200F, 0xFEFF),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
_CONTROL_PICTURES = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421}
_UNSAFE = {**_CONTROL_PICTURES, **dict.fromkeys(_HIDDEN, 0xFFFD)}
_C_ESCAPES = {
    **dict(zip("\a\b\t\n\v\f\r", (rf"\{letter}" for letter in "abtnvfr"), strict=True)),
    '"': r"\"",
    "\\": r"\\",
}
_CONJOINING_JAMO = range(0x1160, 0x1200)


def printable(text: str) -> str:
    """Makes a user's text safe to print on one line: pictures replace control characters."""
    return text.translate(_UNSAFE)


def quoted(name: str) -> str:
    """The name of a file as git writes it: one with special characters in quotes, with the escapes of C."""
    if name.isprintable() and not {'"', "\\"}.intersection(name):
        return name
    return f'"{"".join(map(_escaped, name))}"'


def _escaped(character: str) -> str:
    if character in _C_ESCAPES:
        return _C_ESCAPES[character]
    if character.isprintable():
        return character
    # A lone surrogate stands for a byte that is not UTF-8.
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", errors))


def character_cells(character: str) -> int:
    """The number of terminal cells of a printable character."""
    if character < "\u0300":
        return 0 if character == "\u00ad" else 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or ord(character) in _CONJOINING_JAMO:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells(text: str) -> int:
    """The number of terminal cells of printable text."""
    return len(text) if text.isascii() else sum(map(character_cells, text))


def expand(line: str) -> list[str]:
    """The printed form of each character of a line: tabs become spaces, control characters pictures."""
    expanded: list[str] = []
    column = 0
    for character in line:
        printed = " " * (TAB - column % TAB) if character == "\t" else printable(character)
        expanded.append(printed)
        column += cells(printed)
    return expanded


def wrap(text: str, width: int | None) -> Iterator[str]:
    """Wraps text to a width in cells, between words only. Without a width it stays one line."""
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
