"""Frameworks that log to a run by themselves.

Their keys depend on their version and on the user's callbacks, so all of them count as open.
"""

from __future__ import annotations

import sys

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
        "WandbVisBackend",
        "WeightsAndBiasesCallback",
        "SentenceTransformerTrainer",
        # no TensorBoard writers: `sync_tensorboard=True` itself marks unseen logging
    }
)

REGISTERED = ('"WandbLoggerHook"', "'WandbLoggerHook'", '"WandbVisBackend"', "'WandbVisBackend'")
"""Front ends that the settings of mmcv and mmengine name in a string: `dict(type="WandbVisBackend")`."""

_OPENING = {
    # lightning 2.6.6 loggers/wandb.py: opens lazily, at the latest in `fit`; takes an open run
    ("lightning", "WandbLogger"): True,
    ("pytorch_lightning", "WandbLogger"): True,
    # wandb 0.31.0 integration/lightning/fabric/logger.py: as Lightning's
    ("wandb", "WandbLogger"): True,
    # torchrl 0.14.1 record/loggers/wandb.py: opens; defines an axis per key
    ("torchrl", "WandbLogger"): True,
    # pytorch-ignite 0.5.5 handlers/wandb_logger.py:147: calls `wandb.init` at once; defines nothing
    ("ignite", "WandBLogger"): False,
    # optuna-integration 5.0.0 wandb/wandb.py: calls `wandb.init` in the constructor; defines nothing
    ("optuna", "WeightsAndBiasesCallback"): False,
    ("optuna_integration", "WeightsAndBiasesCallback"): False,
    # ray 2.60.0 air/integrations/wandb.py: `setup_wandb` calls `wandb.init` and returns the run
    ("ray", "setup_wandb"): False,
    # accelerate 1.15.0 tracking.py:319: `init_trackers` calls `wandb.init`; defines nothing
    ("accelerate", "init_trackers"): False,
}
"""Calls after which a front end opens a run, by package and name, and whether it defines axes there.

Callbacks of keras, stable-baselines3, fastai, xgboost and lightgbm need an open run. Trainers of transformers
5 and ultralytics open one only where a setting asks for it.
"""

TRACKER_OWNER = "accelerate.Accelerator"
"""The class whose `init_trackers` opens a run if its `log_with` names wandb."""

_RUNS = ("WandBTracker.run", "WandBTracker.tracker", "WandbLogger.experiment")
"""Attributes of accelerate's tracker and of Lightning's logger that hold the run."""

TRACKER = "accelerate.tracking.WandBTracker"
"""The type that `Accelerator.get_tracker("wandb")` returns."""


def is_run(path: str) -> bool:
    """Whether the external with this dotted path is wandb's run."""
    return path.endswith(_RUNS)


def logs_by_itself(path: str) -> bool:
    """Whether the external with this dotted path logs to the active run by itself."""
    name = path.rpartition(".")[2]
    # `wandb.sklearn.plot_roc(...)` logs its chart.
    is_plot = path.startswith(("wandb.sklearn.", "wandb.integration.sklearn.")) and name.startswith("plot_")
    return is_plot or (name in _NAMES and not path.startswith(("builtins.", "wandb.Run.")))


def opens_run(path: str) -> bool:
    """Whether the external with this dotted path opens a run, unless one is open."""
    return _opening(path) in _OPENING


def reuses_run(path: str) -> bool:
    """Whether it uses the run that is open, in place of the one that its arguments describe."""
    return path.rpartition(".")[2] == "WandbLogger" and path.startswith(("lightning.", "pytorch_lightning."))


def opens_no_run(path: str) -> bool:
    """Whether a call of the external with this dotted path certainly opens no run.

    Nobody knows what a package does that this list does not name: it may be the team's own tracking code.
    """
    if path.startswith(_RUNNING_CODE):
        return False
    package = path.partition(".")[0]
    return package in _WITHOUT_RUNS or package in sys.stdlib_module_names or package == "wandb"


_WITHOUT_RUNS = frozenset(
    {"builtins", "numpy", "torch", "torchvision", "torchaudio", "pandas", "scipy", "sklearn", "matplotlib"}
    | {"jax", "jaxlib", "flax", "optax", "tensorflow", "PIL", "cv2", "tqdm", "yaml", "omegaconf", "rich"}
    | {"einops", "h5py", "seaborn", "requests", "click", "dotenv", "psutil", "networkx", "tabulate"}
    | {"gym", "gymnasium", "datasets", "tokenizers", "safetensors", "loguru", "skimage", "timm", "triton"}
    | {"tyro", "simple_parsing", "draccus", "fire", "jsonargparse", "configargparse", "termcolor", "colorama"}
    | {"chex", "distrax", "haiku", "equinox", "orbax", "grain", "dm_pix", "jaxtyping", "beartype", "optree"}
    | {"tiktoken", "sentencepiece", "nltk", "torchmetrics", "torch_geometric", "xformers", "albumentations"}
    | {"kornia", "imageio", "mujoco", "dm_control", "ale_py", "numba", "sympy", "joblib", "pyarrow", "zarr"}
    | {"tensorboard", "tensorboardX", "huggingface_hub", "flash_attn", "bitsandbytes", "setproctitle"}
)


_RUNNING_CODE = ("builtins.__import__", "builtins.eval", "builtins.exec", "importlib", "runpy")
"""Functions of Python that run code which only a string names, and what they return."""


def defines_axes(path: str) -> bool:
    """Whether it defines axes in the run that it opens."""
    return _OPENING.get(_opening(path), False)


def _opening(path: str) -> tuple[str, str]:
    return path.partition(".")[0], path.rpartition(".")[2]
