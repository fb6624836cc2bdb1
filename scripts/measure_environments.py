"""Measures what pre-commit installs for wandblint and for other linters: packages, megabytes, seconds.

python scripts/measure_environments.py [REQUIREMENT...]

Creates the environments as pre-commit does, with virtualenv and `pip install`, without pip's cache. Prints
the rows of the table in docs/ci.md; the seconds depend on this machine and its connection to the registry.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OTHERS = ("flake8", "fixit", "ruff")
MEGA = 1_000_000


def measure(requirement: str, name: str) -> str:
    """The row of the table for one environment."""
    with tempfile.TemporaryDirectory() as folder:
        python = str(Path(folder, "bin", "python"))
        start = time.perf_counter()
        run(sys.executable, "-m", "virtualenv", "--quiet", folder)
        empty = size(folder)
        run(python, "-m", "pip", "install", "--quiet", "--no-cache-dir", requirement)
        seconds = time.perf_counter() - start
        installed = json.loads(run(python, "-m", "pip", "list", "--format=json"))
        packages = [entry for entry in installed if entry["name"] not in ("pip", "setuptools", "wheel")]
        (version,) = (entry["version"] for entry in installed if entry["name"] == name)
        added = (size(folder) - empty) / MEGA
    return f"| {name} {version} | {len(packages)} | {added:.1f} | {seconds:.0f} |"


def size(folder: str) -> int:
    """The total bytes of all files below a folder."""
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def run(*command: str) -> str:
    """Runs a program, which must succeed, and returns its output."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def main() -> None:
    """Prints a row for wandblint and one for each other linter."""
    print("| Tool | packages | MB | seconds |\n| --- | --- | --- | --- |")
    print(measure(str(ROOT), "wandblint"), flush=True)
    for other in sys.argv[1:] or OTHERS:
        print(measure(other, other), flush=True)


if __name__ == "__main__":
    main()
