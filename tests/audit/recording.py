"""Small programs that record runs, and the folder of real logs that they leave."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

QUICK = {"WANDB_X_DISABLE_STATS": "true", "WANDB_X_DISABLE_META": "true"}

CRASHED = """
import os, time
import wandb
run = wandb.init(project="audit", id="crashed")
for step in range(300):
    run.log({"loss": 1.0, "text": "x" * 500})
time.sleep(2)
os._exit(1)
"""
DIED_AT_ONCE = """
import os
import wandb
wandb.init(project="audit", id="died")
os._exit(1)
"""
RESUMED = """
import sys
import wandb
with wandb.init(project="audit", id="resumed", resume="allow") as run:
    run.define_metric("train/*", step_metric="train/step")
    first = 3 * int(sys.argv[1])
    for step in range(first, first + 3):
        run.log({"train/loss": 0.5, "train/step": step})
"""
MIXED = """
import time
import wandb
run = wandb.init(project="audit", id="mixed")
run.define_metric("a", step_metric="epoch")
run.define_metric("a", summary="min")
run.define_metric("b", step_metric="epoch")
run.define_metric("b", summary="min", overwrite=True)
run.define_metric("g*", step_metric="epoch")
run.define_metric("ga*", step_metric="batch")
table = wandb.Table(columns=["x"], data=[[1]])
axes = {"epoch": 0, "batch": 0}
run.log({**axes, "a": 1, "b": 1, "gamma": 1, "nested": {"x": {"y": 1}}, "table": table, "flag": True})
run.log({"a": float("nan"), "b": float("inf"), "epoch": 1, "word": "text", "nothing": None, "list": [1, 2]})
run.log({"late": 1}, step=1)
time.sleep(2)
run.log({})
run.finish()
"""

DROPS_TEN = """
import os, sys, time
import wandb
kind, settings = sys.argv[1], {}
if kind == "silent":
    settings = {"silent": True}
elif kind == "quiet":
    settings = {"console": "off"}
run = wandb.init(project="audit", id=kind, settings=wandb.Settings(**settings))
if kind == "defined":
    run.define_metric("loss", step_metric="epoch")
for step in range(10):
    run.log({"loss": 0.5, "epoch": step}, step=step + 20)
    run.log({"accuracy": 0.5}, step=step)
print("Tried to log to step 3 that is less than the current step 9")
time.sleep(2)
if kind == "killed":
    os._exit(1)
run.finish()
"""
TWO_RUNS = """
import time
import wandb
drops = wandb.init(project="audit", id="drops", reinit="create_new")
rises = wandb.init(project="audit", id="rises", reinit="create_new")
for step in range(3):
    drops.log({"loss": 0.5}, step=step + 20)
    drops.log({"accuracy": 0.5}, step=step)
    rises.log({"loss": 0.5}, step=step)
time.sleep(2)
drops.finish()
rises.finish()
"""


def record(folder: Path, *programs: tuple[str, ...]) -> Path:
    """Runs programs with their arguments in parallel, to their end; returns their `wandb` folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
    folders = {f"WANDB_{kind}_DIR": str(folder / "cache") for kind in ("CACHE", "CONFIG", "DATA")}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", *program],
            cwd=folder,
            env={**environment, **folders, **QUICK, "WANDB_MODE": "offline"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for program in programs
    ]
    for process in running:
        process.wait()
    return folder / "wandb"
