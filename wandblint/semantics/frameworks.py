"""Which frameworks log to a run by themselves.

What they log depends on their version and on the user's callbacks, so all of it counts as open.
"""

from __future__ import annotations

_NAMES = frozenset(
    {
        # Lightning, with `WandbLogger(...)`; the same name in many frameworks.
        "WandbLogger",
        "WandBLogger",
        "WandbWriter",
        # keras, xgboost, lightgbm, catboost, ultralytics, stable-baselines3
        "WandbCallback",
        "WandbMetricsLogger",
        "WandbEvalCallback",
        "wandb_callback",
        "add_wandb_callback",
        "WandbLoggerCallback",
        # transformers and trl: Trainer reports to every installed tracker by default
        "Trainer",
        "Seq2SeqTrainer",
        "SFTTrainer",
        "DPOTrainer",
        "PPOTrainer",
        "GRPOTrainer",
        "RewardTrainer",
        "WandbLoggerHook",
        "SentenceTransformerTrainer",
        # TensorBoard writers reach the run with `sync_tensorboard=True`, which hides by itself
    }
)


_RUNS = ("WandBTracker.run", "WandBTracker.tracker", "WandbLogger.experiment")
"""Attributes that are the run: of accelerate's tracker and of Lightning's logger."""

TRACKER = "accelerate.tracking.WandBTracker"
"""What `get_tracker("wandb")` of an `Accelerator` returns."""


def is_run(path: str) -> bool:
    """Whether the library object with this dotted path is wandb's run."""
    return path.endswith(_RUNS)


def logs_by_itself(path: str) -> bool:
    """Whether the library object with this dotted path logs to the active run unseen."""
    return path.rpartition(".")[2] in _NAMES and not path.startswith(("builtins.", "wandb.Run."))
