"""Calls that queries need from all files, whether or not an entry point reaches them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.index.walk import ByKind, last_word, walk
from wandblint.semantics.heuristics import REGISTERING, RUN_RECEIVER

Extent: TypeAlias = tuple[int, int]
"""The start and end offsets of a node."""


def looks_like_log(call: facts.Call) -> bool:
    """Whether a call looks like wandb's `log`: the method `log` of a receiver that is named like a run."""
    function = call.func
    return (
        isinstance(function, facts.Attr)
        and function.attr == "log"
        and RUN_RECEIVER.search(facts.source_form(function.value)) is not None
    )


def log_calls_of(by_kind: ByKind) -> list[Extent]:
    """The calls of a file that look like wandb's `log`."""
    return [(call.start, call.end) for call in by_kind.of(facts.Call) if looks_like_log(call)]


def inits_of(by_kind: ByKind) -> list[Extent]:
    """The calls in a file of functions with the name `init`."""
    return [(call.start, call.end) for call in by_kind.of(facts.Call) if _is_init(call.func)]


def import_calls_of(body: list[facts.Stmt]) -> list[str]:
    """The names of the functions that the import of a file calls, apart from those of its class bodies.

    What it registers counts, since other files find it in the registry and call it.
    """
    calls = (node for node in walk(*_run_by_import(body), into_scopes=False) if isinstance(node, facts.Call))
    registered = {
        node.name
        for node in _run_by_import(body)
        if isinstance(node, (facts.ClassDef, facts.FunctionDef))
        if any(REGISTERING.search(last_word(decorator)) for decorator in node.decorators)
    }
    return sorted(registered | {name for call in calls if (name := last_word(call.func))})


def _run_by_import(body: list[facts.Stmt]) -> Iterator[facts.Stmt]:
    for statement in body:
        if isinstance(statement, facts.If) and _asks_for_main(statement.test):
            yield from statement.orelse
        else:
            yield statement


def _asks_for_main(test: facts.Expr) -> bool:
    return isinstance(test, facts.Compare) and facts.source_form(test.left) == "__name__"


def _is_init(function: facts.Expr) -> bool:
    return facts.source_form(function).rpartition(".")[2] == "init"
