"""Trajectories of the viscous Burgers' equation, computed on demand by a pseudo-spectral solver and cached.

u_t + u u_x = viscosity u_xx on x in [0, 1), periodic.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import torch
from torch import Tensor

from config import Problem, fingerprint

SUBSTEPS_PER_TIME = 2_000
"""Steps of the solver per unit of time: a Courant number of 0.2 at a speed of 3 on 128 points."""


def first_snapshots(number: int, problem: Problem, generator: torch.Generator) -> Tensor:
    """Random smooth fields with a mean of zero and a root mean square of 1: `(number, points)`."""
    x = torch.arange(problem.points) / problem.points
    wave = torch.arange(1, problem.modes + 1)
    amplitude = torch.randn(number, problem.modes, generator=generator) / wave
    phase = 2 * math.pi * torch.rand(number, problem.modes, generator=generator)
    angle = 2 * math.pi * wave[None, :, None] * x[None, None, :] + phase[:, :, None]
    u = (amplitude[:, :, None] * torch.sin(angle)).sum(dim=1)
    return u / u.pow(2).mean(dim=1, keepdim=True).sqrt()


def solve(u: Tensor, problem: Problem) -> Tensor:
    """Solves the equation from initial fields `u` `(number, points)`: returns the trajectories
    `(number, snapshots, points)`.

    Diffusion is exact (an integrating factor), the rest is Runge-Kutta of order 4; products are dealiased by
    the two-thirds rule.
    """
    steps = max(1, round(problem.interval * SUBSTEPS_PER_TIME))
    dt = problem.interval / steps
    wave = 2 * math.pi * torch.arange(problem.points // 2 + 1, dtype=torch.float64)
    kept = torch.arange(problem.points // 2 + 1) <= problem.points // 3
    half = torch.exp(-problem.viscosity * wave**2 * dt / 2)

    def slope(v: Tensor) -> Tensor:
        """The spectrum of -u u_x = -(u^2 / 2)_x."""
        square = torch.fft.irfft(v * kept, n=problem.points) ** 2
        spectrum: Tensor = -0.5j * wave * kept * torch.fft.rfft(square)
        return spectrum

    v = torch.fft.rfft(u.double())
    snapshots = [u.double()]
    for _ in range(problem.snapshots - 1):
        for _ in range(steps):
            a = slope(v)
            b = slope(half * (v + dt / 2 * a))
            c = slope(half * v + dt / 2 * b)
            d = slope(half**2 * v + dt * half * c)
            v = half**2 * v + dt / 6 * (half**2 * a + 2 * half * (b + c) + d)
        snapshots.append(torch.fft.irfft(v, n=problem.points))
    return torch.stack(snapshots, dim=1).float()


def trajectories(split: str, problem: Problem, cache: Path) -> Tensor:
    """The trajectories of a split (`train`, `small` or `full`): `(number, snapshots, points)`.

    They are read from the cache if possible. The small split is the first part of the full one."""
    name = "train" if split == "train" else "test"
    number = problem.train if name == "train" else problem.full
    file = cache / f"burgers-{fingerprint(problem)}-{name}.pt"
    if not file.exists():
        generator = torch.Generator().manual_seed(2 * problem.seed + (name == "test"))
        made = solve(first_snapshots(number, problem, generator), problem)
        cache.mkdir(parents=True, exist_ok=True)
        half = file.with_suffix(f".{os.getpid()}")
        torch.save(made, half)
        half.replace(file)
    found: Tensor = torch.load(file, weights_only=True)
    return found[: problem.small] if split == "small" else found
