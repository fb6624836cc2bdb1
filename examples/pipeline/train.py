"""Trains four stages in sequence and one run; evaluation loads the checkpoints, a restart resumes them.

python train.py --config configs/burgers_small.yaml --output out [--device cuda] [--compile]
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from pathlib import Path

import torch
import wandb
from torch import Tensor

from burgers import trajectories
from config import Config, Stage, load
from loop import Machine, train_stage
from networks import SIGMAS, Denoiser, Operator, Prior, draw
from wandb_context import StageLogger, open_run


class Trainer:
    """The shared state of the stages: the configuration, the data, the run and the networks so far."""

    def __init__(self, config: Config, output: Path, machine: Machine, run: wandb.Run) -> None:
        self.config = config
        self.output = output
        self.machine = machine
        self.run = run
        data = trajectories("train", config.problem, output / "cache")
        self.before = data[:, :-1].flatten(0, 1)
        """Fields `(pairs, points)`."""
        self.after = data[:, 1:].flatten(0, 1)
        """The same fields one snapshot later."""
        self.late = data[:, -max(2, data.shape[1] // 4) :].flatten(0, 1)
        """Fields of the last quarter of the trajectories."""
        points, model = config.problem.points, config.model
        device = machine.device
        self.operator = Operator(points, model.latent_dim, model.width).to(device)
        self.denoiser = Denoiser(model.channels).to(device)
        self.student = Denoiser(model.channels).to(device)
        self.prior = Prior(model.latent_dim, model.width).to(device)

    def checkpoint(self, stage: str) -> Path:
        """The checkpoint of a stage."""
        return self.output / "checkpoints" / f"{stage}.pt"

    def train_operator(self, stage: Stage) -> None:
        """Trains encoder, latent step and decoder."""
        operator = self.operator

        def loss(before: Tensor, after: Tensor) -> Tensor:
            latent = operator.encoder(before)
            error: Tensor = operator.decoder(operator.advance(latent)) - after
            kept: Tensor = operator.decoder(latent) - before
            return error.pow(2).mean() + 0.5 * kept.pow(2).mean()

        logger = StageLogger(self.run, stage="operator")
        data = (self.before, self.after)
        train_stage(operator, loss, data, stage, logger, self.checkpoint("operator"), self.machine)

    def train_diffusion_residual(self, stage: Stage) -> None:
        """Trains a denoiser of the operator's error."""
        denoiser = self.denoiser

        def loss(residual: Tensor, before: Tensor, predicted: Tensor) -> Tensor:
            # Noise levels that cover those of sampling, and slightly more.
            sigma = 10 ** (torch.rand(len(residual), 1, device=residual.device) * 2 - 1.7)
            noisy = residual + sigma * torch.randn_like(residual)
            error: Tensor = denoiser(noisy, sigma, before, predicted) - residual
            return error.pow(2).mean()

        logger = StageLogger(self.run, stage="diffusion_residual")
        train_stage(
            denoiser,
            loss,
            self.residuals(),
            stage,
            logger,
            self.checkpoint("diffusion_residual"),
            self.machine,
        )

    def train_consistency_distill(self, stage: Stage) -> None:
        """Distills the denoiser: one step of the student imitates all steps of the teacher."""
        student, teacher = self.student, self.denoiser
        student.load_state_dict(teacher.state_dict())

        def loss(residual: Tensor, before: Tensor, predicted: Tensor) -> Tensor:
            noise = torch.randn_like(residual)
            with torch.no_grad():
                target = draw(teacher, noise, before, predicted, SIGMAS)
            return (draw(student, noise, before, predicted, SIGMAS[:1]) - target).pow(2).mean()

        logger = StageLogger(self.run, stage="consistency_distill")
        train_stage(
            student,
            loss,
            self.residuals(),
            stage,
            logger,
            self.checkpoint("consistency_distill"),
            self.machine,
        )

    def train_steady_prior(self, stage: Stage) -> None:
        """Trains a denoiser of late latent states."""
        prior = self.prior
        with torch.no_grad():
            latent = self.operator.encoder(self.late.to(self.machine.device)).cpu()

        def loss(state: Tensor) -> Tensor:
            noisy = state + 0.3 * state.std() * torch.randn_like(state)
            error: Tensor = prior(noisy) - state
            return error.pow(2).mean()

        logger = StageLogger(self.run, stage="steady_prior")
        data = (latent,)
        train_stage(prior, loss, data, stage, logger, self.checkpoint("steady_prior"), self.machine)

    def residuals(self) -> tuple[Tensor, Tensor, Tensor]:
        """The operator's error in units of its spread, the fields before the step and the predicted fields;
        each `(pairs, points)`. The spread is saved for evaluation."""
        with torch.no_grad():
            predicted = self.operator(self.before.to(self.machine.device)).cpu()
        residual = self.after - predicted
        spread = residual.std()
        torch.save(spread, self.output / "checkpoints" / "residual_spread.pt")
        return residual / spread, self.before, predicted


def machine_of(device: str, *, compiled: bool = False) -> Machine:
    """The machine for a device's name; `auto` uses a GPU if there is one.

    A CPU uses one thread, or `PIPELINE_THREADS`.
    """
    found = "cuda" if torch.cuda.is_available() else "cpu"
    machine = Machine(torch.device(found if device == "auto" else device), compiled)
    if not machine.on_gpu:
        # For networks this small, two threads took three times the CPU time of one, and were slower.
        torch.set_num_threads(int(os.environ.get("PIPELINE_THREADS", "1")))
    return machine


def main() -> None:
    """Trains all stages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()

    config = load(options.config)
    torch.manual_seed(config.seed)
    (options.output / "checkpoints").mkdir(parents=True, exist_ok=True)

    machine = machine_of(options.device, compiled=options.compile)
    with open_run(config, dataclasses.asdict(config)) as run:
        trainer = Trainer(config, options.output, machine, run)
        trainer.train_operator(config.stages.operator)
        trainer.train_diffusion_residual(config.stages.diffusion_residual)
        trainer.train_consistency_distill(config.stages.consistency_distill)
        if config.stages.steady_prior is not None:
            trainer.train_steady_prior(config.stages.steady_prior)


if __name__ == "__main__":
    main()
