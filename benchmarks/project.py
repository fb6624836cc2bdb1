"""How long `wandblint` takes on a project, beside `fixit lint` on the same tree in the same minute.

    python benchmarks/project.py FOLDER [--rounds 3] [--fixit PATH_TO_FIXIT]

Both are run as a user runs them, by turns; what counts is the ratio of their processor times, which other
work on the machine moves least. Without `--fixit` the program of that name on the PATH is taken.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path


def processor_seconds(command: list[str], folder: Path) -> float:
    """User and system time of one run. Raises SystemExit where the program fails instead of linting."""
    before = os.times()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = os.times()
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{command[0]} exited with {done.returncode}: {done.stderr[-500:]}")
    return after.children_user - before.children_user + after.children_system - before.children_system


def main() -> None:
    """Measures by turns and prints both medians and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fixit", default=shutil.which("fixit"))
    options = parser.parse_args()
    if options.fixit is None:
        raise SystemExit("fixit is not on the PATH: install it, or name it with --fixit")
    commands = {
        "wandblint": [sys.executable, "-m", "wandblint", "--quiet", "."],
        "fixit": [options.fixit, "lint", "."],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            times[name].append(processor_seconds(command, options.folder))
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, seconds in medians.items():
        print(f"{name:10} {seconds:7.2f} s of processor time, median of {options.rounds}")
    print(f"ratio      {medians['wandblint'] / medians['fixit']:7.3f}")


if __name__ == "__main__":
    main()
