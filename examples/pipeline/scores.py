"""How good predicted trajectories are, against the truth and against physics."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Scores:
    """The scores of predicted trajectories, first snapshots left out."""

    nrmse: float
    """Root mean square error over the root mean square of the truth."""
    mse: float
    mae: float
    mass: float
    """How far the mean of a field, which the equation conserves, drifts: mean absolute value."""
    energy: float
    """How much the energy, which can only fall, rises in a step: mean, as a part of the first energy."""


def score(predicted: Tensor, truth: Tensor) -> Scores:
    """Scores trajectories `(number, snapshots, points)`."""
    error = predicted[:, 1:] - truth[:, 1:]
    mse = error.pow(2).mean()
    mass = predicted.mean(dim=2)
    energy = predicted.pow(2).mean(dim=2)
    rise = (energy[:, 1:] - energy[:, :-1]).clamp(min=0) / energy[:, :1]
    return Scores(
        nrmse=(mse / truth[:, 1:].pow(2).mean()).sqrt().item(),
        mse=mse.item(),
        mae=error.abs().mean().item(),
        mass=(mass - mass[:, :1]).abs().mean().item(),
        energy=rise.mean().item(),
    )


def persistence(truth: Tensor) -> Tensor:
    """The baseline: the first snapshot forever."""
    return truth[:, :1].expand_as(truth)
