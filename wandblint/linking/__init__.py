"""From the facts of all files to one `TrackingModel`: names resolved, keys evaluated, calls followed."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence

from wandblint import facts
from wandblint.linking.guards import NoneTable
from wandblint.linking.guesses import written
from wandblint.linking.interpreter import HOOKS
from wandblint.linking.machine import Machine
from wandblint.linking.modules import Files, ModuleIndex
from wandblint.linking.ranktable import RankTable
from wandblint.linking.recorder import Recorder
from wandblint.linking.relevance import Relevance, choose, methods, subclasses
from wandblint.linking.roots import run_project
from wandblint.model import TrackingModel
from wandblint.semantics.versions import Requirement
from wandblint.template import Origin

__all__ = ["Files", "link"]

_STACK = 12_000
"""Python frames for the interpreter: 40 calls deep at some 60 frames a call, and deep expressions."""


_kept: list[object] = []
"""What the last project was run with. To take it apart is a tenth of the work, and in vain where the process
ends soon."""


def link(
    files: Files, source_roots: Sequence[str] = (), requirement: Requirement | None = None
) -> TrackingModel:
    """Everything that the project does with wandb, as far as it can be seen."""
    Origin.forget()
    index = ModuleIndex(files.names, source_roots)
    chosen = choose(files, index)
    model = TrackingModel(requirement=requirement or Requirement())
    if not chosen.read:
        return model
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, _STACK))
    collects = gc.isenabled()
    # Nothing dies while a project is run, so collecting is in vain; it takes a third of the time.
    gc.disable()
    try:
        recorder = _run(files, index, chosen)
        recorder.into(model)
        like_logs = (written(path, seen.of(facts.Call)) for path, seen in chosen.seen.items())
        model.other_calls = frozenset().union(*like_logs) & recorder.other_calls
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
    model.resumes_by_environment = any(
        "WANDB_RUN_ID" in files.text(name) or "WANDB_RESUME" in files.text(name) for name in chosen.read
    )
    model.unread_files = sorted({*chosen.unreadable, *recorder.crashed})
    return model


def _run(files: Files, index: ModuleIndex, chosen: Relevance) -> Recorder:
    nones = NoneTable(files)
    recorder = Recorder()
    for name, file in chosen.read.items():
        nones.add(file, chosen.seen[name])
    m = Machine(
        files,
        index,
        HOOKS,
        recorder,
        nones,
        RankTable(files, chosen.seen),
        chosen.seen,
        frozenset(chosen.read),
        frozenset(chosen.interesting),
        methods(chosen.read, chosen.interesting),
        subclasses(chosen.read),
    )
    run_project(m, chosen.read, chosen.seen)
    _kept[:] = [m, chosen]
    return recorder
