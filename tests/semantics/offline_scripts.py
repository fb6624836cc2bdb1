"""A program that runs scripts offline with the installed wandb, and reports where they log.

Every log call adds a unique key to its row, `call 17`: a call whose key is in no recorded row was dropped.
The argument is a folder of projects; the program runs the `train.py` of each. It runs in a separate process,
because a log is complete only after its process has ended, and writes its answer to `calls.json` in that
folder.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

import wandb

calls: list[dict[str, Any]] = []
"""Every log call so far: its run, and its call stack inside the project."""

runs: set[wandb.Run] = set()
"""The runs that the project logs to."""

log = wandb.Run.log


def marked_log(run: wandb.Run, data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    """`Run.log` that also marks the row."""
    log(run, {**data, f"call {len(calls)}": 1}, *args, **kwargs)
    stack = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_stack()]
    inside = [(path.name, line) for path, line in stack if path.parent == Path.cwd()]
    calls.append({"run": run.id, "call_stack": inside})
    runs.add(run)


def install_stand_ins() -> None:
    """Replaces third-party modules that the projects use."""
    tqdm = ModuleType("tqdm")
    tqdm.tqdm = lambda items, **_: items  # type: ignore[attr-defined]
    sys.modules["tqdm"] = tqdm


def run_project(folder: Path) -> dict[str, Any]:
    """The log calls that a project makes, and the error that it ends with."""
    calls.clear()
    known = set(sys.modules)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.argv = ["train.py", "3"]
    error = None
    try:
        runpy.run_path(str(folder / "train.py"), run_name="__main__")
    except (Exception, SystemExit) as raised:
        error = repr(raised)
    sys.path.remove(str(folder))
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    while runs:
        runs.pop().finish()
    if wandb.run is not None:
        wandb.run.finish()
    return {"calls": list(calls), "error": error}


if __name__ == "__main__":
    projects = Path(sys.argv[1]).resolve()
    wandb.Run.log = marked_log  # type: ignore[method-assign]
    install_stand_ins()
    answer = {folder.name: run_project(folder) for folder in sorted(projects.iterdir())}
    (projects / "calls.json").write_text(json.dumps(answer), encoding="utf-8")
