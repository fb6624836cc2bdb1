"""What a terminal can show: its width, colors, links and characters."""

from __future__ import annotations

import msgspec

from wandblint.findings.finding import Severity


class Glyphs(msgspec.Struct, frozen=True):
    """The characters of source frames."""

    corner: str
    bar: str
    gap: str
    ellipsis: str


BOX = Glyphs(corner="┌─", bar="│", gap="⋮", ellipsis="…")
ASCII = Glyphs(corner="-->", bar="|", gap=":", ellipsis="...")

RED, GREEN, YELLOW, CYAN, BLUE = 31, 32, 33, 36, 94
_SEVERITY = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.NOTE: CYAN}


class Style(msgspec.Struct, frozen=True):
    """What the output of a report can show."""

    width: int | None = None
    """Cells in a row of the terminal; None if lines are not limited."""
    color: bool = False
    links: bool = False
    glyphs: Glyphs = BOX

    def room(self, used: int, least: int) -> int | None:
        """The cells next to the `used` ones, at least `least`; None if lines are not limited."""
        return None if self.width is None else max(self.width - used, least)

    def paint(self, text: str, color: int | None = None, *, bold: bool = False) -> str:
        """Text in a color and weight, if the output supports colors."""
        codes = ["1"] if bold else []
        if color is not None:
            codes.append(str(color))
        return f"\033[{';'.join(codes)}m{text}\033[0m" if self.color and codes and text else text

    def dim(self, text: str) -> str:
        """Secondary text: frames, row numbers and the like."""
        return self.paint(text, BLUE)

    def link(self, text: str, url: str) -> str:
        """Text that links to a page, if the output supports links."""
        return f"\033]8;;{url}\033\\{text}\033]8;;\033\\" if self.links else text


def severity_color(severity: Severity) -> int:
    """The color of a severity."""
    return _SEVERITY[severity]
