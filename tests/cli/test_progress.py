from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
from contextlib import redirect_stderr

import pytest

from wandblint.cli import progress as module
from wandblint.cli.progress import progress

from .programs import environment

ONE_LONG_ITEM = """
import sys
from wandblint.cli import progress
progress.DELAY = progress.REDRAW = 0.01
with progress.progress(wanted=True) as show:
    if sys.argv[1:]:
        show("reading files", 0, 1)
    sys.stdin.read(1)  # this much work, in which nothing is finished
"""


class Terminal(io.StringIO):
    """A terminal that records its output."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal on which every step is drawn."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(module, "DELAY", 0)
    monkeypatch.setattr(module, "REDRAW", 0)
    return Terminal()


def test_a_bar_grows_and_disappears(terminal: Terminal) -> None:
    with redirect_stderr(terminal), progress(wanted=True) as show:
        assert show is not None
        show("reading files", 5, 10)
        show("reading files", 10, 10)
        show("analyzing functions", 7, 0)
    last = "analyzing functions 7, 0 s"
    full = f"reading files [{'#' * 30}] 10/10, 0 s"
    assert terminal.getvalue() == (
        f"\rreading files [{'#' * 15}{' ' * 15}] 5/10, 0 s"
        f"\r{full}\r{last}{' ' * (len(full) - len(last))}\r{' ' * len(last)}\r"
    )


def test_it_disappears_when_the_work_fails(terminal: Terminal) -> None:
    def work() -> None:
        with redirect_stderr(terminal), progress(wanted=True) as show:
            assert show is not None
            show("reading files", 1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert re.search(r"\r +\r\Z", terminal.getvalue())


def test_short_work_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELAY", 1e9)
    with redirect_stderr(terminal), progress(wanted=True) as show:
        assert show is not None
        show("reading files", 1, 1)
    assert terminal.getvalue() == ""


def test_no_bar_without_a_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with redirect_stderr(terminal), progress(wanted=False) as show:
        assert show is None
    with redirect_stderr(io.StringIO()), progress(wanted=True) as show:
        assert show is None
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(terminal), progress(wanted=True) as show:
        assert show is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
@pytest.mark.parametrize(("arguments", "count"), [((), ""), (("reported",), "0/1")])
def test_it_moves_while_nothing_is_finished(arguments: tuple[str, ...], count: str) -> None:
    """One big file is read, or all files are read and are analyzed."""
    import pty  # noqa: PLC0415

    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", ONE_LONG_ITEM, *arguments],
        env=environment(TERM="xterm"),
        stdin=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        shown = b""
        while len(re.findall(rf"{count}, (\d+) s", shown.decode())) < 2:
            data = os.read(controller, 1024)
            assert data, "the work ended without a bar"
            shown += data
        process.communicate(b".")
    shown += os.read(controller, 1024)
    os.close(controller)

    first, *draws, blank, last = shown.decode().split("\r")
    assert process.returncode == 0
    assert (first, blank.strip(), last) == ("", "", "")
    work = f"reading files [{' ' * 30}] {count}" if arguments else "starting"
    seconds = [int(draw.split()[-2]) for draw in draws if draw.rstrip().startswith(f"{work}, ")]
    assert seconds == sorted(set(seconds))
    assert len(seconds) > 1


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
@pytest.mark.parametrize("timer", [True, False])
def test_the_signal_handler_is_that_of_before_afterwards(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, *, timer: bool
) -> None:
    monkeypatch.setattr(module, "DELAY", 1000)
    before = signal.getsignal(signal.SIGALRM)
    with redirect_stderr(terminal), progress(wanted=True, timer=timer):
        assert (signal.getitimer(signal.ITIMER_REAL)[0] > 0) is timer
        assert (signal.getsignal(signal.SIGALRM) is not before) is timer
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before
