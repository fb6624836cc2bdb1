"""The reference pipeline as it is and with each of its documented bugs: copies, findings and records."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from wandblint.app.settings import Settings
from wandblint.audit.reading import read
from wandblint.dashboard.record import Record
from wandblint.engine import CheckResult, check

EXAMPLES = Path(__file__).parents[2] / "examples"
PIPELINE = EXAMPLES / "pipeline"
BUGS = EXAMPLES / "bugs"
FIXED = "fixed"
VARIANTS = [FIXED, *sorted(path.stem for path in BUGS.glob("*.patch"))]

NEEDS_TORCH = "the pipeline runs on torch, which is not installed: pip install '.[examples]'"


def copy(variant: str, folder: Path) -> Path:
    """A copy of the pipeline with the patch of a bug, if any."""
    target = folder / "pipeline"
    shutil.copytree(PIPELINE, target, ignore=shutil.ignore_patterns("out", "wandb", "__pycache__", ".*"))
    if variant != FIXED:
        # Outside a repository `git apply` patches the files of the folder.
        subprocess.run(
            ["git", "apply", "--unsafe-paths", str(BUGS / f"{variant}.patch")],
            cwd=target,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)},
            check=True,
        )
    return target


def lint(folder: Path, *, select: tuple[str, ...] = ()) -> CheckResult:
    """The result of linting a copy."""
    return check(folder, None, Settings(select=list(select)), statistics=True)


def run(folder: Path) -> Record:
    """Runs all stages of a copy offline, with the small preset; returns what it recorded."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    variables = {f"WANDB_{kind}_DIR": str(folder / "cache") for kind in ("CACHE", "CONFIG", "DATA")}
    variables |= {"MPLCONFIGDIR": str(folder / "cache")}
    variables |= {"WANDB_X_DISABLE_STATS": "true", "WANDB_X_DISABLE_META": "true"}
    command = [sys.executable, "run_fast_to_sota.py", "--config", "configs/burgers_small.yaml"]
    result = subprocess.run(
        [*command, "--output", "out", "--device", "cpu"],
        cwd=folder,
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]
    return read(folder / "out" / "wandb")
