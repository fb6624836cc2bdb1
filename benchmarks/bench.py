"""Measures the speed of wandblint, as ratios to other programs that run in the same minutes.

    python benchmarks/bench.py [CHECKOUT ...] [--sizes 100,1000] [--depths 1,8] [--lines 50,400]
                               [--rounds 3] [--changes 0] [--peers FOLDER] [--plot FILE.svg]
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

`--check` measures only one synthetic project, and exits with 1 if a ratio exceeds its limit.
"""

from __future__ import annotations

import argparse
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
from typing import NamedTuple

KILO = 1024
LIMITS = {"cold / parse": 1.1, "warm / click": 3.4}
"""Ratios of the project of `--check`: half as much again as what was measured when they were written down."""
CHECKED = {"size": 400, "depth": 4, "lines": 200}
RULE = Path(__file__).parent / "semgrep.yml"
"""What semgrep looks for: one pattern, as WB101 does among other things."""
LINT = [sys.executable, "-m", "wandblint", "--quiet", "--exit-zero", "."]
FIFTH = 0.2
"""What a run after a change may take of a cold one."""
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


HAND_ON = "def log_{level}(run, name, value, step):\n    log_{below}(run, name, value, step)\n"


def make(root: Path, size: int, depth: int = 1, lines: int = 0) -> None:
    """A project of so many files, the same each time.

    Its rows are logged `depth` calls deep, and its scripts have `lines` more of computing.
    """
    (root / "pyproject.toml").write_text("")
    for number in range(size):
        folder = root / f"package_{number // 100}"
        folder.mkdir(exist_ok=True)
        # Of forty files one is a wrapper, and one uses it.
        if number % (2 * EVERY) == 0:
            text = WRAPPER.format(number=number) if depth == 1 else _deep(number, depth)
        elif number % (2 * EVERY) == EVERY:
            text = USER.format(number=number - EVERY, folder=(number - EVERY) // 100) + "# wandb\n"
            text += "".join(f"total_{line} = step * {line} + len(str(step))\n" for line in range(lines))
        else:
            text = PLAIN.format(number=number) * 4
        (folder / f"module_{number}.py").write_text(text)


def _deep(number: int, depth: int) -> str:
    """The wrapper with functions between its method and wandb, so many calls deep."""
    last = "def log_0(run, name, value, step):\n    run.log({name: value, step[0]: step[1]})\n"
    handing = "".join(HAND_ON.format(level=level, below=level - 1) for level in range(1, depth - 1))
    row = 'self.run.log({{f"{{self.stage}}/{{name}}": value, f"{{self.stage}}/step": step}})'
    key, step = 'f"{{self.stage}}/{{name}}"', '(f"{{self.stage}}/step", step)'
    call = f"log_{depth - 2}(self.run, {key}, value, {step})"
    return last + handing + WRAPPER.replace(row, call).format(number=number)


class Taken(NamedTuple):
    """What a command takes: seconds of the processors and of the clock, and MB of its largest process."""

    processor: float
    clock: float
    memory: float


def taken(command: list[str], folder: Path) -> Taken:
    """What a command takes; whatever it finds is no mistake. What fails instead of working is said."""
    begin = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    running = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode not in (0, 1):
        print(f"{' '.join(command[:3])}: exit code {running.returncode}", file=sys.stderr)
    return Taken(used.ru_utime + used.ru_stime, time.perf_counter() - begin, used.ru_maxrss / KILO)


def least(rounds: int, tasks: dict[str, Callable[[], Taken]]) -> dict[str, Taken]:
    """The least of each task, run by turns."""
    found: dict[str, list[Taken]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            found[name].append(task())
    return {name: Taken(*map(min, zip(*times, strict=True))) for name, times in found.items()}


def measure(root: Path, rounds: int, peers: Path | None) -> dict[str, Taken]:
    """All that is measured of one project."""
    relevant = [str(file) for file in sorted(root.rglob("*.py")) if b"wandb" in file.read_bytes()]
    if not relevant:
        raise SystemExit(f"{root}: no file mentions wandb")

    def cold() -> Taken:
        shutil.rmtree(root / ".wandblint_cache", ignore_errors=True)
        return taken(LINT, root)

    def changed(file: str) -> Taken:
        with open(file, "a", encoding="utf-8") as stream:
            stream.write("changed = True\n")
        return taken(LINT, root)

    tasks = {
        "import click": lambda: taken([sys.executable, "-c", "import click"], root),
        "parse": lambda: taken([sys.executable, "-c", PARSE, *relevant], root),
        "cold": cold,
        "warm": lambda: taken(LINT, root),
        "first changed": lambda: changed(relevant[0]),
        "last changed": lambda: changed(relevant[-1]),
    }
    for name, command in _PEERS.items():
        if peers is not None and (peers / name).exists():
            tasks[name] = lambda command=command, name=name: taken([str(peers / name), *command], root)  # type: ignore[misc]
    return least(rounds, tasks)


def changes(root: Path, number: int, cold: float) -> list[float]:
    """For files drawn at random what a run takes by the clock after a change in the middle of one.

    It is the least of two, as a share of what a cold one takes; in order.
    """
    cache, kept = root / ".wandblint_cache", root.with_name(f"{root.name}-cache")
    shutil.rmtree(cache, ignore_errors=True)
    taken(LINT, root)
    cache.rename(kept)
    shown = subprocess.run([*LINT, "--show-files"], cwd=root, capture_output=True, text=True, check=True)
    files = sorted(name for name in shown.stdout.splitlines() if name.endswith(".py"))
    found: list[float] = []
    for name in random.Random(0).sample(files, min(number, len(files))):
        text = (root / name).read_bytes()
        (root / name).write_bytes(_changed_in_the_middle(text))
        times: list[float] = []
        for _ in range(2):
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(kept, cache)
            times.append(taken(LINT, root).clock)
        found.append(min(times) / cold)
        (root / name).write_bytes(text)
    return sorted(found)


def _changed_in_the_middle(text: bytes) -> bytes:
    lines = text.split(b"\n")
    tops = [number for number, line in enumerate(lines) if line.startswith((b"def ", b"class "))]
    at = tops[len(tops) // 2] if tops else len(lines)
    while at and lines[at - 1].startswith(b"@"):
        at -= 1
    return b"\n".join([*lines[:at], b"changed = True", *lines[at:]])


def report_changes(shares: list[float]) -> None:
    """How the shares are spread."""
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


def report(name: str, found: dict[str, Taken]) -> None:
    """Ratios to LibCST's parse of the files that mention wandb, and to a start of Python with click."""
    print(f"\n{name}")
    parse, click = found["parse"].processor, found["import click"].processor
    for task, (processor, clock, memory) in found.items():
        times = f"{processor:8.2f} s ({clock:6.2f} wall-clock) {memory:6.0f} MB"
        print(f"  {task:13}{times} {processor / parse:7.2f} parse {processor / click:7.1f} click")
    for one, other in _RATIOS:
        if {one, other} <= found.keys():
            print(f"  {one} / {other} {_ratio(found, one, other):.2f}, wall-clock ", end="")
            print(f"{found[one].clock / found[other].clock:.2f}")


def _ratio(found: dict[str, Taken], one: str, other: str) -> float:
    return found[one].processor / found[other].processor


def growth(found: dict[int, dict[str, Taken]], what: str) -> None:
    """How cost grows from one of several projects to the next."""
    for (less, before), (more, after) in zip(list(found.items()), list(found.items())[1:], strict=False):
        one, other = before["cold"], after["cold"]
        print(
            f"  {more} / {less} {what}, cold: {other.processor / one.processor:.1f} times the time, "
            f"{other.memory / one.memory:.1f} times the memory"
        )


def plot(found: dict[str, dict[str, Taken]], file: Path) -> None:
    """Bars of processor time, a group a project, on a logarithmic scale."""
    seconds = [one.processor for tasks in found.values() for one in tasks.values()]
    scale = 500 / math.log10(max(seconds) / min(seconds) * 2)
    parts, y = [], 10
    for name, tasks in found.items():
        parts.append(f'<text x="10" y="{y + 12}" font-weight="bold">{name}</text>')
        y += 20
        for task, one in tasks.items():
            width = scale * math.log10(one.processor / min(seconds) * 2)
            color = "#b8860b" if task in ("cold", "warm", "first changed", "last changed") else "#8a8f98"
            parts.append(f'<text x="110" y="{y + 11}" text-anchor="end">{task}</text>')
            parts.append(f'<rect x="116" y="{y}" width="{width:.0f}" height="13" fill="{color}"/>')
            parts.append(f'<text x="{122 + width:.0f}" y="{y + 11}">{one.processor:.2f} s</text>')
            y += 17
        y += 10
    style = 'font-family="sans-serif" font-size="12" fill="#555"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="720" height="{y}" {style}>'
    file.write_text("\n".join([head, *parts, "</svg>\n"]), encoding="utf-8")


def check(rounds: int) -> int:
    """The exit code: 1 where a ratio is above its limit."""
    with tempfile.TemporaryDirectory(prefix="wandblint-bench-") as folder:
        make(Path(folder), **CHECKED)
        found = measure(Path(folder), rounds, None)
    ratios = {
        "cold / parse": _ratio(found, "cold", "parse"),
        "warm / click": _ratio(found, "warm", "import click"),
    }
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.2f}, at most {LIMITS[name]}{'' if ratio <= LIMITS[name] else ': too slow'}")
    return int(any(ratio > LIMITS[name] for name, ratio in ratios.items()))


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
    options = parser.parse_args()
    if options.check:
        sys.exit(check(options.rounds))
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, minimum of {options.rounds} rounds")
    if options.peers is not None:
        for name in sorted(name for name in _PEERS if not (options.peers / name).exists()):
            print(f"{name} is not in {options.peers}: skipped")
    plotted: dict[str, dict[str, Taken]] = {}
    with tempfile.TemporaryDirectory(prefix="wandblint-bench-") as folder:

        def synthetic(what: str, numbers: list[int], **fixed: int) -> None:
            found: dict[int, dict[str, Taken]] = {}
            for number in numbers:
                root = Path(folder, f"{what}-{number}")
                root.mkdir()
                make(root, **{**fixed, what: number})
                peers = options.peers if what == "size" else None
                found[number] = measure(root, options.rounds, peers)
                report(f"synthetic, {what} {number}", found[number])
            growth(found, what)
            if what == "size":
                plotted.update((f"synthetic, {number} files", tasks) for number, tasks in found.items())

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
