"""The Weights & Biases calls of the demo."""

from __future__ import annotations

from typing import Any

import wandb


def start(config: dict[str, Any]) -> wandb.Run:
    run = wandb.init(project="line-fit", config=config, reinit=True)
    run.define_metric("fit/*", step_metric="fit/epoch")
    run.define_metric("evaluation/*", step_metric="evaluation/round")
    return run


def log_epoch(run: wandb.Run, phase: str, epoch: int, loss: float) -> None:
    run.log({f"{phase}/loss": loss, f"{phase}/epoch": epoch})


def log_evaluation(run: wandb.Run, loss: float) -> None:
    run.log({"evaluation/loss": loss})


def finish(run: wandb.Run) -> None:
    run.finish()
