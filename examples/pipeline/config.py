"""The configuration of the pipeline, read from a YAML file and checked before anything runs."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import yaml

T = TypeVar("T")


class ConfigError(Exception):
    """The configuration is invalid; the message says where and why."""


@dataclass(frozen=True)
class Problem:
    """Viscous Burgers' equation u_t + u u_x = viscosity u_xx on a periodic interval of length 1."""

    points: int
    """Grid points."""
    snapshots: int
    """Snapshots per trajectory, including the initial one."""
    interval: float
    """Time between two snapshots."""
    viscosity: float
    modes: int
    """Fourier modes of a random initial snapshot."""
    train: int
    """Trajectories to train on."""
    small: int
    """Trajectories of the small split."""
    full: int
    """Trajectories of the full split."""
    seed: int


@dataclass(frozen=True)
class Model:
    """The sizes of the networks."""

    latent_dim: int
    width: int
    """Width of the hidden layers of the operator and the prior."""
    channels: int
    """Channels of the denoisers' convolutions."""


@dataclass(frozen=True)
class Stage:
    """The training of one stage."""

    epochs: int
    lr: float
    batch_size: int
    patience: int
    """Epochs without a better loss after which the stage stops."""


@dataclass(frozen=True)
class Stages:
    """The stages, in the order of training. The last one is optional."""

    operator: Stage
    diffusion_residual: Stage
    consistency_distill: Stage
    steady_prior: Stage | None


@dataclass(frozen=True)
class Gate:
    """The scores that an evaluation must reach for the pipeline to continue."""

    nrmse_of_persistence: float
    """The largest allowed nRMSE, relative to that of the persistence baseline."""


@dataclass(frozen=True)
class Tracking:
    """The settings of the wandb run."""

    project: str
    name: str


@dataclass(frozen=True)
class Config:
    """The whole configuration."""

    problem: Problem
    model: Model
    stages: Stages
    gate: Gate
    wandb: Tracking
    seed: int


def load(path: Path) -> Config:
    """Reads and checks a YAML file. Raises `ConfigError`."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from error
    config = _build(Config, content, str(path))
    if config.problem.snapshots == 1:
        raise ConfigError(f"{path}: problem.snapshots: a trajectory needs at least 2")
    if config.problem.modes * 3 > config.problem.points:
        raise ConfigError(f"{path}: problem.modes: the grid holds at most {config.problem.points // 3}")
    return config


def fingerprint(part: Problem) -> str:
    """A short name of the problem, for caches."""
    text = json.dumps(dataclasses.asdict(part), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _build(cls: type[T], content: object, where: str) -> T:
    """An instance of a dataclass from a mapping; names and types must match."""
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: expected a mapping, got {content!r}")
    hints = get_type_hints(cls)
    if unknown := sorted(set(content) - set(hints)):
        raise ConfigError(f"{where}: unknown: {', '.join(unknown)}")
    if missing := sorted(set(hints) - set(content)):
        raise ConfigError(f"{where}: missing: {', '.join(missing)}")
    values = {name: _value(hint, content[name], f"{where}: {name}") for name, hint in hints.items()}
    return cls(**values)


def _value(hint: object, value: object, where: str) -> object:
    options: tuple[Any, ...] = getattr(hint, "__args__", (hint,))
    if value is None and type(None) in options:
        return None
    wanted = options[0]
    if isinstance(wanted, type) and dataclasses.is_dataclass(wanted):
        return _build(wanted, value, where)
    if wanted is float and isinstance(value, int):
        value = float(value)
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise ConfigError(f"{where}: expected {wanted.__name__}, got {value!r}")
    if isinstance(value, (int, float)) and value < 0:
        raise ConfigError(f"{where}: must not be negative")
    return value
