"""Measures the speed of wandblint, as ratios to other programs that run at the same time.

    python benchmarks/bench.py [CHECKOUT ...] [--sizes 100,1000] [--depths 1,8] [--lines 50,400]
                               [--rounds 3] [--changes 0] [--peers FOLDER] [--plot FILE.svg]
    python benchmarks/bench.py --table CHECKOUT ...
    python benchmarks/bench.py --check

It measures synthetic projects of the given sizes (5 % of the files mention wandb, with wrappers in other
files) and checkouts: cold, warm and with one changed file (the first and the last that mention wandb).
It compares them with `python -c "import click"` and with one process that parses the files that mention
wandb with LibCST. More projects of 100 files vary one parameter: the depth of calls to `run.log`, or the
number of lines of the scripts. `--peers` is the `bin` folder of an environment with ruff, flake8, fixit,
torchfix or semgrep; missing ones are skipped. Checkouts are copied first, so nothing is written into
them.

Times are processor time (summed over the processes of a command; other work on the machine affects it least)
and wall-clock time, each the minimum of interleaved rounds. Ratios are given for both; `--check` uses
processor time. Memory is that of the largest process of a command. Python may cache compiled files, as in an
installed wandblint.

`--changes N` picks N random files of each checkout, the same in every run, and adds a statement before a
function or class in the middle, which moves all code after it. It prints the time of the next run as a share
of a cold run.

`--table` measures only a cold run of one process on each checkout, beside one process that parses every
Python file of it with LibCST. It prints a row of a Markdown table for each, with the memory and with what was
cut off because it takes too long, and the distribution of the ratios.

`--check` measures two synthetic projects, one of many files and one of scripts whose analysis takes longest,
and exits with 1 if a ratio exceeds its limit. With `--twice` the interpreter does its work twice, which the
check must notice.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

from synthetic import make, make_trainers

KILO = 1024
LIMITS = {"cold / parse": 1.1, "warm / click": 3.4, "trainers, cold / parse": 9.5}
"""Ratios of the projects of `--check`: 1.5 times the measured ones."""
CHECKED = {"size": 400, "depth": 4, "lines": 200}
CHECKED_TRAINERS = 60
RULE = Path(__file__).parent / "semgrep.yml"
"""The rule of semgrep: one pattern, which WB101 also reports."""
LINT = [sys.executable, "-m", "wandblint", "--quiet", "--exit-zero", "."]
TWICE = """
import sys
from wandblint.analysis.driver.entry_runner import EntryRunner
from wandblint.cli import main
once = EntryRunner._run_to_end
def twice(self, run, position):
    once(self, run, position)
    run.start(position)
    return once(self, run, position)
EntryRunner._run_to_end = twice
main()
"""
COLD = [*LINT[:-1], "--no-cache", "--jobs", "1", "--statistics", "--output-format", "json", "."]
FIFTH = 0.2
"""The largest share of a cold run that a run after a change should take."""
PARSE = """
import sys, libcst
for file in sys.argv[1:]:
    try:
        libcst.parse_module(open(file, "rb").read())
    except Exception:  # not Python 3, or of an unknown encoding
        pass
"""


class Cost(NamedTuple):
    """The cost of a command: seconds of processor and wall-clock time, and MB of its largest process."""

    processor: float
    clock: float
    memory: float


def cost(command: list[str], folder: Path, output: IO[str] | None = None) -> Cost:
    """Runs a command, which writes to `output`, and measures it.

    An exit code of 1 means findings; others are reported as errors.
    """
    start = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=output or subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        print(f"{' '.join(command[:3])}: exit code {process.returncode}", file=sys.stderr)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / KILO)


def least(rounds: int, tasks: dict[str, Callable[[], Cost]]) -> dict[str, Cost]:
    """The minimum of each task over interleaved rounds."""
    costs: dict[str, list[Cost]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            costs[name].append(task())
    return {name: Cost(*map(min, zip(*of_task, strict=True))) for name, of_task in costs.items()}


def measure(root: Path, rounds: int, peers: Path | None) -> dict[str, Cost]:
    """Measures a project with every task."""
    files = [file for file in sorted(root.rglob("*.py")) if file.is_file()]
    relevant = [str(file) for file in files if b"wandb" in file.read_bytes()]
    if not relevant:
        raise SystemExit(f"{root}: no file mentions wandb")

    def cold() -> Cost:
        shutil.rmtree(root / ".wandblint_cache", ignore_errors=True)
        return cost(LINT, root)

    def changed(file: str) -> Cost:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write("changed = True\n")
        return cost(LINT, root)

    tasks = {
        "import click": lambda: cost([sys.executable, "-c", "import click"], root),
        "parse": lambda: cost([sys.executable, "-c", PARSE, *relevant], root),
        "cold": cold,
        "warm": lambda: cost(LINT, root),
        "first changed": lambda: changed(relevant[0]),
        "last changed": lambda: changed(relevant[-1]),
    }
    for name, command in _PEERS.items():
        if peers is not None and (peers / name).exists():
            tasks[name] = lambda command=command, name=name: cost([str(peers / name), *command], root)  # type: ignore[misc]
    return least(rounds, tasks)


def changes(root: Path, number: int, cold: float) -> list[float]:
    """The wall-clock times, sorted, of runs after a change in the middle of a random file.

    Each is the minimum of two runs, as a share of the `cold` time.
    """
    cache, saved = root / ".wandblint_cache", root.with_name(f"{root.name}-cache")
    shutil.rmtree(cache, ignore_errors=True)
    cost(LINT, root)
    cache.rename(saved)
    process = subprocess.run([*LINT, "--show-files"], cwd=root, capture_output=True, text=True, check=True)
    files = sorted(name for name in process.stdout.splitlines() if name.endswith(".py"))
    shares: list[float] = []
    for name in random.Random(0).sample(files, min(number, len(files))):
        text = (root / name).read_bytes()
        (root / name).write_bytes(_changed_in_the_middle(text))
        times: list[float] = []
        for _ in range(2):
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(saved, cache)
            times.append(cost(LINT, root).clock)
        shares.append(min(times) / cold)
        (root / name).write_bytes(text)
    return sorted(shares)


def _changed_in_the_middle(text: bytes) -> bytes:
    lines = text.split(b"\n")
    definitions = [row for row, line in enumerate(lines) if line.startswith((b"def ", b"class "))]
    row = definitions[len(definitions) // 2] if definitions else len(lines)
    while row and lines[row - 1].startswith(b"@"):
        row -= 1
    return b"\n".join([*lines[:row], b"changed = True", *lines[row:]])


def report_changes(shares: list[float]) -> None:
    """Prints the distribution of the shares."""
    few, half, most = (shares[int(part * (len(shares) - 1))] for part in (0.25, 0.5, 0.9))
    within = sum(share <= FIFTH for share in shares) / len(shares)
    print(
        f"  one of {len(shares)} files changed / cold, wall-clock: a quarter takes at most {few:.3f}, half "
        f"{half:.3f}, nine of ten {most:.3f}, all {shares[-1]:.3f}; {within:.0%} take at most {FIFTH}"
    )


_PEERS = {
    "ruff": ["check", "--no-cache", "--isolated", "."],
    "flake8": ["--isolated", "."],
    "fixit": ["lint", "."],
    "torchfix": ["."],
    "semgrep": ["scan", "--quiet", "--metrics=off", "--disable-version-check", f"--config={RULE}", "."],
}


_RATIOS = [
    ("cold", "parse"),
    ("first changed", "cold"),
    ("last changed", "cold"),
    ("warm", "import click"),
    *((peer, "cold") for peer in _PEERS),
]


def report(name: str, costs: dict[str, Cost]) -> None:
    """Prints ratios to LibCST's parse of files that mention wandb, and to `python -c "import click"`."""
    print(f"\n{name}")
    parse, click = costs["parse"].processor, costs["import click"].processor
    for task, (processor, clock, memory) in costs.items():
        times = f"{processor:8.2f} s ({clock:6.2f} wall-clock) {memory:6.0f} MB"
        print(f"  {task:13}{times} {processor / parse:7.2f} parse {processor / click:7.1f} click")
    for task, base in _RATIOS:
        if {task, base} <= costs.keys():
            print(f"  {task} / {base} {_ratio(costs, task, base):.2f}, wall-clock ", end="")
            print(f"{costs[task].clock / costs[base].clock:.2f}")


def _ratio(costs: dict[str, Cost], task: str, base: str) -> float:
    return costs[task].processor / costs[base].processor


def growth(costs: dict[int, dict[str, Cost]], what: str) -> None:
    """Prints the growth of costs from each project to the next larger one."""
    for (less, before), (more, after) in zip(list(costs.items()), list(costs.items())[1:], strict=False):
        smaller, larger = before["cold"], after["cold"]
        print(
            f"  {more} / {less} {what}, cold: {larger.processor / smaller.processor:.1f} times the time, "
            f"{larger.memory / smaller.memory:.1f} times the memory"
        )


def plot(costs: dict[str, dict[str, Cost]], file: Path) -> None:
    """Draws bars of processor time, one group per project, on a logarithmic scale."""
    seconds = [cost.processor for tasks in costs.values() for cost in tasks.values()]
    scale = 500 / math.log10(max(seconds) / min(seconds) * 2)
    parts, y = [], 10
    for name, tasks in costs.items():
        parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{name}</text>')
        y += 20
        for task, cost in tasks.items():
            width = scale * math.log10(cost.processor / min(seconds) * 2)
            color = "#b8860b" if task in ("cold", "warm", "first changed", "last changed") else "#8a8f98"
            parts.append(f'<text x="110" y="{y + 11}" text-anchor="end">{task}</text>')
            parts.append(f'<rect x="116" y="{y}" width="{width:.0f}" height="13" fill="{color}"/>')
            parts.append(f'<text x="{122 + width:.0f}" y="{y + 11}">{cost.processor:.2f} s</text>')
            y += 17
        y += 10
    style = 'font-family="sans-serif" font-size="12" fill="#555"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}" {style}>'
    file.write_text("\n".join([head, *parts, "</svg>\n"]), encoding="utf-8")


def check(rounds: int) -> int:
    """Measures two projects; returns 1 if a ratio exceeds its limit."""
    with tempfile.TemporaryDirectory(prefix="wandblint-bench-") as folder:
        files, trainers = Path(folder, "files"), Path(folder, "trainers")
        files.mkdir()
        make(files, **CHECKED)
        costs = measure(files, rounds, None)
        trainers.mkdir()
        make_trainers(trainers, CHECKED_TRAINERS)
        of_trainers = measure(trainers, rounds, None)
    ratios = {
        "cold / parse": _ratio(costs, "cold", "parse"),
        "warm / click": _ratio(costs, "warm", "import click"),
        "trainers, cold / parse": _ratio(of_trainers, "cold", "parse"),
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}, at most {LIMITS[name]}{'' if ratio <= LIMITS[name] else ': too slow'}")
    return int(any(ratio > LIMITS[name] for name, ratio in ratios.items()))


class Row(NamedTuple):
    """A checkout: what its cold run costs and cuts off, and what parsing all of it costs."""

    name: str
    files: int
    parse: Cost
    cold: Cost
    entry_points: int
    calls: int
    of_calls: int

    @property
    def ratio(self) -> float:
        """The processor time of a cold run, relative to parsing."""
        return self.cold.processor / self.parse.processor

    def __str__(self) -> str:
        share = f"{100 * self.calls / self.of_calls:.1f} %" if self.calls else ""
        return (
            f"| {self.name.replace('+', '/', 1)} | {self.files} | {self.parse.processor:.2f} "
            f"| {self.cold.processor:.2f} | {self.ratio:.2f} | {self.cold.memory:.0f} MB "
            f"| {self.entry_points or ''} | {share} |"
        )


HEAD = """\
| project | files | parse | cold | ratio | memory | entry points cut off | calls cut off |
|---|---|---|---|---|---|---|---|"""


def table(checkouts: list[Path]) -> None:
    """Prints a row for each checkout, each measured once, and the distribution of the ratios."""
    print(HEAD)
    rows: list[Row] = []
    for root in checkouts:
        files = [str(file) for file in sorted(root.rglob("*.py")) if file.is_file()]
        parse = cost([sys.executable, "-c", PARSE, *files], root)
        with tempfile.TemporaryFile("w+") as report:
            cold = cost(COLD, root, report)
            report.seek(0)
            cut_off = json.load(report)["statistics"]["cut_off"]
        rows.append(Row(root.name, len(files), parse, cold, *cut_off.values()))
        print(rows[-1], flush=True)
    ratios = sorted(row.ratio for row in rows if row.parse.processor >= 1)
    if ratios:
        most = ratios[int(0.9 * (len(ratios) - 1))]
        print(
            f"\nWhere parsing takes 1 s or more ({len(ratios)}): half at most "
            f"{ratios[len(ratios) // 2]:.2f}, nine of ten {most:.2f}, all {ratios[-1]:.2f}."
        )
    slowest = max((row.cold.processor for row in rows if row.parse.processor < 1), default=0.0)
    print(f"Others ({len(rows) - len(ratios)}): at most {slowest:.2f} s. ", end="")
    cut_off = sum(row.entry_points for row in rows)
    share = sum(row.calls for row in rows) / max(sum(row.of_calls for row in rows), 1)
    print(f"Cut off: {cut_off} entry points, {share:.1%} of the calls.")


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word]


def main() -> None:
    """Measures synthetic projects and checkouts, and prints ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkouts", nargs="*", type=Path)
    parser.add_argument("--sizes", default="100,1000,10000", type=_numbers)
    parser.add_argument("--depths", default="1,2,4,8,16", type=_numbers)
    parser.add_argument("--lines", default="100,200,400,800", type=_numbers)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--changes", type=int, default=0)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--twice", action="store_true")
    parser.add_argument("--table", action="store_true")
    options = parser.parse_args()
    if options.table:
        table(options.checkouts)
        return
    if options.twice:
        LINT[1:3] = ["-c", TWICE]
    if options.check:
        sys.exit(check(options.rounds))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, minimum of {options.rounds} rounds")
    if options.peers is not None:
        for name in sorted(name for name in _PEERS if not (options.peers / name).exists()):
            print(f"{name} is not in {options.peers}: skipped")
    plotted: dict[str, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory(prefix="wandblint-bench-") as folder:

        def synthetic(what: str, numbers: list[int], **fixed: int) -> None:
            costs: dict[int, dict[str, Cost]] = {}
            for number in numbers:
                root = Path(folder, f"{what}-{number}")
                root.mkdir()
                make(root, **{**fixed, what: number})
                peers = options.peers if what == "size" else None
                costs[number] = measure(root, options.rounds, peers)
                report(f"synthetic, {what} {number}", costs[number])
            growth(costs, what)
            if what == "size":
                plotted.update((f"synthetic, {number} files", tasks) for number, tasks in costs.items())

        synthetic("size", options.sizes)
        synthetic("depth", options.depths, size=100)
        synthetic("lines", options.lines, size=100)
        for checkout in options.checkouts:
            root = Path(folder, "checkouts", checkout.name)
            shutil.copytree(checkout, root, ignore=shutil.ignore_patterns(".git"))
            (root / "wandblint.toml").touch()
            plotted[checkout.name] = measure(root, options.rounds, options.peers)
            report(checkout.name, plotted[checkout.name])
            if options.changes:
                report_changes(changes(root, options.changes, plotted[checkout.name]["cold"].clock))
    if options.plot is not None:
        plot(plotted, options.plot)


if __name__ == "__main__":
    main()
