"""Frameworks that log to a run by themselves.

Their keys depend on their version and on the user's callbacks, so all of them count as open.
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
        # transformers and trl: by default, Trainer reports to every installed tracker
        "Trainer",
        "Seq2SeqTrainer",
        "SFTTrainer",
        "DPOTrainer",
        "PPOTrainer",
        "GRPOTrainer",
        "RewardTrainer",
        "WandbLoggerHook",
        "SentenceTransformerTrainer",
        # no TensorBoard writers: `sync_tensorboard=True` itself marks unseen logging
    }
)

_RUNS = ("WandBTracker.run", "WandBTracker.tracker", "WandbLogger.experiment")
"""Attributes of accelerate's tracker and of Lightning's logger that hold the run."""

TRACKER = "accelerate.tracking.WandBTracker"
"""The type that `Accelerator.get_tracker("wandb")` returns."""


def is_run(path: str) -> bool:
    """Whether the external with this dotted path is wandb's run."""
    return path.endswith(_RUNS)


def logs_by_itself(path: str) -> bool:
    """Whether the external with this dotted path logs to the active run by itself."""
    return path.rpartition(".")[2] in _NAMES and not path.startswith(("builtins.", "wandb.Run."))
