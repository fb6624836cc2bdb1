"""Fixes need no formatter: `ruff format` says nothing of what was formatted before it was fixed.

How long a line may be is the formatter's to know: lines are as long as it takes here.
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
from wandblint.pages.fixed import fixed
from wandblint.pages.page import Case, parse

LONG = ("--isolated", "--line-length", "320")
CASES = [
    case
    for rule in registry.rules()
    for case in parse(registry.page(rule)).cases
    if case.after_fix or case.after_unsafe_fix
]


def ruff_format(folder: Path, *arguments: str) -> str:
    """What the formatter says of a folder."""
    command = [sys.executable, "-m", "ruff", "format", "--no-cache", *arguments, "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def python(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if path.endswith(".py")}


def test_fixes_on_pages_need_no_formatter(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for number, case in enumerate(CASES):
        write(before / str(number), python(case.files))
    ruff_format(before, *LONG)
    for number, case in enumerate(CASES):
        write(after / str(number), fixed(formatted(case, before / str(number)), unsafe=True).texts)
    assert len(CASES) >= 27
    assert len(list(after.rglob("*.py"))) >= len(CASES)
    assert ruff_format(after, "--diff", *LONG) == ""


def formatted(case: Case, folder: Path) -> dict[str, str]:
    """The files of a case as they lie in a folder."""
    return case.files | {path: (folder / path).read_text(encoding="utf-8") for path in python(case.files)}


@pytest.mark.parametrize("variant", [variant for variant in VARIANTS if variant != FIXED])
def test_fixed_bugs_need_no_formatter(variant: str, tmp_path: Path) -> None:
    folder = copy(variant, tmp_path)
    assert ruff_format(folder, "--diff", "--line-length", "110") == ""
    command = [sys.executable, "-m", "wandblint", "--fix-only", "--unsafe-fixes", "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert "0 findings" not in done.stderr
    assert ruff_format(folder, "--diff", "--line-length", "110") == ""
