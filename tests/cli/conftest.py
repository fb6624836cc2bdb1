from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.programs import write

TRACKING = """\
import wandb


def start(config):
    run = wandb.init(project="demo", config=config, reinit=True)
    run.define_metric("fit/*", step_metric="fit/epoch")
    return run


def log_epoch(run, phase, epoch, loss):
    run.log({f"{phase}/loss": loss, f"{phase}/epoch": epoch})
"""
TRAIN = """\
from lib.tracking import log_epoch, start

run = start({})
for epoch in range(3):
    log_epoch(run, "fit", epoch, 1.0)
    log_epoch(run, "fit_robust", epoch, 2.0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a WB101 and a WB201 in `lib/`, and no finding in `scripts/`."""
    files = {
        "pyproject.toml": "",
        "lib/__init__.py": "",
        "lib/tracking.py": TRACKING,
        "scripts/train.py": TRAIN,
    }
    return write(tmp_path / "project", files)


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    """A project without findings."""
    return write(
        tmp_path / "clean", {"pyproject.toml": "", "train.py": "import wandb\n\nrun = wandb.init()\n"}
    )
