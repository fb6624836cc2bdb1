"""Writes the picture of the README, an SVG of the output of `wandblint` for the demo.

python scripts/terminal_picture.py            writes docs/demo.svg
python scripts/terminal_picture.py --check    exits with 1 if the file is stale
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "demo.svg"
WIDTH = 104
COMMAND = ["examples/demo"]

_COLORS = [
    (240, 113, 120),
    (152, 195, 121),
    (229, 192, 123),
    (97, 175, 239),
    (198, 120, 221),
    (86, 182, 194),
]
THEME = TerminalTheme(
    (24, 26, 31),
    (220, 223, 228),
    [(24, 26, 31), *_COLORS, (220, 223, 228)],
    [(110, 118, 132), *_COLORS, (255, 255, 255)],
)

# rich's own frame loads a font from the web, which a picture in a README must not do.
FRAME = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def output() -> str:
    """Runs wandblint on the demo and returns its output, in color."""
    process = subprocess.run(
        [sys.executable, "-m", "wandblint", "--color", "always", *COMMAND],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": str(WIDTH), "PYTHONIOENCODING": "utf-8", "TERM": "xterm"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if process.returncode != 1:
        raise SystemExit(f"wandblint exited with {process.returncode}, not with findings: {process.stderr}")
    return process.stdout


def picture(printed: str) -> str:
    """The SVG of a terminal with the command and its output."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ wandblint {' '.join(COMMAND)}", style="bold"))
    console.print(Text.from_ansi(printed))
    svg = console.export_svg(title="wandblint", theme=THEME, code_format=FRAME, unique_id="wandblint")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> int:
    """Writes the picture, or with `--check` reports a stale one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 if it is stale")
    check = parser.parse_args().check
    svg = picture(output())
    if not check:
        PICTURE.write_text(svg, encoding="utf-8")
    elif PICTURE.read_text(encoding="utf-8") != svg:
        name = PICTURE.relative_to(ROOT)
        print(f"{name} is stale: run python scripts/terminal_picture.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
