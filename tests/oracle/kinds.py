"""The pieces that random programs are built from. Each is a template of Python code with a name, its kind.

A template is plain code with a few words of its own:

- an identifier that ends in `_` gets a name that nothing else in the program has;
- LOG and ROW are the function that logs and the row; RUN is the run; NUMBER is a number in scope;
- `THEN log | row` stands for another way to pass a row, `DO` for a block of statements (`DO name`: with that
  number in scope), `BODY run` for what happens to a run, `SEND` for a row and a way to pass it;
- ROW1 and ROW2 are other rows, and `=> expression` is the row that the lines before it make;
- the part before a line `---` may stand at the top of this module or of another one: it mentions only
  names of its own.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import cache, cached_property

DIRECTIVE = re.compile(r"(THEN|DO|BODY|SEND)\b *(.*)")
PARTS = {"THEN": ("way",), "DO": ("block",), "BODY": ("block",), "SEND": ("row", "way")}


class Sort(enum.Enum):
    """What a piece stands for, in the order in which it appears in a program."""

    RUN = "run"
    BLOCK = "block"
    STATEMENT = "statement"
    ROW = "row"
    WAY = "way"


@dataclass(frozen=True)
class Kind:
    """A piece of code by name. `needs_top`: its first part works only at the top of a module."""

    name: str
    sort: Sort
    text: str
    needs_top: bool = False
    is_async: bool = False
    """Whether it runs an event loop, which another one cannot contain."""
    breaks_runs: bool = False
    """Whether later code of the program may use a run that is finished, or none: only some programs do."""

    @cached_property
    def sections(self) -> tuple[list[str], list[str]]:
        """The lines that may stand elsewhere, and the others."""
        top, mark, local = self.text.strip("\n").rpartition("\n---\n")
        return (top.split("\n") if mark else []), local.split("\n")

    @cached_property
    def parts(self) -> tuple[Sort, ...]:
        """The sorts of the pieces that it contains, in order."""
        found: list[Sort] = []
        if self.sort is Sort.ROW:
            return tuple([Sort.ROW] * len(set(re.findall(r"\bROW[12]\b", self.text))))
        for line in self.text.split("\n"):
            if match := DIRECTIVE.fullmatch(line.strip()):
                found += [Sort(name) for name in PARTS[match[1]]]
        return tuple(found)


KINDS: dict[str, Kind] = {}
"""All kinds by name."""

SIMPLEST = {Sort.RUN: "run", Sort.STATEMENT: "send", Sort.ROW: "loss", Sort.WAY: "log"}
"""The kind of each sort that programs shrink to."""

BLOCK = Kind("block", Sort.BLOCK, "")
"""Some statements after one another."""


def _register(kind: Kind) -> None:
    assert kind.name not in KINDS, kind.name
    KINDS[kind.name] = kind


def way(name: str, text: str, *, needs_top: bool = False, is_async: bool = False) -> None:
    """Registers a way to pass a row to the function that logs it."""
    _register(Kind(name, Sort.WAY, text, needs_top, is_async))


def row(name: str, text: str, *, needs_top: bool = False) -> None:
    """Registers a way to make a row."""
    _register(Kind(name, Sort.ROW, text if "=> " in text else f"=> {text}", needs_top))


def statement(name: str, text: str, *, breaks_runs: bool = False) -> None:
    """Registers something that happens to a run."""
    _register(Kind(name, Sort.STATEMENT, text, breaks_runs=breaks_runs))


def breaking() -> frozenset[str]:
    """The kinds after which code may use a run that is finished."""
    return frozenset(kind.name for kind in KINDS.values() if kind.breaks_runs)


def run(
    name: str, text: str, *, needs_top: bool = False, is_async: bool = False, breaks_runs: bool = False
) -> None:
    """Registers a way to open a run."""
    _register(Kind(name, Sort.RUN, text, needs_top, is_async, breaks_runs))


@cache
def of_sort(sort: Sort) -> list[Kind]:
    """The kinds of a sort, the simplest first."""
    kinds = (kind for kind in KINDS.values() if kind.sort is sort)
    return sorted(kinds, key=lambda kind: (kind.name != SIMPLEST[sort], len(kind.parts)))
