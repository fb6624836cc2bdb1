"""Runs the projects of a rule's page with the installed wandb, offline, and reports where each one raises.

It reads pairs of a folder and its script as JSON from stdin, and prints its answer as JSON on the last line
of stdout: for each project null, or the name of the error (of wandb, or a `KeyError`) with the file and the
row of the last line of the project that it went through.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

import wandb

opened: list[wandb.Run] = []
"""The runs of the project."""

init = wandb.init


def kept_init(**arguments: Any) -> wandb.Run:
    """`wandb.init` that keeps the run, so that it can be finished after an error."""
    opened.append(init(**arguments))
    return opened[-1]


def outcome(folder: Path, script: str) -> tuple[str, str, int] | None:
    """How a script of a project ends."""
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except (wandb.Error, KeyError) as error:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if is_of(folder, frame.filename)
        ]
        return type(error).__name__, Path(frames[-1].filename).name, frames[-1].lineno or 0
    finally:
        while opened:
            opened.pop().finish()
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            if is_of(folder, getattr(module, "__file__", None) or ""):
                del sys.modules[name]
    return None


def is_of(folder: Path, file: str) -> bool:
    """Whether a file belongs to the project."""
    return bool(file) and folder in (folder / file).resolve().parents


if __name__ == "__main__":
    wandb.init = kept_init  # type: ignore[assignment]
    answers = [outcome(Path(folder).resolve(), script) for folder, script in json.load(sys.stdin)]
    print(json.dumps(answers))
