"""A program that prints the records of runs with wandb's own reader, each run's after its folder's name."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from wandb.cli.cli import cli

if __name__ == "__main__":
    for run_dir in sorted(Path(sys.argv[1]).glob("offline-run-*")):
        print(run_dir.name, flush=True)
        with contextlib.suppress(SystemExit):
            cli(["leet", "inspect", "--json", str(run_dir)], standalone_mode=False)
