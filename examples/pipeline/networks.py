"""The networks: a latent space of fields, a step in it, denoisers of the step's error, and a prior."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu


def dense(*sizes: int) -> nn.Sequential:
    """A multilayer perceptron with these sizes."""
    layers: list[nn.Module] = []
    for size, following in pairwise(sizes):
        layers += [nn.Linear(size, following), nn.GELU()]
    return nn.Sequential(*layers[:-1])


class Operator(nn.Module):
    """Encodes a field, advances it by one snapshot in latent space and decodes it."""

    def __init__(self, points: int, latent_dim: int, width: int) -> None:
        super().__init__()
        self.encoder = dense(points, width, latent_dim)
        self.step = dense(latent_dim, width, width, latent_dim)
        self.decoder = dense(latent_dim, width, points)

    def advance(self, latent: Tensor) -> Tensor:
        """The latent state one snapshot later: `(batch, latent_dim)` to the same."""
        moved: Tensor = latent + self.step(latent)
        return moved

    def forward(self, u: Tensor) -> Tensor:
        """The field one snapshot later: `(batch, points)` to the same."""
        following: Tensor = self.decoder(self.advance(self.encoder(u)))
        return following


class Denoiser(nn.Module):
    """Estimates the residual of the operator from a noisy one: periodic convolutions over the grid."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv1d(3, channels, 5, padding=2, padding_mode="circular")
        self.hidden = nn.Conv1d(channels, channels, 5, padding=2, padding_mode="circular")
        self.out = nn.Conv1d(channels, 1, 5, padding=2, padding_mode="circular")
        self.level = nn.Linear(2, channels)

    def forward(self, noisy: Tensor, sigma: Tensor, u: Tensor, predicted: Tensor) -> Tensor:
        """The clean residual `(batch, points)`, in units of its own spread.

        `noisy` is the residual with noise of spread `sigma` `(batch, 1)`; `u` and `predicted` are the field
        before and after the operator's step.
        """
        log_sigma = sigma.log() / math.log(10)
        level = self.level(torch.cat([log_sigma, log_sigma.sin()], dim=1))
        scaled = noisy / (1 + sigma**2).sqrt()
        hidden = gelu(self.mix(torch.stack([scaled, u, predicted], dim=1)) + level[:, :, None])
        hidden = hidden + gelu(self.hidden(hidden))
        clean: Tensor = self.out(hidden).squeeze(1)
        return clean


class Prior(nn.Module):
    """Pulls a late latent state towards those of the training data."""

    def __init__(self, latent_dim: int, width: int) -> None:
        super().__init__()
        self.net = dense(latent_dim, width, latent_dim)

    def forward(self, noisy: Tensor) -> Tensor:
        """The clean latent state: `(batch, latent_dim)` to the same."""
        clean: Tensor = self.net(noisy)
        return clean


SIGMAS = (1.0, 0.5, 0.2, 0.05)
"""The noise levels of sampling a residual, in units of its spread."""


def draw(
    denoiser: Denoiser, start: Tensor, u: Tensor, predicted: Tensor, sigmas: tuple[float, ...]
) -> Tensor:
    """Samples a residual from noise `start` `(batch, points)`, one step of the probability flow per level."""
    current = start * sigmas[0]
    for sigma, following in pairwise((*sigmas, 0.0)):
        levels = current.new_full((len(current), 1), sigma)
        clean = denoiser(current, levels, u, predicted)
        current = clean + (current - clean) * (following / sigma)
    return current
