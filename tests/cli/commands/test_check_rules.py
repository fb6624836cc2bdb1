"""`wandblint check-rules` tests the pages of a pack like those of the built-in rules."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.cli.programs import wandblint

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "rule_pack"


def python_path(*folders: Path) -> str:
    """The `PYTHONPATH` that makes distributions in these folders count as installed."""
    return os.pathsep.join(map(str, (*folders, ROOT)))


def test_the_example_pack_passes(tmp_path: Path) -> None:
    result = wandblint("check-rules", "team_rules", cwd=tmp_path, PYTHONPATH=python_path(EXAMPLE))
    assert (result.code, result.out, result.err) == (0, "ACME001 unnamed-run: ok, 4 cases\n", "")


def test_a_case_that_fails_is_named(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "team_rules", tmp_path / "team_rules")
    page = tmp_path / "team_rules" / "unnamed_run.md"
    page.write_text(page.read_text("utf-8").replace("has no name", "another message"), encoding="utf-8")
    result = wandblint("check-rules", "team_rules", cwd=ROOT, PYTHONPATH=python_path(tmp_path))
    assert result.code == 1
    assert result.out.startswith("ACME001 unnamed-run: failed, 4 cases\n  started in another file: ")


def test_a_pack_in_the_working_folder_is_not_imported(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "team_rules", tmp_path / "team_rules")
    result = wandblint("check-rules", "team_rules", cwd=tmp_path, PYTHONPATH=python_path())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: rule pack team_rules cannot be imported: ModuleNotFoundError")
