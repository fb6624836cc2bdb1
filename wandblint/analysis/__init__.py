"""The analysis: interprets the facts of a project abstractly and fills a `TrackingModel` with events."""

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
from wandblint.analysis.project.config_reads import config_keys
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
from wandblint.analysis.state.budget import Budget
from wandblint.analysis.state.function_table import FunctionTable
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.module_cache import ModuleCache
from wandblint.analysis.state.project_queries import ProjectQueries
from wandblint.analysis.state.recorder import Recorder
from wandblint.analysis.state.shared_facts import SharedFacts
from wandblint.infra.stack import preallocate_frames
from wandblint.model.questions.refusals import scripts_without_run
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.frameworks import REGISTERED
from wandblint.semantics.hydra import HydraFile
from wandblint.semantics.versions import Requirement
from wandblint.template import SymbolId

__all__ = ["ProjectFiles", "analyze", "analyze_incremental"]

_STACK_FRAMES = 12_000
"""Python frames for the interpreter: 40 calls with some 60 frames each, and deep expressions."""


def analyze(
    files: ProjectFiles, source_roots: Sequence[str] = (), requirement: Requirement | None = None
) -> TrackingModel:
    """The model of what a project does with wandb."""
    return analyze_incremental(files, source_roots, requirement)[0]


def analyze_incremental(
    files: ProjectFiles,
    source_roots: Sequence[str] = (),
    requirement: Requirement | None = None,
    before: bytes | None = None,
    processes: int = 1,
    hydra_files: Sequence[HydraFile] = (),
) -> tuple[TrackingModel, Callable[[], bytes]]:
    """The model, and a function that encodes the state for the next run, which gets it as `before`.

    `hydra_files` say for which scripts hydra runs several jobs in one process.
    With that state only entry points with invalid dependencies run. Up to `processes` processes work at once.
    The encoding raises `OverflowError` for an integer of more than 64 bits.
    """
    SymbolId.clear()
    index = ModuleIndex(files.names, source_roots)
    model = TrackingModel(requirement=requirement or Requirement())
    limit = sys.getrecursionlimit()
    gc_enabled = gc.isenabled()
    # A run creates no garbage worth collecting, but collection would take a third of its time.
    gc.disable()
    try:
        cached, graph = PersistedState.decode(before), ImportGraph(files, index)
        selection = preallocate_frames(select_files)(files, graph, index, cached.selection)
        if not selection.read:
            return model, bytes
        sys.setrecursionlimit(max(limit, _STACK_FRAMES))
        recorder, encode = preallocate_frames(_run)(
            files, index, graph, selection, cached, processes, tuple(hydra_files)
        )
        recorder.fill(model)
    finally:
        sys.setrecursionlimit(limit)
        if gc_enabled:
            gc.enable()
    model.complete_scripts = frozenset(
        path for path in scripts_without_run(model) if not graph.runs_unseen_code(path)
    )
    read = sorted(selection.read)
    model.resuming_files = [
        name for name in read if "WANDB_RUN_ID" in files.code(name) or "WANDB_RESUME" in files.code(name)
    ]
    model.registers_front_ends = any(word in files.code(name) for name in read for word in REGISTERED)
    model.sweep_handling_files = [name for name in read if "WANDB_SWEEP_ID" in files.code(name)]
    model.unread_files = sorted({*selection.unreadable, *recorder.crashed})
    if any(call.name == "wandb.agent" and call.argument("function") for call in model.calls):
        model.config_keys = config_keys(files)
    return model, encode


def _run(
    files: ProjectFiles,
    index: ModuleIndex,
    graph: ImportGraph,
    selection: FileSelection,
    cached: PersistedState,
    processes: int,
    hydra_files: tuple[HydraFile, ...],
) -> tuple[Recorder, Callable[[], bytes]]:
    added_or_removed = frozenset(cached.names).symmetric_difference(files.names)
    positions = StablePositions(
        files, {path: known for path, known in cached.positions.items() if path not in added_or_removed}
    )
    indexes = {path: positions.index(path) or file for path, file in selection.read.items()}
    rank_table = RankTable(indexes, cached.ranks)
    module_cache = ModuleCache()
    recorder = Recorder(module_cache)
    reaches_wandb = selection.reaches_wandb
    opening = graph.with_importers(
        path for path, file in indexes.items() if not {"init", *reaches_wandb}.isdisjoint(file.import_calls)
    )
    project = ProjectQueries(
        files,
        FileQueries(files, positions, index, graph, reaches_wandb, opening, indexes.keys()),
        module_cache,
        NoneTable(files, positions, indexes),
        rank_table,
        methods(indexes, reaches_wandb),
        subclasses(indexes),
    )
    project.hydra_files = hydra_files
    m = Interpreter(
        project,
        index,
        DISPATCH,
        module_cache,
        Heap(module_cache),
        recorder,
        SharedFacts(module_cache),
        FunctionTable(project.facts_untracked),
        frozenset(indexes),
        reaches_wandb,
        frozenset(selection.reaching),
        Budget.for_code(sum(file.statements for file in indexes.values())),
    )
    incremental = IncrementalCache(m, cached.results, added_or_removed)
    EntryPointDriver(m, indexes, incremental, processes).run()
    records = recorder.records
    if incremental.restored or positions.has_moved:
        # Symbols are hashes in restored events, so they must be hashes in all.
        for entry_id in records if positions.has_moved else records.keys() - incremental.restored:
            records[entry_id] = with_hashed_symbols(records[entry_id], positions.to_source)
    recorder.non_wandb_calls = {
        positions.to_source(call.path, call.start, call.end) for call in recorder.non_wandb_calls
    }

    def encode() -> bytes:
        return PersistedState(
            [*files.names],
            cached_selection(files, selection),
            rank_table.cached(),
            positions.position_maps(incremental.files | indexes.keys()),
            incremental.data(),
        ).encode()

    return recorder, encode
