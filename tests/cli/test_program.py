from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import environment, wandblint
from wandblint import __version__

HEAVY = (
    "libcst",
    "rich",
    "msgspec",
    "wandblint.linking",
    "wandblint.engine",
    "wandblint.registry",
    "wandblint_rules",
)


@pytest.mark.parametrize("arguments", [("--version",), ("check", "--version"), ("lib", "--version")])
def test_version(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = wandblint(*arguments, cwd=tmp_path)
    assert (done.code, done.out) == (0, f"wandblint {__version__}\n")


@pytest.mark.parametrize("argument", ["--help", "-h"])
def test_help_names_the_options_of_check_and_the_verbs(tmp_path: Path, argument: str) -> None:
    done = wandblint(argument, cwd=tmp_path)
    assert done.code == 0
    assert all(word in done.out for word in ("--select", "--stdin-filename", "Verbs:", "Exit codes: 0 clean"))


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_linter_is_not_imported_before_it_is_needed(tmp_path: Path, argument: str) -> None:
    program = (
        "import sys\nfrom wandblint.cli import main\n"
        f"main([{argument!r}])\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "\n"
