"""Fixes need no formatter: `ruff format` changes nothing in fixed code that was formatted before.

Only the formatter knows how long a line may be, so lines may be very long here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.programs import write
from tests.examples.pipelines import FIXED, VARIANTS, copy
from wandblint.app import registry
from wandblint.pages.fixing import fix_files
from wandblint.pages.page import Case, parse

LONG = ("--isolated", "--line-length", "320")
CASES = [
    case
    for rule in registry.rules()
    for case in parse(registry.page(rule)).cases
    if case.after_fix or case.after_unsafe_fix
]


def ruff_format(folder: Path, *arguments: str) -> str:
    """The output of the formatter for a folder."""
    command = [sys.executable, "-m", "ruff", "format", "--no-cache", *arguments, "."]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode in {0, 1}, result.stderr
    return result.stdout


def python_files(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.endswith(".py")}


def test_fixes_on_pages_need_no_formatter(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for number, case in enumerate(CASES):
        write(before / str(number), python_files(case.files))
    ruff_format(before, *LONG)
    for number, case in enumerate(CASES):
        write(after / str(number), fix_files(formatted(case, before / str(number)), unsafe=True).texts)
    assert len(CASES) >= 27
    assert len(list(after.rglob("*.py"))) >= len(CASES)
    assert ruff_format(after, "--diff", *LONG) == ""


def formatted(case: Case, folder: Path) -> dict[str, str]:
    """The files of a case with the formatted Python of a folder."""
    return case.files | {
        path: (folder / path).read_text(encoding="utf-8") for path in python_files(case.files)
    }


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant != FIXED])
def test_fixed_bugs_need_no_formatter(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    assert ruff_format(folder, "--diff", "--line-length", "110") == ""
    command = [sys.executable, "-m", "wandblint", "--fix-only", "--unsafe-fixes", "--no-cache"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "0 findings" not in result.stderr
    assert ruff_format(folder, "--diff", "--line-length", "110") == ""
