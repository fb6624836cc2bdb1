"""Evaluates the networks in its own process: loads checkpoints, predicts trajectories and resumes the run.

python evaluate.py --config configs/burgers_small.yaml --output out --split small

Writes out/SPLIT.json for the orchestrator. Final scores go to the summary of the run, the comparison to a
table and the fields to an image.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch
import wandb
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from torch import Tensor

from burgers import trajectories
from config import Config, load
from networks import SIGMAS, Denoiser, Operator, Prior, draw
from scores import Scores, persistence, score
from train import machine_of
from wandb_context import resume_run


class Predictor:
    """The trained networks."""

    def __init__(self, config: Config, checkpoints: Path, device: torch.device) -> None:
        model, points = config.model, config.problem.points
        self.device = device
        self.operator = Operator(points, model.latent_dim, model.width).to(device)
        self.denoiser = Denoiser(model.channels).to(device)
        self.student = Denoiser(model.channels).to(device)
        networks = {
            "operator": self.operator,
            "diffusion_residual": self.denoiser,
            "consistency_distill": self.student,
        }
        self.prior = None
        if config.stages.steady_prior is not None:
            self.prior = networks["steady_prior"] = Prior(model.latent_dim, model.width).to(device)
        for name, network in networks.items():
            state = torch.load(checkpoints / f"{name}.pt", map_location=device, weights_only=True)
            network.load_state_dict(state["best"])
            network.eval()
        self.spread = torch.load(checkpoints / "residual_spread.pt", weights_only=True).to(device)

    @torch.no_grad()
    def predict(self, first: Tensor, snapshots: int, corrector: str) -> Tensor:
        """Predicts trajectories `(number, snapshots, points)` from initial snapshots `(number, points)`.

        The corrector adds the operator's error: `diffusion` in all steps, `consistency` in one, or `none`.
        """
        generator = torch.Generator().manual_seed(0)
        states = [first.to(self.device)]
        for _ in range(snapshots - 1):
            u = states[-1]
            predicted = self.operator(u)
            if corrector != "none":
                network, sigmas = (
                    (self.denoiser, SIGMAS) if corrector == "diffusion" else (self.student, SIGMAS[:1])
                )
                noise = torch.randn(u.shape, generator=generator).to(self.device)
                predicted = predicted + self.spread * draw(network, noise, u, predicted, sigmas)
            # The equation conserves the mean.
            states.append(predicted - predicted.mean(dim=1, keepdim=True) + u.mean(dim=1, keepdim=True))
        return torch.stack(states, dim=1).cpu()

    @torch.no_grad()
    def distance_to_late_states(self, fields: Tensor) -> float:
        """The root mean square change of the latent states of last snapshots `(number, points)` by the prior,
        relative to that of the states."""
        if self.prior is None:
            return 0.0
        latent = self.operator.encoder(fields.to(self.device))
        moved = (self.prior(latent) - latent).pow(2).mean() / latent.pow(2).mean()
        return float(moved.sqrt())


def evaluate(config: Config, output: Path, split: str, device: torch.device) -> dict[str, Scores]:
    """Scores all predictors on a split and logs them to the pipeline's run."""
    truth = trajectories(split, config.problem, output / "cache")
    predictor = Predictor(config, output / "checkpoints", device)
    predicted = {
        "persistence": persistence(truth),
        "operator": predictor.predict(truth[:, 0], truth.shape[1], "none"),
        "diffusion": predictor.predict(truth[:, 0], truth.shape[1], "diffusion"),
        "consistency": predictor.predict(truth[:, 0], truth.shape[1], "consistency"),
    }
    scores = {name: score(trajectory, truth) for name, trajectory in predicted.items()}
    with resume_run() as run:
        for name, found in scores.items():
            for metric, value in dataclasses.asdict(found).items():
                run.summary[f"{split}_eval/{name}/{metric}"] = value
        late = predictor.distance_to_late_states(predicted["consistency"][:, -1])
        run.summary[f"{split}_eval/distance_to_late_states"] = late
        figure = picture(truth[0], predicted["consistency"][0])
        run.log(
            {
                "evaluation/trajectories": len(truth),
                "evaluation/scores": comparison(scores),
                "evaluation/fields": wandb.Image(figure),
            }
        )
        plt.close(figure)
    return scores


def comparison(scores: dict[str, Scores]) -> wandb.Table:
    """A table with one row per predictor."""
    columns = [field.name for field in dataclasses.fields(Scores)]
    table = wandb.Table(columns=["predictor", *columns])
    for name, found in scores.items():
        table.add_data(name, *dataclasses.astuple(found))
    return table


def picture(truth: Tensor, predicted: Tensor) -> Figure:
    """Truth, prediction and their difference over space and time; `(snapshots, points)` each."""
    figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True, layout="constrained")
    fields = {"truth": truth, "predicted": predicted, "difference": predicted - truth}
    for axis, (title, field) in zip(axes, fields.items(), strict=True):
        axis.imshow(field, aspect="auto", origin="lower", vmin=-2, vmax=2, cmap="RdBu")
        axis.set(title=title, xlabel="x")
    axes[0].set_ylabel("snapshot")
    return figure


def main() -> None:
    """Evaluates one split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--split", choices=["small", "full"], required=True)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()

    config = load(options.config)
    scores = evaluate(config, options.output, options.split, machine_of(options.device).device)
    text = json.dumps({name: dataclasses.asdict(found) for name, found in scores.items()}, indent=2)
    (options.output / f"{options.split}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
