"""From the facts of all files to one `TrackingModel`: names resolved, keys evaluated, calls followed."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wandblint.linking.guards import NoneTable
from wandblint.linking.interpreter import HOOKS
from wandblint.linking.machine import Machine
from wandblint.linking.modules import Files, ModuleIndex
from wandblint.linking.recorder import Recorder
from wandblint.linking.relevance import Relevance, choose, methods
from wandblint.linking.roots import run_project
from wandblint.model import TrackingModel

__all__ = ["Files", "link"]

_STACK = 12_000
"""Python frames for the interpreter: 40 calls deep at some 60 frames a call, and deep expressions."""


def link(files: Files, source_roots: Sequence[str] = (), wandb_requirement: str | None = None) -> TrackingModel:
    """Everything that the project does with wandb, as far as it can be seen."""
    index = ModuleIndex(files.names, source_roots)
    chosen = choose(files, index)
    model = TrackingModel(requirement=wandb_requirement)
    if not chosen.read:
        return model
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _STACK))
    try:
        _run(files, index, chosen).into(model)
    finally:
        sys.setrecursionlimit(limit)
    model.unread_files = sorted(chosen.unreadable)
    return model


def _run(files: Files, index: ModuleIndex, chosen: Relevance) -> Recorder:
    nones = NoneTable()
    for file in chosen.read.values():
        nones.add(file)
    first = _machine(files, index, chosen, nones)
    run_project(first, chosen.read)
    if not (first.looked_at_any or first.globals_seen):
        return first.recorder
    # A second round knows what "any instance" holds and what functions made of the globals.
    second = _machine(files, index, chosen, nones)
    second.instances = first.instances
    second.globals_seen = first.globals_seen
    # Identities and objects carry over: what the first round remembers refers to them.
    second.heap, second.contexts = first.heap, first.contexts
    second.functions, second.classes = first.functions, first.classes
    run_project(second, chosen.read)
    return second.recorder


def _machine(files: Files, index: ModuleIndex, chosen: Relevance, nones: NoneTable) -> Machine:
    return Machine(
        files,
        index,
        HOOKS,
        Recorder(),
        nones,
        frozenset(chosen.read),
        frozenset(chosen.interesting),
        methods(chosen.read, chosen.interesting),
    )
