"""From the facts of all files to one `TrackingModel`: names resolved, keys evaluated, calls followed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence

from wandblint.analysis.domain.heap import Heap
from wandblint.analysis.driver.dispatch_table import DISPATCH
from wandblint.analysis.driver.entry_points import EntryPointDriver
from wandblint.analysis.incremental.cache import IncrementalCache
from wandblint.analysis.incremental.persisted_state import PersistedState
from wandblint.analysis.incremental.results import with_hashed_symbols
from wandblint.analysis.project.file_queries import FileQueries
from wandblint.analysis.project.file_selection import (
    FileSelection,
    cached_selection,
    methods,
    select_files,
    subclasses,
)
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.import_graph import ImportGraph
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.analysis.project.none_table import NoneTable
from wandblint.analysis.project.rank_table import RankTable
from wandblint.analysis.project.stable_positions import StablePositions
from wandblint.analysis.state.function_table import FunctionTable
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.analysis.state.project_queries import ProjectQueries
from wandblint.analysis.state.recorder import Recorder
from wandblint.analysis.state.shared_facts import SharedFacts
from wandblint.infra.stack import preallocate_frames
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.versions import Requirement
from wandblint.template import SymbolId

__all__ = ["ProjectFiles", "analyze", "analyze_incremental"]

_STACK_FRAMES = 12_000
"""Python frames for the interpreter: 40 calls deep at some 60 frames a call, and deep expressions."""


_last_run: list[object] = []
"""What the last project was run with. To take it apart is a tenth of the work, and in vain where the process
ends soon."""


def analyze(
    files: ProjectFiles, source_roots: Sequence[str] = (), requirement: Requirement | None = None
) -> TrackingModel:
    """Everything that the project does with wandb, as far as it can be seen."""
    return analyze_incremental(files, source_roots, requirement)[0]


def analyze_incremental(
    files: ProjectFiles,
    source_roots: Sequence[str] = (),
    requirement: Requirement | None = None,
    before: bytes | None = None,
    processes: int = 1,
) -> tuple[TrackingModel, Callable[[], bytes]]:
    """The same, and what writes down for the next run what it needs to follow only those call paths to which
    something is new; `before` is what the last run has written. So many `processes` may work at once.

    Writing raises `OverflowError` for an integer of more than 64 bits.
    """
    SymbolId.clear()
    index = ModuleIndex(files.names, source_roots)
    model = TrackingModel(requirement=requirement or Requirement())
    limit = sys.getrecursionlimit()
    collects = gc.isenabled()
    # Nothing dies while a project is read and run, so collecting is in vain; it takes a third of running.
    gc.disable()
    try:
        kept, graph = PersistedState.decode(before), ImportGraph(files, index)
        chosen = preallocate_frames(select_files)(files, graph, index, kept.selection)
        if not chosen.read:
            return model, bytes
        sys.setrecursionlimit(max(limit, _STACK_FRAMES))
        recorder, write = preallocate_frames(_run)(files, index, graph, chosen, kept, processes)
        recorder.fill(model)
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
    files: ProjectFiles,
    index: ModuleIndex,
    graph: ImportGraph,
    chosen: FileSelection,
    kept: PersistedState,
    processes: int,
) -> tuple[Recorder, Callable[[], bytes]]:
    others = frozenset(kept.names).symmetric_difference(files.names)
    places = StablePositions(
        files, {path: made for path, made in kept.positions.items() if path not in others}
    )
    read = {path: places.index(path) or outline for path, outline in chosen.read.items()}
    nones = NoneTable(files, places, read)
    ranks = RankTable(read, kept.ranks)
    by_name = methods(read, chosen.reaches_wandb)
    by_base = subclasses(read)
    sharing = ModuleCache()
    recorder = Recorder(sharing)
    contents = FileQueries(files, places, index, graph, chosen.reaches_wandb)
    project = ProjectQueries(files, contents, sharing, nones, ranks, by_name, by_base)
    m = Interpreter(
        project,
        index,
        DISPATCH,
        sharing,
        Heap(sharing),
        recorder,
        SharedFacts(sharing),
        FunctionTable(project.facts_untracked),
        frozenset(read),
        frozenset(chosen.reaches_wandb),
    )
    reuse = IncrementalCache(m, kept.results, others)
    EntryPointDriver(m, read, reuse, processes).run()
    _last_run[:] = [m, chosen]
    if reuse.restored or places.has_moved:
        # What is unknown is called by a number in those that are taken as they were: so it must be in all.
        for root in recorder.records if places.has_moved else recorder.records.keys() - reuse.restored:
            recorder.records[root] = with_hashed_symbols(recorder.records[root], places.to_source)
    recorder.non_wandb_calls = {
        places.to_source(call.path, call.start, call.end) for call in recorder.non_wandb_calls
    }

    def write() -> bytes:
        layouts = places.position_maps(reuse.files | read.keys())
        left = PersistedState(
            [*files.names], cached_selection(files, chosen), ranks.cached(), layouts, reuse.data()
        )
        return left.encode()

    return recorder, write
