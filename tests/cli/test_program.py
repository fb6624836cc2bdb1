from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import environment, wandblint
from wandblint import __version__
from wandblint.cli.commands.check import GROUPS

HEAVY = (
    "libcst",
    "rich",
    "msgspec",
    "wandblint.analysis",
    "wandblint.engine",
    "wandblint.app.registry",
    "wandblint_rules",
)


@pytest.mark.parametrize("arguments", [("--version",), ("check", "--version"), ("lib", "--version")])
def test_version(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    result = wandblint(*arguments, cwd=tmp_path)
    assert (result.code, result.out) == (0, f"wandblint {__version__}\n")


@pytest.mark.parametrize("argument", ["--help", "-h"])
def test_help_names_the_options_of_check_and_the_verbs(tmp_path: Path, argument: str) -> None:
    result = wandblint(argument, cwd=tmp_path)
    assert result.code == 0
    assert all(word in result.out for word in ("--select", "--stdin-filename", "Verbs:", "0  nothing found"))


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help")])
def test_help_fits_eighty_columns_and_groups_every_option(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    out = wandblint(*arguments, cwd=tmp_path, COLUMNS="80").out
    assert [line for line in out.splitlines() if len(line) > 80 or line != line.rstrip()] == []
    sections = dict(re.findall(r"^(\w[\w ]*):\n((?:  .*\n)+)", out, re.MULTILINE))
    assert list(sections)[-8:] == [*GROUPS, "Help"]
    assert re.findall(r"^  (?:-\w, )?(--[\w-]+)", sections["Help"], re.MULTILINE) == ["--version", "--help"]


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_engine_is_not_imported_before_it_is_needed(tmp_path: Path, argument: str) -> None:
    program = (
        "import sys\nfrom wandblint.cli import main\n"
        f"main([{argument!r}])\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == "\n"
