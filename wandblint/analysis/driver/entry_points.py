"""Where an abstract run of the project starts: its scripts, then the functions that nobody calls."""

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
    """Runs every entry point that the indexed files have.

    What an entry point reads of symbolic instances, or of globals that other functions set, may come from one
    that runs later. Such entry points run once more at the end.
    """

    def __init__(
        self,
        m: Interpreter,
        indexes: Mapping[str, FileIndex],
        incremental: IncrementalCache,
        processes: int = 1,
    ) -> None:
        """`indexes` are those of the files with scripts; up to so many `processes` work at once."""
        self._m = m
        self._indexes = indexes
        self._processes = processes
        log_calls = (Span(path, *extent) for path, index in indexes.items() for extent in index.log_calls)
        self._runner = EntryRunner(m, incremental, frozenset(log_calls))

    def run(self) -> None:
        """Runs them all."""
        runner, recorder = self._runner, self._m.recorder
        scripts = [EntryPoint(runner.next_id(), path) for path in self._indexes]
        run_scripts(runner, scripts, self._processes)
        for functions in implicit_entry_points(self._m, self._indexes, runner.done):
            runner.run(EntryPoint(runner.next_id(), functions[0].path, tuple(functions)))
        for entry in [*runner.read_others]:
            events = recorder.take(entry.id)
            if not runner.run(entry):
                # Its own events are known from the first time; only what others published since is not.
                recorder.put_back(entry.id, events)
        for path, index in self._indexes.items():
            if not is_test(path):
                self._note_inits(path, index.inits)
                for depth in SHALLOW_DEPTHS:
                    self._run_fallback(path, depth)
        # Nobody asks for those of the files that are not indexed.
        recorder.non_wandb_calls = runner.done.non_wandb_calls

    def _run_fallback(self, path: str, depth: int) -> None:
        """Runs each function whose log calls no entry point reached, with calls followed only to a depth.

        What was cut off is only so long because of what it calls: most rows are made where they are logged.
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
            # One call may make others reached.
            if fallback.is_unreached(m, path, fallback.log_calls_in(body, info), other_calls):
                runner.run(EntryPoint(runner.next_id(), path, () if info is None else (info,), depth))

    def _note_inits(self, path: str, extents: Sequence[Extent]) -> None:
        """Records the inits of a file that no entry point reached."""
        m = self._m
        left = fallback.inits(m, path, extents)
        if left:
            key: EntryPointKey = ("inits", path, *(start for start, _ in sorted(left)))
            self._runner.run_work(key, lambda: fallback.note_inits(m, path, left))
