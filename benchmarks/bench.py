"""How long wandblint takes, as ratios to what runs beside it in the same minute.

    python benchmarks/bench.py [CHECKOUT ...] [--sizes 100,1000] [--rounds 3] [--peers FOLDER]

Synthetic projects of the given sizes (5 % of the files mention wandb, wrappers over files) and checkouts
are measured cold, warm and with one file changed, each beside `python -c "import click"` and one process
that parses the files that mention wandb with LibCST. `--peers` is the `bin` folder of an environment with
ruff, flake8, fixit or torchfix. Checkouts are copied first: nothing is written into them.

Times are of the processors (a command's processes together, which other work on the machine changes least)
and of the clock, each the least of the rounds, which are run by turns. Ratios are of the former.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

EVERY = 20
"""One file in so many mentions wandb."""
PARSE = """
import sys, libcst
for file in sys.argv[1:]:
    try:
        libcst.parse_module(open(file, "rb").read())
    except libcst.ParserSyntaxError:
        pass
"""
WRAPPER = """\
import wandb


class Logger{number}:
    def __init__(self, stage):
        self.stage = stage
        self.run = wandb.init(project="bench")
        self.run.define_metric(f"{{stage}}/*", step_metric=f"{{stage}}/step")

    def log(self, name, value, step):
        self.run.log({{f"{{self.stage}}/{{name}}": value, f"{{self.stage}}/step": step}})
"""
PLAIN = """\
import math


def work_{number}(values, scale=1.0):
    total = 0.0
    for index, value in enumerate(values):
        total += math.sqrt(abs(value)) * scale + index
    return {{"total": total, "mean": total / max(len(values), 1)}}


class Layer{number}:
    def __init__(self, width, depth=3):
        self.width, self.depth = width, depth

    def forward(self, batch):
        return [row[: self.width] for row in batch for _ in range(self.depth)]
"""
USER = """\
from package_{folder}.module_{number} import Logger{number}

logger = Logger{number}("train_{number}")
for step in range(100):
    logger.log("loss", 1.0 / (step + 1), step)
"""


def make(root: Path, size: int) -> None:
    """A project of so many files, the same each time."""
    (root / "pyproject.toml").write_text("")
    for number in range(size):
        folder = root / f"package_{number // 100}"
        folder.mkdir(exist_ok=True)
        # Of forty files one is a wrapper, and one uses it.
        if number % (2 * EVERY) == 0:
            text = WRAPPER.format(number=number)
        elif number % (2 * EVERY) == EVERY:
            text = USER.format(number=number - EVERY, folder=(number - EVERY) // 100) + "# wandb\n"
        else:
            text = PLAIN.format(number=number) * 4
        (folder / f"module_{number}.py").write_text(text)


class Seconds(NamedTuple):
    """What a command takes: of the processors, and of the clock."""

    processor: float
    clock: float


def seconds(command: list[str], folder: Path) -> Seconds:
    """How long a command takes; whatever it finds is no mistake."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    return Seconds(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, end - begin)


def least(rounds: int, tasks: dict[str, Callable[[], Seconds]]) -> dict[str, Seconds]:
    """The least times of each task, run by turns."""
    found: dict[str, list[Seconds]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            found[name].append(task())
    return {name: Seconds(*map(min, zip(*times, strict=True))) for name, times in found.items()}


def measure(root: Path, rounds: int, peers: Path | None) -> dict[str, Seconds]:
    """All that is measured of one project."""
    lint = [sys.executable, "-m", "wandblint", "--quiet", "--exit-zero", "."]
    relevant = [str(file) for file in sorted(root.rglob("*.py")) if b"wandb" in file.read_bytes()]
    if not relevant:
        raise SystemExit(f"{root}: no file mentions wandb")

    def cold() -> Seconds:
        shutil.rmtree(root / ".wandblint_cache", ignore_errors=True)
        return seconds(lint, root)

    def changed() -> Seconds:
        with open(relevant[-1], "a", encoding="utf-8") as stream:
            stream.write("# changed\n")
        return seconds(lint, root)

    tasks = {
        "import click": lambda: seconds([sys.executable, "-c", "import click"], root),
        "parse": lambda: seconds([sys.executable, "-c", PARSE, *relevant], root),
        "cold": cold,
        "warm": lambda: seconds(lint, root),
        "one changed": changed,
    }
    for name, command in _PEERS.items():
        if peers is not None and (peers / name).exists():
            tasks[name] = lambda command=command, name=name: seconds([str(peers / name), *command], root)  # type: ignore[misc]
    return least(rounds, tasks)


_PEERS = {
    "ruff": ["check", "--no-cache", "--isolated", "."],
    "flake8": ["--isolated", "."],
    "fixit": ["lint", "."],
    "torchfix": ["."],
}


def report(name: str, found: dict[str, Seconds]) -> None:
    """Ratios to LibCST's parse of the files that mention wandb, and to a start of Python with click."""
    print(f"\n{name}")
    longest = max(taken.processor for taken in found.values())
    parse, click = found["parse"].processor, found["import click"].processor
    for task, (processor, clock) in found.items():
        bar = "#" * max(1, round(30 * processor / longest))
        times = f"{processor:8.2f} s ({clock:6.2f} of the clock)"
        print(f"  {task:13}{times} {processor / parse:7.2f} parse {processor / click:7.1f} click  {bar}")


def main() -> None:
    """Measures synthetic projects and checkouts, and prints ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", nargs="*", type=Path)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path)
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, least of {options.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="wandblint-bench-") as folder:
        for size in map(int, filter(None, options.sizes.split(","))):
            root = Path(folder, f"synthetic-{size}")
            root.mkdir()
            make(root, size)
            report(f"{size} synthetic files", measure(root, options.rounds, options.peers))
        for checkout in options.checkouts:
            root = Path(folder, "checkouts", checkout.name)
            shutil.copytree(checkout, root, ignore=shutil.ignore_patterns(".git"))
            (root / "wandblint.toml").touch()
            report(checkout.name, measure(root, options.rounds, options.peers))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"\npeak memory of the largest process: {peak / 1024:.0f} MB")


if __name__ == "__main__":
    main()
