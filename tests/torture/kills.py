"""Runs that write, ended by a signal at a random moment: every file has its old or its new content."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from signal import SIGKILL, SIGTERM

from tests.hostile import GOOD
from tests.torture.program import Program
from tests.torture.projects import Files, read, write

_ACTIONS = {
    "fix": ("--fix", "--no-cache"),
    "baseline": ("--write-baseline", "--no-cache"),
    "cache": (),
    "output": ("--output", "sarif=report.sarif", "--output", "json=report.json", "--no-cache"),
}
_REPORTS = ("report.sarif", "report.json", "wandblint-baseline.json")


def _project(random: Random) -> Files:
    code = {f"p{number % 3}/m{number}.py": GOOD.encode() for number in range(random.choice((3, 30)))}
    old = {name: b"{}\n" for name in _REPORTS[:2] if random.randrange(2)}
    return {"pyproject.toml": b"", **code, **old}


def attempt(number: int, folder: Path, program: Program) -> list[str]:
    """Kills a run, compares the files with those of an unhindered one, and runs again."""
    random = Random(number)
    old = _project(random)
    action = random.choice(sorted(_ACTIONS))
    arguments = ("--jobs", "1", *_ACTIONS[action])
    unhindered = write(old, folder / "unhindered")
    start = time.monotonic()
    expected = program.run(*arguments, cwd=unhindered)
    duration = time.monotonic() - start
    new = read(unhindered)
    root = write(old, folder / "killed")
    number_of_signal = random.choice((SIGKILL, SIGTERM))
    killed = program.run(*arguments, cwd=root, kill=(number_of_signal, random.uniform(0, duration)))
    what = f"after {number_of_signal.name} during {action}"
    complaints = [] if killed.code in (-number_of_signal, expected.code) else [f"{what}: code {killed.code}"]
    left = read(root)
    temporary = {name for name in left if ".wandblint-" in name}
    if temporary and number_of_signal is SIGTERM:
        complaints.append(f"{what}: {sorted(temporary)}")
    complaints += [
        f"{what}: {name} is neither old nor new"
        for name in sorted((old.keys() | left.keys() | new.keys()) - temporary)
        if left.get(name) not in (old.get(name), new.get(name))
    ]
    again = program.run(*arguments, cwd=root)
    if action == "fix" and not any(left[name] == old[name] for name in old if name.endswith(".py")):
        expected = again  # everything had been fixed
    if (again.code, again.out.count(b"WB")) != (expected.code, expected.out.count(b"WB")):
        complaints.append(f"{what}, the next run: {again.code} instead of {expected.code}")
    complaints += again.complaints()
    if {name: content for name, content in read(root).items() if name not in temporary} != new:
        complaints.append(f"{what}, the next run leaves other files than one that is not killed")
    complaints += program.run("--fix", "--no-cache", "--no-baseline", cwd=root).complaints()
    swept = sorted(name for name in read(root) if ".wandblint-" in name)
    return complaints + ([f"{what}: {swept} after the next --fix"] if swept else [])
