"""The shell scripts of a project: which are read, and that a change of one counts."""

from __future__ import annotations

from pathlib import Path

from tests.engine_runs import write
from wandblint.app.launch_files import launch_files, sweep_files
from wandblint.app.settings import Settings
from wandblint.engine import RunResources, check

SEVERAL = b"torchrun --nnodes=2 train.py\n"
LOCAL = b"""\
import os
import wandb
if int(os.environ["LOCAL_RANK"]) == 0:
    wandb.init(project="p")
"""


def test_the_folders_that_are_read(tmp_path: Path) -> None:
    names = ["a.sh", "b.slurm", "scripts/c.sh", "slurm/d.sbatch", "data/e.sh", "f.txt"]
    write(tmp_path, dict.fromkeys(names, SEVERAL))
    assert [file.name for file in launch_files(tmp_path, [])[0]] == names[:4]


def test_what_is_no_text_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"a.sh": b"\xff\xfe torchrun --nnodes=2 train.py", "b.sh": SEVERAL})
    (tmp_path / "c.sh").mkdir()
    assert [file.name for file in launch_files(tmp_path, [])[0]] == ["a.sh", "b.sh"]


def test_a_change_of_a_script_counts(tmp_path: Path) -> None:
    write(tmp_path / "project", {"train.py": LOCAL, "train.sh": SEVERAL})
    resources = RunResources(tmp_path / "cache")

    def severities() -> list[str]:
        result = check(tmp_path / "project", None, Settings(select=["WB510"]), resources=resources)
        return [finding.severity.value for finding in result.findings]

    assert severities() == ["warning"]
    (tmp_path / "project/train.sh").write_text("torchrun --nnodes=1 train.py\n")
    assert severities() == []
    (tmp_path / "project/train.sh").unlink()
    assert severities() == ["note"]


def test_the_configurations_of_hydra_are_near_its_scripts(tmp_path: Path) -> None:
    names = [
        "conf/a.yaml",
        "src/pkg/my_configs/b.yml",
        "src/configs/deep/c.yaml",
        "other/conf/d.yaml",
        "e.yaml",
    ]
    write(tmp_path, dict.fromkeys(names, b"hydra:\n  mode: MULTIRUN\n"))
    found = launch_files(tmp_path, ["src/pkg/train.py"])[1]
    assert [file.name for file in found] == ["src/configs/deep/c.yaml", "src/pkg/my_configs/b.yml"]
    assert launch_files(tmp_path, [])[1] == ()


def test_a_change_of_a_sweep_counts(tmp_path: Path) -> None:
    logging = b"import wandb\nwith wandb.init() as run:\n    run.log({'loss': 1})\n"
    sweep = b"program: train.py\nmethod: bayes\nmetric: {name: %s}\n"
    write(tmp_path / "project", {"train.py": logging, "sweep.yaml": sweep % b"loss"})
    resources = RunResources(tmp_path / "cache")

    def codes() -> list[str]:
        result = check(tmp_path / "project", None, Settings(select=["WB403"]), resources=resources)
        return [finding.code for finding in result.findings]

    assert codes() == []
    write(tmp_path / "project", {"sweep.yaml": sweep % b"val_loss"})
    assert codes() == ["WB403"]
    assert codes() == ["WB403"], "from the cache"


def test_the_folders_of_sweeps(tmp_path: Path) -> None:
    names = ["configs/my_sweeps/c.yaml", "configs/b.yml", "s.yaml", "sweeps/a.yaml"]
    sweep = b"program: train.py\nmethod: grid\n"
    write(tmp_path, dict.fromkeys([*names, "data/x.yaml", "sweeps/old/a.yaml"], sweep))
    assert {file.name for file in sweep_files(tmp_path)} == {*names}
