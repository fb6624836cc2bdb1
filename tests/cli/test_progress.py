from __future__ import annotations

import io
from contextlib import redirect_stderr

import pytest

from wandblint.cli import progress as module
from wandblint.cli.progress import progress


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
        show(5, 10)
        show(10, 10)
    assert terminal.getvalue() == (
        f"\r\033[Kreading [{'#' * 15}{' ' * 15}] 5/10 files\r\033[Kreading [{'#' * 30}] 10/10 files\r\033[K"
    )


def test_it_disappears_when_the_work_fails(terminal: Terminal) -> None:
    def work() -> None:
        with redirect_stderr(terminal), progress(wanted=True) as show:
            assert show is not None
            show(1, 2)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert terminal.getvalue().endswith("\r\033[K")


def test_short_work_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DELAY", 1e9)
    with redirect_stderr(terminal), progress(wanted=True) as show:
        assert show is not None
        show(1, 1)
    assert terminal.getvalue() == ""


def test_no_bar_without_a_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    with redirect_stderr(terminal), progress(wanted=False) as show:
        assert show is None
    with redirect_stderr(io.StringIO()), progress(wanted=True) as show:
        assert show is None
    monkeypatch.setenv("TERM", "dumb")
    with redirect_stderr(terminal), progress(wanted=True) as show:
        assert show is None
