"""Calls that are looked for in all files, whether or not any code reaches them."""

from __future__ import annotations

from typing import TypeAlias

from wandblint import facts
from wandblint.index.walk import ByKind
from wandblint.semantics.heuristics import RUN_RECEIVER

Extent: TypeAlias = tuple[int, int]
"""Where something starts and ends in its file."""


def reads_as_log(call: facts.Call) -> bool:
    """Whether a call reads as wandb's `log`: the method `log` of what is named like a run."""
    function = call.func
    return (
        isinstance(function, facts.Attr)
        and function.attr == "log"
        and RUN_RECEIVER.search(facts.source_form(function.value)) is not None
    )


def log_calls_of(seen: ByKind) -> list[Extent]:
    """The calls of a file that read so."""
    return [(call.start, call.end) for call in seen.of(facts.Call) if reads_as_log(call)]


def inits_of(seen: ByKind) -> list[Extent]:
    """The calls of a file of whatever is called `init`."""
    return [(call.start, call.end) for call in seen.of(facts.Call) if _is_init(call.func)]


def _is_init(function: facts.Expr) -> bool:
    return facts.source_form(function).rpartition(".")[2] == "init"
