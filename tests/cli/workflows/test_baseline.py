"""`--write-baseline` and the runs after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

NAME = "wandblint-baseline.json"


def entries(project: Path, name: str = NAME) -> list[tuple[str, str]]:
    listed = json.loads((project / name).read_text(encoding="utf-8"))["findings"]
    return [(entry["path"], entry["code"]) for entry in listed]


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def known(project: Path) -> Path:
    """The project with its two findings known."""
    result = wandblint("--write-baseline", cwd=project)
    assert (result.code, result.err) == (0, f"note: {NAME}: contains 2 findings of this run\n")
    return project


def test_known_findings_are_hidden_and_counted(known: Path) -> None:
    result = wandblint(cwd=known)
    assert (result.code, result.out, result.err) == (
        0,
        "All good: 3 files checked (2 in the baseline); 2 files read.\n",
        "",
    )
    assert wandblint("--no-baseline", cwd=known).code == 1


def test_a_new_finding_fails(known: Path) -> None:
    write(known, {"lib/other.py": "import wandb\n\nrun = wandb.init(reinit=True)\n"})
    result = wandblint("--output-format", "concise", cwd=known)
    assert result.code == 1
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["lib/other.py"]


def test_a_new_key_at_a_known_location_fails(known: Path) -> None:
    text = (known / "scripts" / "train.py").read_text(encoding="utf-8")
    write(known, {"scripts/train.py": text + '    log_epoch(run, "fit_again", epoch, 2.0)\n'})
    result = wandblint("--output-format", "concise", cwd=known)
    assert result.code == 1
    assert result.out.startswith("lib/tracking.py:11:14: WB201 `fit_again/loss` has no x-axis")


def test_entries_survive_shifted_lines_and_moved_files(known: Path) -> None:
    change(known / "lib" / "tracking.py", "import wandb\n", '"""What is tracked."""\n\nimport wandb\n\n')
    (known / "lib" / "tracking.py").rename(known / "lib" / "runs.py")
    change(known / "scripts" / "train.py", "lib.tracking", "lib.runs")
    assert wandblint(cwd=known).out.startswith("All good: 3 files checked (2 in the baseline)")
    wandblint("--update-baseline", cwd=known)
    assert {path for path, _ in entries(known)} == {"lib/runs.py"}


def test_stale_entries_are_reported_and_removed_on_request(known: Path) -> None:
    change(known / "lib" / "tracking.py", ", reinit=True", "")
    result = wandblint(cwd=known)
    assert (result.code, result.err) == (
        0,
        f"note: {NAME}: 1 entry no longer matches a finding; run --update-baseline to remove stale entries\n",
    )
    assert len(entries(known)) == 2
    result = wandblint("--update-baseline", cwd=known)
    assert (result.code, result.err) == (0, f"note: {NAME}: 1 entry no longer matches a finding; removed\n")
    assert entries(known) == [("lib/tracking.py", "WB201")]
    assert wandblint(cwd=known).err == ""


def test_update_adds_nothing(known: Path) -> None:
    write(known, {"lib/other.py": "import wandb\n\nrun = wandb.init(reinit=True)\n"})
    assert wandblint("--update-baseline", cwd=known).code == 1
    assert len(entries(known)) == 2


@pytest.mark.parametrize("arguments", [("scripts",), ("--select", "WB202"), ("scripts", "--update-baseline")])
def test_entries_outside_the_selection_are_not_stale(known: Path, arguments: tuple[str, ...]) -> None:
    change(known / "lib" / "tracking.py", ", reinit=True", "")
    result = wandblint(*arguments, cwd=known)
    assert (result.code, result.err) == (0, "")
    assert len(entries(known)) == 2


def test_no_entry_is_stale_while_a_file_cannot_be_read(known: Path) -> None:
    (known / "lib" / "broken.py").write_bytes(b"import wandb\n\xff\n")
    change(known / "lib" / "tracking.py", ", reinit=True", "")
    result = wandblint("--update-baseline", cwd=known)
    assert result.code == 2
    assert len(entries(known)) == 2


def test_writing_for_one_folder_keeps_the_others(known: Path) -> None:
    write(known, {"scripts/other.py": "import wandb\n\nrun = wandb.init(reinit=True)\n"})
    assert wandblint("scripts", "--write-baseline", cwd=known).code == 0
    assert len(entries(known)) == 3
    assert wandblint(cwd=known).code == 0


def test_the_file_is_set_in_the_settings_or_on_the_command_line(project: Path) -> None:
    write(project, {"wandblint.toml": 'baseline = "ci/known.json"\n', "ci/x": ""})
    here = project / "scripts"
    assert wandblint("..", "--write-baseline", cwd=here).code == 0
    assert len(entries(project, "ci/known.json")) == 2
    assert wandblint("..", cwd=here).code == 0
    assert wandblint("..", "--isolated", cwd=here).code == 1
    assert wandblint("..", "--isolated", "--baseline", "../ci/known.json", cwd=here).code == 0


def test_a_baseline_that_cannot_be_used_hides_nothing(project: Path) -> None:
    result = wandblint("--baseline", "none.json", cwd=project)
    assert (result.code, result.err) == (2, "error: none.json: cannot be read: no such file or directory\n")
    assert "WB201" in result.out
    write(project, {NAME: "[]"})
    result = wandblint(cwd=project)
    assert result.code == 2
    assert result.err.startswith(f"error: {NAME}: not a baseline: ")
    result = wandblint("--write-baseline", "--baseline", "none/b.json", cwd=project)
    assert (result.code, result.err) == (
        2,
        "error: none/b.json: cannot be written: no such file or directory\n",
    )


def test_a_baseline_belongs_to_one_project(project: Path, clean: Path) -> None:
    result = wandblint("--baseline", "b.json", str(project), str(clean), cwd=project)
    assert (result.code, result.err) == (
        2,
        "error: --baseline b.json: a baseline belongs to one project, but 2 are named\n",
    )


def test_writing_and_disabling_the_baseline_conflict(project: Path) -> None:
    result = wandblint("--no-baseline", "--write-baseline", cwd=project)
    error = "error: --no-baseline cannot be combined with other baseline options\n"
    assert (result.code, result.err) == (2, error)
