"""`wandblint check-rules`: the pages of a pack are tried as those of the built-in rules are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.cli.programs import wandblint

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "rule_pack"


def path(*folders: Path) -> str:
    """What `PYTHONPATH` is where distributions in these folders count as installed."""
    return os.pathsep.join(map(str, (*folders, ROOT)))


def test_the_example_keeps_its_promises(tmp_path: Path) -> None:
    done = wandblint("check-rules", "team_rules", cwd=tmp_path, PYTHONPATH=path(EXAMPLE))
    assert (done.code, done.out, done.err) == (0, "ACME001 unnamed-run: ok, 4 cases\n", "")


def test_a_case_that_fails_is_named(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "team_rules", tmp_path / "team_rules")
    page = tmp_path / "team_rules" / "unnamed_run.md"
    page.write_text(page.read_text("utf-8").replace("has no name", "another message"), encoding="utf-8")
    done = wandblint("check-rules", "team_rules", cwd=ROOT, PYTHONPATH=path(tmp_path))
    assert done.code == 1
    assert done.out.startswith("ACME001 unnamed-run: failed, 4 cases\n  started in another file: ")


def test_a_pack_in_the_working_folder_is_not_imported(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "team_rules", tmp_path / "team_rules")
    done = wandblint("check-rules", "team_rules", cwd=tmp_path, PYTHONPATH=path())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: rule pack team_rules cannot be imported: ModuleNotFoundError")
