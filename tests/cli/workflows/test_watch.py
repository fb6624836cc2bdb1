"""`--watch`, with the real program: it ends only when it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.programs import COMMAND, environment, wandblint

pytest.importorskip("watchfiles")
WAITING = "note: watching for changes; press Ctrl-C to stop\n"


@contextmanager
def watching(project: Path) -> Iterator[subprocess.Popen[str]]:
    """The program watching a project, its two streams merged."""
    process = subprocess.Popen(
        [*COMMAND, "--watch", "--output-format", "concise"],
        cwd=project,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def report(process: subprocess.Popen[str]) -> list[str]:
    """The codes of the next report, up to the waiting note."""
    assert process.stdout is not None
    lines = []
    while (line := process.stdout.readline()) != WAITING:
        assert line, "the program ended"
        lines.append(line)
    return [line.split()[1] for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="another way to interrupt")
def test_every_change_is_reported_until_it_is_interrupted(project: Path) -> None:
    file = project / "lib" / "tracking.py"
    with watching(project) as process:
        assert report(process) == ["WB101", "WB201"]
        file.write_text(file.read_text("utf-8").replace(", reinit=True", ""), encoding="utf-8")
        assert report(process) == ["WB201"]
        (project / "pyproject.toml").write_text('[tool.wandblint]\nignore = ["ALL"]\n', encoding="utf-8")
        assert report(process) == []
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def test_a_missing_path_ends_the_program(project: Path) -> None:
    result = wandblint("--watch", "none.py", cwd=project)
    assert (result.code, result.err) == (2, "error: none.py: no such file or folder\n")


@pytest.mark.parametrize("other", [("-",), ("--fix",), ("--write-baseline",), ("--add-ignore",)])
def test_options_that_change_files_are_rejected(project: Path, other: tuple[str, ...]) -> None:
    result = wandblint("--watch", *other, cwd=project)
    assert result.code == 2
    assert "--watch cannot be combined with `-` or with options that change files" in result.err


def test_without_watchfiles_the_error_says_what_to_install(project: Path) -> None:
    hidden = "import sys; sys.modules['watchfiles'] = None; from wandblint.cli import main; sys.exit(main())"
    result = subprocess.run(
        [sys.executable, "-c", hidden, "--watch"],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stderr == "error: --watch needs watchfiles: pip install 'wandblint[watch]'\n"
