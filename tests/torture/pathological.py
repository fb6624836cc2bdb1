"""Small programs that are expensive to analyze, and the time and memory that they may take."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cli.programs import COMMAND, environment
from tests.torture.program import ROOT, Program

SECONDS, MEGABYTES = 5.0, 500
_GIVE_UP = 20
"""The processor seconds after which a program is stopped."""
START = "import wandb\n\nrun = wandb.init()\n"

_ISSUE = "issue 20"
_AT_THE_LIMIT = "at the limit on a loaded machine"
KNOWN = {
    "classes with super()": _ISSUE,
    "diamond of super()": _ISSUE,
    "chain of functions": _ISSUE,
    "chain of functions that log": _ISSUE,
    "chain of functions, not called": _ISSUE,
    "globs times rows": _AT_THE_LIMIT,
    "charts of keys": _AT_THE_LIMIT,
    "dict of keys beside a fix": _ISSUE,
    "log calls in functions": _AT_THE_LIMIT,
}
"""The programs above a limit, and why."""


@dataclass(frozen=True)
class Shape:
    """A kind of program: its text by size, its usual size, and how it is linted."""

    build: Callable[[int], str]
    size: int
    arguments: tuple[str, ...] = ("--output-format", "concise", "--jobs", "1")
    file: str = "program.py"


@dataclass(frozen=True)
class Cost:
    """What a run took."""

    code: int
    seconds: float
    megabytes: float
    err: str


MEASURED: dict[str, Cost] = {}
"""The costs of the programs that were run by this process."""


def _lines(template: str, size: int, start: int = 0) -> str:
    """A line for each number, in which `N` is the number and `P` the one before."""
    return "".join(
        template.replace("P", str(number - 1)).replace("N", str(number)) for number in range(start, size)
    )


def _definitions(size: int) -> str:
    definitions = _lines("run.define_metric('kN', step_metric='sN')\n", size)
    return definitions + "while x:\n" + _lines("    run.log({'kN': 1})\n", size)


def _rows(size: int) -> str:
    return ", ".join(f"'k{number}': 1" for number in range(size))


def _supers(size: int) -> str:
    first = "class C0:\n    def f(self):\n        run.log({'a': 1})\n"
    others = "class CN(CP):\n    def f(self):\n        super().f()\n        run.log({'aN': 1})\n"
    return f"{first}{_lines(others, size, 1)}C{size - 1}().f()\n"


def _super_inits(size: int) -> str:
    first = "class C0:\n    def __init__(self):\n        self.a = 1\n"
    others = "class CN(CP):\n    def __init__(self):\n        super().__init__()\n        self.aN = 1\n"
    return f"{first}{_lines(others, size, 1)}x = C{size - 1}()\nrun.log({{'a': x.a}})\n"


def _diamond(size: int) -> str:
    first = "class A0:\n    def f(self):\n        run.log({'a': 1})\n"
    level = "class LN(AP):\n    pass\nclass RN(AP):\n    pass\nclass AN(LN, RN):\n    pass\n"
    return f"{first}{_lines(level, size + 1, 1)}A{size}().f()\n"


def _diamond_of_supers(size: int) -> str:
    return _diamond(size).replace("    pass\n", "    def f(self):\n        super().f()\n")


def _chain(size: int) -> str:
    others = _lines("def fN():\n    fP()\n", size, 1)
    return f"def f0():\n    run.log({{'a': 1}})\n{others}f{size - 1}()\n"


def _logging_chain(size: int) -> str:
    return _chain(size).replace("():\n    f", "():\n    run.log({'b': 1})\n    f")


def _uncalled_chain(size: int) -> str:
    return "def f0(run):\n    run.log({'a': 1})\n" + _lines("def fN(run):\n    fP(run)\n", size, 1)


def _globs(size: int) -> str:
    keys = ", ".join(f"'g{number}/k': 1" for number in range(size))
    definitions = _lines("run.define_metric('gN/*', step_metric='s')\n", size)
    return f"{definitions}while x:\n    run.log({{{keys}, 's': x}})\n"


def _globs_in_rows(size: int) -> str:
    definitions = _lines("run.define_metric('gN/*', step_metric='s')\n", size)
    return definitions + "while x:\n" + _lines("    run.log({'hN/k': 1})\n", size)


def _notebook(size: int) -> str:
    cell = (
        '{"cell_type": "code", "metadata": {}, "outputs": [], "source": "import wandb\\nrun = wandb.init()"}'
    )
    return f'{{"cells": [{", ".join([cell] * size)}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'


CHARTS = ("charts",)
PROGRAMS: dict[str, Shape] = {
    "definitions times keys": Shape(_definitions, 250),
    "classes with super()": Shape(_supers, 200),
    "classes with super().__init__()": Shape(_super_inits, 200),
    "diamond of classes": Shape(_diamond, 60),
    "diamond of super()": Shape(_diamond_of_supers, 60),
    "chain of functions": Shape(_chain, 2000),
    "chain of functions that log": Shape(_logging_chain, 2000),
    "chain of functions, not called": Shape(_uncalled_chain, 2000),
    "globs times keys in a row": Shape(_globs, 1000),
    "globs times rows": Shape(_globs_in_rows, 1000),
    "charts of keys": Shape(lambda size: f"run.log({{{_rows(size)}}})\n", 100_000, CHARTS),
    "charts of rows": Shape(lambda size: _lines("run.log({'kN': 1})\n", size), 10_000, CHARTS),
    "dict of keys beside a fix": Shape(
        lambda size: f"D = {{{_rows(size)}}}\nwandb.init(reinit=True)\n", 50_000
    ),
    "log calls with step": Shape(
        lambda size: _lines("run.log({'metric_number_N': N, 'other_N': value}, step=N)\n", size), 7700
    ),
    "log calls": Shape(
        lambda size: _lines("run.log({'metric_number_N': N, 'other_N': value})\n", size), 8300
    ),
    "log calls in a loop": Shape(
        lambda size: "while x:\n" + _lines("    run.log({'metric': N, 'other': v}, step=i)\n", size), 10_000
    ),
    "log calls in functions": Shape(
        lambda size: _lines("def fN(run, value):\n    run.log({'metric_N': N, 'other_N': value})\n", size),
        6000,
    ),
    "log calls in branches": Shape(
        lambda size: _lines("if xN:\n    run.log({'metric_number_N': N, 'other_N': value})\n", size), 7000
    ),
    "elif": Shape(
        lambda size: "if x:\n    run.log({'a': 1})\n" + _lines("elif xN:\n    run.log({'aN': 1})\n", size),
        5000,
    ),
    "parentheses": Shape(lambda size: f"x = {'(' * size}1{')' * size}\n", 100_000),
    "sum": Shape(lambda size: f"x = a{' + a' * size}\n", 100_000),
    "blocks in blocks": Shape(
        lambda size: "".join(f"{' ' * depth}if x:\n" for depth in range(size)) + " " * size + "y\n", 1000
    ),
    "text": Shape(lambda size: f"x = '{'a' * size}'\nrun.log({{'{'k' * size}': 1}})\n", 5_000_000),
    "blank lines": Shape(lambda size: "\n" * size + "run.log({'a': 1})\n", 2_000_000),
    "cells of a notebook": Shape(_notebook, 5000, file="program.ipynb"),
    "folders in folders": Shape(
        lambda _: "run.log({'a': 1})\n", 100, file="/".join(["d"] * 100) + "/program.py"
    ),
}


def write(name: str, folder: Path, size: int | None = None) -> Shape:
    """Writes a project with the program of a shape."""
    shape = PROGRAMS[name]
    file = folder / shape.file
    file.parent.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    text = shape.build(shape.size if size is None else size)
    file.write_text(text if shape.file.endswith(".ipynb") else START + text, "utf-8")
    return shape


def measure(shape: Shape, folder: Path) -> Cost:
    """Lints a project in a process of its own."""
    process = subprocess.Popen(
        ["sh", "-c", f'ulimit -t {_GIVE_UP} && exec "$@"', "sh", *COMMAND, *shape.arguments, "--no-cache"],
        cwd=folder,
        env=environment(PYTHONPATH=os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    with process.stderr:
        err = process.stderr.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(process.returncode, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, err)


def attempt(number: int, folder: Path, _: Program) -> list[str]:
    """Lints a program of its usual size, and compares the cost with the limits."""
    name = list(PROGRAMS)[number % len(PROGRAMS)]
    cost = MEASURED[name] = measure(write(name, folder), folder)
    what = f"{name}: {cost.seconds:.1f} s, {cost.megabytes:.0f} MB, exit code {cost.code}"
    if "Traceback" in cost.err or (cost.code not in (0, 1, 2) and name not in KNOWN):
        return [f"{what}: {cost.err[-300:]}"]
    return [what] if is_above(cost) and name not in KNOWN else []


def is_above(cost: Cost) -> bool:
    """Whether a run took more than it may."""
    return cost.seconds > SECONDS or cost.megabytes > MEGABYTES


def table() -> str:
    """The Markdown table of what was measured."""
    rows = []
    for name, cost in MEASURED.items():
        seconds = f"more than {_GIVE_UP}" if cost.code < 0 else f"{cost.seconds:.1f}"
        above = f"above: {KNOWN.get(name, 'new')}" if is_above(cost) else ""
        rows.append(f"| {name} | {PROGRAMS[name].size:,} | {seconds} | {cost.megabytes:.0f} | {above} |")
    head = ["| Program | Size | Seconds | MB | Remark |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows])
