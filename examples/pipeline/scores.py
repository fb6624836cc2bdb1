"""Scores of predicted trajectories: their errors against the truth and against physics."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Scores:
    """The scores of predicted trajectories without their initial snapshots."""

    nrmse: float
    """Root mean square error over the root mean square of the truth."""
    mse: float
    mae: float
    mass: float
    """The mean absolute drift of the fields' means, which the equation conserves."""
    energy: float
    """The mean rise per step of the energy, which can only fall, relative to the initial energy."""


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
    """The persistence baseline: the initial snapshot at all times."""
    return truth[:, :1].expand_as(truth)
