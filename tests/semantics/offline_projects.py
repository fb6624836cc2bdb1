"""A program that runs the scripts of projects offline with the installed wandb, and reports which runs open.

The argument is a folder of projects. Every Python file of a project is run as a script, by their names. It
runs in a separate process, because a log is complete only after its process has ended, and writes its answer
to `runs.json` in that folder.
"""

from __future__ import annotations

import json
import os
import random
import runpy
import sys
from pathlib import Path
from typing import Any

import wandb

runs: list[wandb.Run] = []
"""The runs that the project has opened."""

original_init = wandb.Run.__init__


def recording_init(run: wandb.Run, *args: Any, **kwargs: Any) -> None:
    """`Run.__init__` that also adds the run to `runs`."""
    original_init(run, *args, **kwargs)
    runs.append(run)


def run_project(folder: Path) -> dict[str, Any]:
    """The ids of the runs that a project opens, in order, and the errors of its scripts."""
    known, errors = set(sys.modules), []
    runs.clear()
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    for script in sorted(folder.rglob("*.py")):
        random.seed(1)
        sys.argv = [str(script)]
        try:
            runpy.run_path(str(script), run_name="__main__")
        except (Exception, SystemExit) as raised:
            errors.append(f"{script.name}: {type(raised).__name__}: {raised}")
        for name in set(sys.modules) - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]
        for run in runs:
            run.finish()
    sys.path.remove(str(folder))
    return {"runs": [run.id for run in runs], "errors": errors}


if __name__ == "__main__":
    projects = Path(sys.argv[1]).resolve()
    wandb.Run.__init__ = recording_init  # type: ignore[assignment, method-assign]
    answer = {folder.name: run_project(folder) for folder in sorted(projects.iterdir())}
    (projects / "runs.json").write_text(json.dumps(answer), encoding="utf-8")
