"""Rank checks that every process passes as long as there is no process group."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.analysis.interpreter.iteration_tests import known_values
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import end_of

_FIRST_WITHOUT_GROUP = re.compile(
    r"not\s+[\w.]*is_initialized\(\)|\bif\s+[\w.]*is_initialized\(\)[^\n]*\selse\s+(0|True)\b"
)
"""Matches code that takes the process for the first one if there is no group."""

_NEEDS_GROUP = re.compile(r"(?<!not )\b[\w.]*is_initialized\(\)\s+and\b")
"""Matches a test that fails if there is no group."""

_KNOWS_RANK = re.compile(r"environ|getenv|local_rank|SLURM", re.IGNORECASE)
"""Matches code that knows the rank without a process group, from the launcher."""

_MAX_DEPTH = 3
"""How many names and functions a test is followed through."""


def holds_without_group(
    m: Interpreter, test: facts.Expr, path: str, scope: FunctionInfo | None, *, holds: bool
) -> bool:
    """Whether a rank check comes out the same way on every process while no process group exists."""
    known, key = m.summaries.groupless_tests, (path, test.start, test.end, holds)
    if key not in known:
        texts = [m.project.text(path, test.start, test.end), *_texts(m, test, path, scope)]
        known[key] = _holds_without_group(texts, holds=holds)
    return known[key]


def _holds_without_group(texts: list[str], *, holds: bool) -> bool:
    """The same for a test, given its text and those of what it depends on."""
    if any(map(_KNOWS_RANK.search, texts)) or (holds and any(map(_NEEDS_GROUP.search, texts))):
        return False
    if not holds and _NEEDS_GROUP.search(texts[0]):
        return True
    return any(map(_FIRST_WITHOUT_GROUP.search, texts))


def _texts(m: Interpreter, test: facts.Node, path: str, scope: FunctionInfo | None) -> Iterator[str]:
    """The text of what a test depends on, each once."""
    visited: set[tuple[str, int]] = set()
    level = [(test, path, scope)]
    for _ in range(_MAX_DEPTH + 1):
        found: list[tuple[facts.Node, str, FunctionInfo | None]] = []
        for outer, file_of_outer, scope_of_outer in level:
            for file, node in known_values(m, outer, file_of_outer, scope_of_outer):
                if (file, node.start) in visited:
                    continue
                visited.add((file, node.start))
                yield m.project.text(file, node.start, end_of(node))
                is_function = isinstance(node, facts.FunctionDef)
                info = m.functions.function_at((file, node.start)) if is_function else scope_of_outer
                found.append((node, file, info))
        level = found
