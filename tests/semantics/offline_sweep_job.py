"""A program that calls a function as wandb's agent does, and prints what the function gets, as JSON."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import wandb

CHOSEN = {"mu": {"value": 3.0}, "sigma": {"value": 2}}


def job(own: dict[str, float]) -> dict[str, float]:
    """The config of a job that gives its own values to `wandb.init`."""
    with wandb.init(config=own) as run:
        return {key: run.config[key] for key in CHOSEN}


if __name__ == "__main__":
    json.load(sys.stdin)
    file = Path("config-defaults.yaml")
    file.write_text(json.dumps(CHOSEN), encoding="utf-8")
    os.environ |= {"WANDB_SWEEP_ID": "sweep", "WANDB_RUN_ID": "run", "WANDB_SWEEP_PARAM_PATH": str(file)}
    own = {"mu": 0.0, "sigma": 1.0}
    config = job(own)
    print(json.dumps({"config": config, "own": own}))
