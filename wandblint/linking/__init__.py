"""From the facts of all files to one `TrackingModel`: names resolved, keys evaluated, calls followed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence

from wandblint.linking.contents import Contents
from wandblint.linking.guards import NoneTable
from wandblint.linking.heap import Heap
from wandblint.linking.interpreter import HOOKS
from wandblint.linking.knowledge import Knowledge
from wandblint.linking.machine import Machine
from wandblint.linking.memory import Memory
from wandblint.linking.modules import Files, ImportGraph, ModuleIndex
from wandblint.linking.outcomes import in_numbers
from wandblint.linking.places import Places
from wandblint.linking.questions import Questions
from wandblint.linking.ranks import RankTable
from wandblint.linking.recorder import Recorder
from wandblint.linking.relevance import Relevance, choice, choose, methods, subclasses
from wandblint.linking.reuse import Reuse
from wandblint.linking.roots import CallPaths
from wandblint.linking.sharing import Sharing
from wandblint.model import TrackingModel
from wandblint.semantics.versions import Requirement
from wandblint.stack import with_room
from wandblint.template import Origin

__all__ = ["Files", "link", "relink"]

_STACK = 12_000
"""Python frames for the interpreter: 40 calls deep at some 60 frames a call, and deep expressions."""


_kept: list[object] = []
"""What the last project was run with. To take it apart is a tenth of the work, and in vain where the process
ends soon."""


def link(
    files: Files, source_roots: Sequence[str] = (), requirement: Requirement | None = None
) -> TrackingModel:
    """Everything that the project does with wandb, as far as it can be seen."""
    return relink(files, source_roots, requirement)[0]


def relink(
    files: Files,
    source_roots: Sequence[str] = (),
    requirement: Requirement | None = None,
    before: bytes | None = None,
    processes: int = 1,
) -> tuple[TrackingModel, Callable[[], bytes]]:
    """The same, and what writes down for the next run what it needs to follow only those call paths to which
    something is new; `before` is what the last run has written. So many `processes` may work at once.

    Writing raises `OverflowError` for an integer of more than 64 bits.
    """
    Origin.forget()
    index = ModuleIndex(files.names, source_roots)
    model = TrackingModel(requirement=requirement or Requirement())
    limit = sys.getrecursionlimit()
    collects = gc.isenabled()
    # Nothing dies while a project is read and run, so collecting is in vain; it takes a third of running.
    gc.disable()
    try:
        kept, graph = Memory.of(before), ImportGraph(files, index)
        chosen = with_room(choose)(files, graph, index, kept.choice)
        if not chosen.read:
            return model, bytes
        sys.setrecursionlimit(max(limit, _STACK))
        recorder, write = with_room(_run)(files, index, graph, chosen, kept, processes)
        recorder.into(model)
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
    model.resumes_by_environment = any(
        "WANDB_RUN_ID" in files.code(name) or "WANDB_RESUME" in files.code(name) for name in chosen.read
    )
    model.unread_files = sorted({*chosen.unreadable, *recorder.crashed})
    return model, write


def _run(
    files: Files, index: ModuleIndex, graph: ImportGraph, chosen: Relevance, kept: Memory, processes: int
) -> tuple[Recorder, Callable[[], bytes]]:
    others = frozenset(kept.names).symmetric_difference(files.names)
    places = Places(files, {path: made for path, made in kept.layouts.items() if path not in others})
    read = {path: places.outline(path) or outline for path, outline in chosen.read.items()}
    nones = NoneTable(files, places, read)
    ranks = RankTable(read, kept.ranks)
    by_name = methods(read, chosen.interesting)
    by_base = subclasses(read)
    sharing = Sharing()
    recorder = Recorder(sharing)
    contents = Contents(files, places, index, graph, chosen.interesting)
    project = Questions(files, contents, sharing, nones, ranks, by_name, by_base)
    m = Machine(
        project,
        index,
        HOOKS,
        sharing,
        Heap(sharing),
        recorder,
        Knowledge(sharing),
        frozenset(read),
        frozenset(chosen.interesting),
    )
    reuse = Reuse(m, kept.outcomes, others)
    CallPaths(m, read, reuse, processes).run()
    _kept[:] = [m, chosen]
    if reuse.recalled or places.has_moved:
        # What is unknown is called by a number in those that are taken as they were: so it must be in all.
        for root in recorder.records if places.has_moved else recorder.records.keys() - reuse.recalled:
            recorder.records[root] = in_numbers(recorder.records[root], places.real)
    recorder.other_calls = {places.real(call.path, call.start, call.end) for call in recorder.other_calls}

    def write() -> bytes:
        layouts = places.layouts(reuse.files | read.keys())
        left = Memory([*files.names], choice(files, chosen), ranks.kept(), layouts, reuse.data())
        return left.written()

    return recorder, write
