"""Runs numbered cases of every kind for a time, keeps what fails, and counts."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.torture import caches, kills, mutations, names, pathological
from tests.torture.program import Program

Attempt = Callable[[int, Path, Program], list[str]]
"""Runs the case of a number in an empty folder; returns what is wrong."""

KINDS: dict[str, Attempt] = {
    "mutations": mutations.attempt,
    "pathological": pathological.attempt,
    "kills": kills.attempt,
    "names": names.attempt,
    "caches": caches.attempt,
}
FINITE = {"pathological": len(pathological.PROGRAMS)}
"""The kinds that have only so many cases."""


@dataclass
class Tally:
    """The cases of a kind."""

    cases: int = 0
    seconds: float = 0.0
    failures: int = 0


def one(kind: str, number: int, program: Program, keep: Path | None = None) -> list[str]:
    """Runs one case; a failing one is kept in a folder of `keep`, with what is wrong."""
    folder = Path(tempfile.mkdtemp(prefix="torture-"))
    try:
        complaints = KINDS[kind](number, folder, program)
        if complaints and keep is not None:
            kept = keep / f"{kind}-{number}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(folder, kept, symlinks=True)
            (kept / "complaints.txt").write_text("\n".join(complaints), "utf-8", "backslashreplace")
        return complaints
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def campaign(
    kinds: Iterable[str], seconds: float, seed: int, keep: Path, tell: Callable[[str], None]
) -> dict[str, Tally]:
    """Runs cases until the time is over; each kind gets an equal share of it, if it has enough cases."""
    tallies = {kind: Tally() for kind in kinds}
    end = time.monotonic() + seconds
    with Program() as program:
        while time.monotonic() < end:
            left = [
                kind for kind, tally in tallies.items() if tally.cases < FINITE.get(kind, tally.cases + 1)
            ]
            if not left:
                break
            kind = min(left, key=lambda kind: tallies[kind].seconds)
            tally = tallies[kind]
            start = time.monotonic()
            number = seed + tally.cases
            complaints = one(kind, number, program, keep)
            tally.seconds += time.monotonic() - start
            tally.cases += 1
            if complaints:
                tally.failures += 1
                tell(f"{kind} {number}:" + "".join(f"\n    {complaint}" for complaint in complaints))
    return tallies


def table(tallies: dict[str, Tally]) -> str:
    """The Markdown table of a campaign."""
    rows = [
        f"| {kind} | {tally.cases:,} | {tally.seconds / 60:.1f} | {tally.failures} |"
        for kind, tally in tallies.items()
    ]
    return "\n".join(["| Kind | Cases | Minutes | Failures |", "| --- | --- | --- | --- |", *rows])
