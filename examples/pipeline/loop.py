"""Trains one stage: epochs, schedule, gradient clipping, early stopping, checkpoints and resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from config import Stage
from wandb_context import StageLogger

Loss = Callable[..., Tensor]
"""Computes the loss of a batch from its tensors."""


@dataclass(frozen=True)
class Machine:
    """The device, its precision and compilation."""

    device: torch.device
    compiled: bool
    """Whether the losses are compiled with torch.compile."""

    @property
    def on_gpu(self) -> bool:
        """Whether this is a GPU, where bf16 and pinned memory are faster."""
        return self.device.type == "cuda"

    def autocast(self) -> torch.autocast:
        """bf16 on a GPU, plain float32 elsewhere."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.on_gpu)


def train_stage(
    network: nn.Module,
    loss_of: Loss,
    tensors: tuple[Tensor, ...],
    stage: Stage,
    logger: StageLogger,
    checkpoint: Path,
    machine: Machine,
) -> float:
    """Trains a network in place and returns its best loss; the network gets its best weights.

    Training resumes from a checkpoint if there is one.
    """
    optimizer = torch.optim.AdamW(network.parameters(), lr=stage.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=max(stage.epochs, 1))
    parts: dict[str, Any] = {"network": network, "optimizer": optimizer, "schedule": schedule}
    best_loss, best, since, first = math.inf, _weights(network), 0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=machine.device, weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        best_loss, best, since, first = state["best_loss"], state["best"], state["since"], state["epochs"]

    loader = DataLoader(
        TensorDataset(*tensors), batch_size=stage.batch_size, shuffle=True, pin_memory=machine.on_gpu
    )
    compute = torch.compile(loss_of) if machine.compiled else loss_of
    for epoch in range(first, stage.epochs):
        if since >= stage.patience:
            break
        started = time.perf_counter()
        loss, grad_norm = _train_epoch(network, compute, loader, optimizer, machine)
        lr = float(schedule.get_last_lr()[0])
        schedule.step()
        since = 0 if loss < best_loss else since + 1
        if since == 0:
            best_loss, best = loss, _weights(network)
        logger.log_epoch(
            {
                "loss": loss,
                "lr": lr,
                "grad_norm": grad_norm,
                "epochs_since_improve": since,
                "epoch_time_sec": time.perf_counter() - started,
                "best_loss": best_loss,
            },
            step=epoch + 1,
        )
        state = {name: part.state_dict() for name, part in parts.items()}
        state |= {"best": best, "best_loss": best_loss, "since": since, "epochs": epoch + 1}
        torch.save(state, checkpoint)
    network.load_state_dict(best)
    logger.summarize("final_loss", best_loss)
    return best_loss


def _train_epoch(
    network: nn.Module,
    loss_of: Loss,
    loader: DataLoader[tuple[Tensor, ...]],
    optimizer: torch.optim.Optimizer,
    machine: Machine,
) -> tuple[float, float]:
    """One pass over the data: the mean loss and the mean norm of the gradient."""
    network.train()
    losses, norms = [], []
    for batch in loader:
        with machine.autocast():
            loss = loss_of(*(tensor.to(machine.device, non_blocking=True) for tensor in batch))
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        norms.append(nn.utils.clip_grad_norm_(network.parameters(), 1.0))
        losses.append(loss.detach())
        optimizer.step()
    network.eval()
    return torch.stack(losses).mean().item(), torch.stack(norms).mean().item()


def _weights(network: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}
