"""Runs the entry points: the scripts, then the functions that nobody calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wandblint.analysis.domain.identifiers import EntryPointKey
from wandblint.analysis.driver import fallback
from wandblint.analysis.driver.entry_point import EntryPoint
from wandblint.analysis.driver.entry_runner import EntryRunner
from wandblint.analysis.driver.implicit_entry_points import implicit_entry_points
from wandblint.analysis.driver.parallel import run_scripts
from wandblint.analysis.incremental.cache import IncrementalCache
from wandblint.analysis.project.files import is_test
from wandblint.analysis.state.budget import SHALLOW_DEPTHS
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index import FileIndex
from wandblint.index.calls import Extent
from wandblint.span import Span


class EntryPointDriver:
    """Runs every entry point of the indexed files.

    An entry point that reads symbolic instances, or globals that functions assign, may depend on one that
    runs later. If that has published something new, it runs once more at the end.
    """

    def __init__(
        self,
        m: Interpreter,
        indexes: Mapping[str, FileIndex],
        incremental: IncrementalCache,
        processes: int = 1,
    ) -> None:
        """`indexes` are those of the files to run; up to `processes` processes work at once."""
        self._m = m
        self._indexes = indexes
        self._processes = processes
        log_calls = (Span(path, *extent) for path, index in indexes.items() for extent in index.log_calls)
        self._runner = EntryRunner(m, incremental, frozenset(log_calls))

    def run(self) -> None:
        """Runs them all."""
        runner, recorder = self._runner, self._m.recorder
        scripts = [EntryPoint(runner.next_id(), path) for path in self._indexes]
        runner.scripts = len(scripts)
        run_scripts(runner, scripts, self._processes)
        for functions in implicit_entry_points(self._m, self._indexes, runner.done):
            runner.run(EntryPoint(runner.next_id(), functions[0].path, tuple(functions)))
        for entry in runner.outdated():
            events = recorder.take(entry.id)
            if not runner.run(entry):
                # The first run has recorded its own events; the second could only add effects of later facts.
                recorder.put_back(entry.id, events)
        for path, index in self._indexes.items():
            if not is_test(path):
                self._note_inits(path, index.inits)
                for depth in SHALLOW_DEPTHS:
                    self._run_fallback(path, depth)
        # Only now: nothing reads those of files that are not indexed.
        recorder.non_wandb_calls = runner.done.non_wandb_calls

    def _run_fallback(self, path: str, depth: int) -> None:
        """Runs each function with log calls that no entry point reached, with a limited call stack.

        Most entry points are cut off because of their callees, but most rows are built where they are logged.
        """
        m, runner = self._m, self._runner
        other_calls = runner.done.non_wandb_calls
        if not fallback.is_unreached(m, path, self._indexes[path].log_calls, other_calls):
            return
        file = m.project.facts_untracked(path)
        body = [] if file is None else file.body
        defined = [function for function in runner.done.defined if function[0] == path]
        defined.sort(key=lambda function: m.project.source_order(*function))
        for info in [*map(m.functions.function_at, defined), None]:
            # Again for each function: the run of one may have reached the log calls of others.
            if fallback.is_unreached(m, path, fallback.log_calls_in(body, info), other_calls):
                runner.run(EntryPoint(runner.next_id(), path, () if info is None else (info,), depth))

    def _note_inits(self, path: str, extents: Sequence[Extent]) -> None:
        """Records the inits of a file that no entry point reached."""
        m = self._m
        left = fallback.inits(m, path, extents)
        if left:
            key: EntryPointKey = ("inits", path, *(start for start, _ in sorted(left)))
            self._runner.run_work(key, lambda: fallback.note_inits(m, path, left))
