"""One run for the whole pipeline: the trainer opens it, other processes resume it, all define the same axes.

The file named by `WANDB_CONTEXT_FILE` passes the run's id from process to process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import wandb

from config import Config

STAGES = ("operator", "diffusion_residual", "consistency_distill", "steady_prior")
"""The names of the stages in the keys of the run."""


def define_axes(run: wandb.Run) -> None:
    """Gives each stage its own x-axis.

    Every process must do this: a resumed run starts without the definitions of the previous process.
    """
    for stage in STAGES:
        run.define_metric(f"training/{stage}/*", step_metric=f"training/{stage}/step")
    run.define_metric("evaluation/*", step_metric="evaluation/trajectories")


def open_run(config: Config, settings: Mapping[str, object]) -> wandb.Run:
    """Opens the pipeline's run and writes its id for later processes.

    A restarted trainer finds the file and resumes the same run.
    """
    file = context_file()
    run_id = json.loads(file.read_text(encoding="utf-8"))["id"] if file.exists() else None
    run = wandb.init(
        project=config.wandb.project,
        name=config.wandb.name,
        id=run_id,
        resume="allow",
        job_type="pipeline",
        config=dict(settings),
    )
    define_axes(run)
    file.write_text(json.dumps({"id": run.id, "project": run.project}), encoding="utf-8")
    return run


def resume_run() -> wandb.Run:
    """Resumes the pipeline's run. Raises `FileNotFoundError` if the trainer has opened none."""
    context = json.loads(context_file().read_text(encoding="utf-8"))
    run = wandb.init(project=context["project"], id=context["id"], resume="allow")
    define_axes(run)
    return run


def context_file() -> Path:
    """The file with the run's id. Raises `KeyError` if the orchestrator has not set it."""
    return Path(os.environ["WANDB_CONTEXT_FILE"])


class StageLogger:
    """Logs the training of one stage, one row per epoch."""

    def __init__(self, run: wandb.Run, stage: str) -> None:
        self.run = run
        self.stage = stage

    def log_epoch(self, metrics: Mapping[str, float], step: int) -> None:
        """Logs the metrics of an epoch; `step` counts the epochs of this stage."""
        row = {f"training/{self.stage}/{name}": value for name, value in metrics.items()}
        self.run.log({**row, f"training/{self.stage}/step": step})

    def summarize(self, name: str, value: float) -> None:
        """Writes a final number of the stage to the summary."""
        self.run.summary[f"training/{self.stage}/{name}"] = value
