"""A program that runs the programs of a folder offline with the installed wandb, each in its own folder.

It writes the ids of the runs of each program, in the order of their opening, to `runs.json` in that folder.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
from pathlib import Path
from typing import Any

import wandb

ids: list[str] = []
original_init = wandb.Run.__init__


def recording_init(run: wandb.Run, *args: Any, **kwargs: Any) -> None:
    """`Run.__init__` that also adds the id of the run to `ids`."""
    original_init(run, *args, **kwargs)
    ids.append(run.id)


def run_program(folder: Path) -> dict[str, Any]:
    """The ids of the runs that a program opens, and the error that it ends with."""
    ids.clear()
    known, error = set(sys.modules), None
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        runpy.run_path(str(folder / "train.py"), run_name="__main__")
    except (Exception, SystemExit) as raised:
        error = repr(raised)
    sys.path.remove(str(folder))
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    while wandb.run is not None:
        wandb.run.finish()
    return {"runs": list(ids), "error": error}


if __name__ == "__main__":
    programs = Path(sys.argv[1]).resolve()
    wandb.Run.__init__ = recording_init  # type: ignore[assignment, method-assign]
    answer = {folder.name: run_program(folder) for folder in sorted(programs.iterdir())}
    (programs / "runs.json").write_text(json.dumps(answer), encoding="utf-8")
