"""Writes to standard output and standard error; handles terminals, encodings and closed pipes."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from wandblint.infra.secrets import masked
from wandblint.reports.display import character_cells, expand, printable
from wandblint.reports.style import ASCII, BOX, CYAN, RED, Style

if TYPE_CHECKING:
    from wandblint.reports.diff import FileDiff

_ERRORS = "wandblint-cells"
_HYPERLINK_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio"})
_HYPERLINK_TERMINALS = ("xterm-kitty", "alacritty", "foot", "xterm-ghostty", "wezterm", "contour")
_FIRST_VTE = 5000
"""VTE before 0.50 prints hyperlinks as garbage."""


def style(choice: str) -> Style:
    """The style that standard output supports; `choice` is the value of `--color`: auto, always or never."""
    terminal = sys.stdout.isatty()
    color = wants_color(choice, sys.stdout)
    links = terminal and color and _has_hyperlinks()
    return Style(_width(terminal=terminal), color, links, BOX if _can_draw(sys.stdout) else ASCII)


def wants_color(choice: str, stream: TextIO) -> bool:
    """Whether a stream gets colors: by the option, else by NO_COLOR, FORCE_COLOR and the kind of stream."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write(lines: Iterable[str], *, color: bool, to_stderr: bool = False) -> None:
    """Writes lines to standard output or standard error, without API keys.

    A closed pipe ends the output, not the program.
    """
    stream = sys.stderr if to_stderr else sys.stdout
    _survive_encoding(stream)
    try:
        for line in lines:
            click.echo(masked(line), file=stream, color=color)
        stream.flush()
    except BrokenPipeError:
        _discard(stream)


def write_data(data: bytes) -> None:
    """Writes bytes to standard output as they are."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard(sys.stdout)


def write_diffs(diffs: Sequence[FileDiff]) -> None:
    """Writes diffs to standard output: patches for programs, lines without control characters for people."""
    if not sys.stdout.isatty():
        write_data(b"".join(diff.data for diff in diffs))
        return
    lines = (line for diff in diffs for line in diff.text.removesuffix("\n").split("\n"))
    write(("".join(expand(line)) for line in lines), color=False)


def _discard(stream: TextIO) -> None:
    # Python flushes again at exit; the rest of the buffer must go somewhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def fail(message: str, color: str = "auto") -> None:
    """Writes an error of the tool to standard error."""
    _write_message("error:", RED, message, color)


def note(message: str, color: str = "auto") -> None:
    """Writes a remark that is not part of a report to standard error."""
    _write_message("note:", CYAN, message, color)


def ask(question: str, question_color: int, color: str = "auto") -> str | None:
    """Asks on standard error and reads a line from standard input; None at the end of the input."""
    _survive_encoding(sys.stderr)
    colored = wants_color(color, sys.stderr)
    painted = Style(color=colored).paint(printable(question), question_color, bold=True)
    click.echo(painted, file=sys.stderr, nl=False, color=colored)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        click.echo(file=sys.stderr)
    return line or None


def _write_message(head: str, head_color: int, message: str, color: str) -> None:
    _survive_encoding(sys.stderr)
    colored = wants_color(color, sys.stderr)
    painted = Style(color=colored).paint(head, head_color, bold=True)
    with suppress(OSError):  # there is no other place for messages, and the exit code stays
        click.echo(f"{painted} {masked(printable(message))}", file=sys.stderr, color=colored)


def _width(*, terminal: bool) -> int | None:
    """The width to wrap to: COLUMNS, else the terminal's. Pipes and files get whole lines."""
    if not terminal and not os.environ.get("COLUMNS"):
        return None
    import shutil  # noqa: PLC0415 (it imports the compression modules)

    return shutil.get_terminal_size().columns


def _can_draw(stream: TextIO) -> bool:
    try:
        "".join((BOX.corner, BOX.bar, BOX.gap, BOX.ellipsis)).encode(stream.encoding)
    except UnicodeEncodeError:
        return False
    return True


def _has_hyperlinks() -> bool:
    """Whether the terminal is known to support hyperlinks (OSC 8); others may print garbage."""
    environment = os.environ
    program, terminal = environment.get("TERM_PROGRAM"), environment.get("TERM", "")
    vte = environment.get("VTE_VERSION", "")
    return (
        program in _HYPERLINK_PROGRAMS
        or terminal.startswith(_HYPERLINK_TERMINALS)
        or any(name in environment for name in ("WT_SESSION", "KONSOLE_VERSION", "DOMTERM"))
        or (vte.isdigit() and int(vte) >= _FIRST_VTE)
    )


def _survive_encoding(stream: TextIO) -> None:
    """Makes a stream print characters outside its encoding as question marks of the same width."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        codecs.register_error(_ERRORS, _question_marks)
        reconfigure(errors=_ERRORS)


def _question_marks(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError), "only for output"
    unencodable = error.object[error.start : error.end]
    return "".join("?" * character_cells(character) for character in unencodable), error.end
