"""Runs many programs, sorts their failures by kind, and shrinks one of each."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from tests.oracle.judge import CATEGORIES, TOLERATED, Verdict, judge
from tests.oracle.programs import BREAKING, KINDS, alone, files_of, random_program
from tests.oracle.trees import Program, shrink

REGRESSIONS = Path(__file__).with_name("regressions")
"""Programs on which wandblint was wrong, one per file."""

MARK = "# === "
"""Begins the line before each file of a program."""


@dataclass
class Failure:
    """A program on which wandblint is wrong, and what is wrong."""

    program: Program
    category: str
    detail: str

    @property
    def kinds(self) -> list[str]:
        return sorted(set().union(*(root.kinds for root in self.program)) - SCENERY)

    @property
    def text(self) -> str:
        """The program as one text, with its kinds and its failure in the first lines."""
        head = f"# kinds: {', '.join(self.kinds)}\n# {self.category}: {self.detail}\n"
        return head + one_text(files_of(self.program))


SCENERY = frozenset({"axis", "covered key", "key and axis", "epochs", "define glob", "run in main"})
"""Kinds that are around the failing ones."""


@dataclass
class Tally:
    """The programs of a campaign."""

    programs: int = 0
    failing: int = 0
    closed: int = 0
    with_phantoms: int = 0
    right_number_of_runs: int = 0
    with_unpredicted_drops: int = 0
    with_assumptions: int = 0
    lines: int = 0
    seconds: float = 0.0
    by_kind: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    """Programs and failures."""
    failures: list[Failure] = field(default_factory=list)
    """Shrunk ones, each combination of kinds once."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """The limits of the analysis that are not the usual ones."""

    def judge(self, program: Program) -> Verdict:
        return judge(files_of(program), self.limits)

    def add(self, kinds: Collection[str], files: dict[str, str], verdict: Verdict) -> None:
        self.programs += 1
        self.lines += sum(text.count("\n") for text in files.values())
        self.failing += verdict.is_wrong
        self.closed += verdict.is_closed
        self.with_phantoms += verdict.phantoms > 0
        self.right_number_of_runs += verdict.has_right_number_of_runs
        self.with_unpredicted_drops += verdict.unpredicted_drops > 0
        self.with_assumptions += any(category in TOLERATED for category, _ in verdict.failures)
        for kind in kinds:
            self.by_kind[kind][0] += 1
            self.by_kind[kind][1] += verdict.is_wrong

    def add_shrunk(self, program: Program, category: str) -> Failure | None:
        """Shrinks a failing program; None if an equal failure is known, or if it fails no longer."""
        shrunk = shrink(program, lambda smaller: self.judge(smaller).category == category)
        verdict = self.judge(shrunk)
        detail = next((detail for found, detail in verdict.failures if found == category), None)
        if detail is None:
            # The order of threads decides.
            return None
        failure = Failure(shrunk, category, detail)
        if any((f.category, f.kinds) == (category, failure.kinds) for f in self.failures):
            return None
        self.failures.append(failure)
        return failure

    @property
    def summary(self) -> str:
        count = max(self.programs, 1)

        def share(number: int) -> str:
            return f"{number} ({100 * number / count:.0f} %)"

        return (
            f"{self.programs} programs of {self.lines / count:.0f} lines, "
            f"{self.programs / max(self.seconds, 0.01):.0f} per second: "
            f"{share(self.failing)} with a false claim, "
            f"{share(self.closed)} closed, {share(self.with_phantoms)} with phantom keys, "
            f"{share(self.right_number_of_runs)} with the right number of runs, "
            f"{share(self.with_assumptions)} with certain keys under a condition that does not hold, "
            f"{share(self.with_unpredicted_drops)} with dropped rows that nothing predicts"
        )


def each_kind_alone(limits: Mapping[str, int]) -> Tally:
    """Every kind in small programs of its own; the first failure of each category is shrunk."""
    tally, start = Tally(limits=limits), time.monotonic()
    for kind in KINDS:
        seen: set[str] = set()
        for program in alone(kind):
            verdict = tally.judge(program)
            tally.add([kind], files_of(program), verdict)
            if verdict.category is not None and verdict.category not in seen:
                seen.add(verdict.category)
                tally.seconds += time.monotonic() - start
                tally.add_shrunk(program, verdict.category)
                start = time.monotonic()
    tally.seconds += time.monotonic() - start
    return tally


def mixtures(
    seeds: Iterator[int],
    until: Callable[[Tally], bool],
    excluded: Collection[str] = BREAKING,
    found: Callable[[Failure], object] = lambda failure: None,
    limits: Mapping[str, int] = MappingProxyType({}),
) -> Tally:
    """Random programs without the kinds that are excluded, until there are enough."""
    tally, start = Tally(limits=limits), time.monotonic()
    # Ctrl-C ends a campaign of hours; what it has found counts.
    with suppress(KeyboardInterrupt):
        for seed in seeds:
            program = random_program(seed, excluded)
            verdict = tally.judge(program)
            tally.add(set().union(*(root.kinds for root in program)), files_of(program), verdict)
            tally.seconds += time.monotonic() - start
            if verdict.category is not None and verdict.is_wrong:
                failure = tally.add_shrunk(program, verdict.category)
                if failure is not None:
                    found(failure)
            start = time.monotonic()
            if until(tally):
                break
    return tally


def failing_alone(tally: Tally) -> set[str]:
    """The kinds that fail in programs of their own."""
    return {kind for kind, (_, failures) in tally.by_kind.items() if failures}


def report(tally: Tally) -> str:
    """A table of kinds with their failures, then one program per failure."""
    lines = [tally.summary, "", f"{'kind':32} programs failures"]
    table = sorted(tally.by_kind.items(), key=lambda item: (-item[1][1] / item[1][0], item[0]))
    lines += [f"{kind:32} {programs:8} {failures:8}" for kind, (programs, failures) in table if failures]
    categories = defaultdict(list)
    for failure in tally.failures:
        categories[failure.category].append(failure)
    for category, meaning in CATEGORIES.items():
        for failure in categories[category]:
            lines += ["", f"## {category} ({meaning}): {', '.join(failure.kinds) or 'scenery'}", failure.text]
    return "\n".join(lines)


def save(failure: Failure) -> Path:
    """Writes a failing program into the folder of regressions."""
    name = sha256(one_text(files_of(failure.program)).encode()).hexdigest()[:10]
    file = REGRESSIONS / f"{name}.txt"
    file.write_text(failure.text, encoding="utf-8")
    return file


def one_text(files: dict[str, str]) -> str:
    """The files of a program as one text."""
    return "".join(f"{MARK}{name}\n{text}" for name, text in files.items())


def files_at(path: Path) -> dict[str, str]:
    """The program of a folder with a `train.py`, or of a saved failure."""
    if path.is_dir():
        return {file.name: file.read_text(encoding="utf-8") for file in sorted(path.glob("*.py"))}
    _, *parts = path.read_text(encoding="utf-8").split(MARK)
    return dict(_name_and_text(part) for part in parts)


def _name_and_text(part: str) -> tuple[str, str]:
    name, _, text = part.partition("\n")
    return name, text


def regressions() -> dict[str, tuple[list[str], dict[str, str]]]:
    """The kinds and the files of all programs in the folder, by name."""
    found = {}
    for file in sorted(REGRESSIONS.glob("*.txt")):
        kinds = file.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# kinds: ")
        found[file.stem] = (kinds.split(", ") if kinds else [], files_at(file))
    return found


def seeds_from(seed: int) -> Iterator[int]:
    return itertools.count(seed * 10_000_000)
