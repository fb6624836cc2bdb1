"""What an executed program calls of wandb, in order."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import TypeAlias

Location: TypeAlias = "tuple[str, int]"

PREFIX = "oracle:"
"""Begins the file names of programs, so that their frames are known."""

TICK = "__oracle_tick__"
"""The builtin that each iteration of a loop calls with the place of its loop."""


@dataclass(frozen=True)
class Traced:
    """A call of wandb: `name` as in `wandb.Run.log`, without what is before it."""

    position: int
    name: str
    call_stack: frozenset[Location]
    is_refused: bool
    """Whether wandb raises, because no run is open, or the run is finished."""
    iterations: Mapping[Location, int]
    """How often each loop had started an iteration."""


@dataclass
class Trace:
    """The calls of a program, in order."""

    calls: list[Traced] = field(default_factory=list)
    _iterations: Counter[Location] = field(default_factory=Counter)

    def tick(self, path: str, line: int) -> None:
        self._iterations[path, line] += 1

    def add(self, name: str, *, is_refused: bool = False) -> None:
        self.calls.append(Traced(len(self.calls), name, call_stack(), is_refused, dict(self._iterations)))

    @property
    def strict_calls(self) -> list[Traced]:
        """The calls before the first that is refused: it would end the program."""
        first = next((number for number, call in enumerate(self.calls) if call.is_refused), len(self.calls))
        return self.calls[:first]

    @property
    def has_refusals(self) -> bool:
        return any(call.is_refused for call in self.calls)


def call_stack() -> frozenset[Location]:
    """The lines of the program that are running."""
    found = set()
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename.startswith(PREFIX):
            found.add((frame.f_code.co_filename.removeprefix(PREFIX), frame.f_lineno))
        frame = frame.f_back
    return frozenset(found)


def compiled(name: str, text: str) -> CodeType:
    """The code of a file whose loops count their iterations."""
    tree = ast.parse(text, PREFIX + name)
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            tick = ast.parse(f"{TICK}({name!r}, {node.lineno})").body[0]
            node.body.insert(0, ast.copy_location(tick, node))
    return compile(ast.fix_missing_locations(tree), PREFIX + name, "exec")
