"""Where a file starts a job of several processes, or asks its launcher for the rank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.outline.walk import ByKind
from wandblint.semantics.ranks import is_rank_variable, starts_processes

Sign: TypeAlias = tuple[int, int, bool]
"""Where it starts and ends, and whether it starts processes for certain."""


def signs_of(seen: ByKind) -> list[Sign]:
    """Those among some facts, in order."""
    return sorted(_signs(seen))


def _signs(seen: ByKind) -> Iterator[Sign]:
    for call in seen.of(facts.Call):
        if starts_processes(facts.source_form(call.func)):
            yield call.start, call.end, True
    for node in seen.of(facts.Const):
        if is_rank_variable(node.value):
            yield node.start, node.end, False
