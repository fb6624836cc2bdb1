"""Runs one entry point after the other, or restores its result from an earlier run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from wandblint.analysis.domain.identifiers import EntryPointKey
from wandblint.analysis.driver.entry_point import EntryPoint, run_functions, run_script
from wandblint.analysis.driver.errors import report_internal_error
from wandblint.analysis.incremental.cache import IncrementalCache
from wandblint.analysis.incremental.results import EntryResult
from wandblint.analysis.project.files import is_test
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.shared_facts import NotMaterializedError
from wandblint.span import Span


class _EntryRun(NamedTuple):
    """How an entry point starts, given its position in the order, and how it runs."""

    entry_id: int
    key: EntryPointKey
    start: Callable[[int], None]
    run: Callable[[], bool]


class EntryRunner:
    """The entry points in the order in which they run; each sees what the ones before it have published."""

    def __init__(self, m: Interpreter, incremental: IncrementalCache, log_calls: frozenset[Span]) -> None:
        """`log_calls` are the calls of the project that read as wandb's `log`."""
        self.m = m
        self.incremental = incremental
        self.done = Dependencies()
        """The effects of all entry points together."""
        self.position = 0
        self._read_others: dict[EntryPoint, tuple[int, EntryResult]] = {}
        """The entry points that read facts of others: the first position of news, and the result."""
        self.scripts = 0
        """The number of scripts, which run first."""
        self._log_calls = log_calls
        self._count = 0
        self._finished: dict[int, tuple[_EntryRun, int]] = {}
        """The entry points so far by position, each with its step budget."""
        self._occurrences: Counter[EntryPointKey] = Counter()

    def next_id(self) -> int:
        """The number of a new entry point."""
        self._count += 1
        return self._count - 1

    def run(self, entry: EntryPoint) -> bool:
        """Runs an entry point; returns whether it was run to its end."""
        m = self.m
        m.recorder.entry_points[entry.id] = entry.location
        main, in_test = "" if entry.functions else entry.path, is_test(entry.path)
        times = self._occurrences[entry.key]
        self._occurrences[entry.key] += 1
        key = (*entry.key, f"after {times}") if times else entry.key
        result = self._result(
            _EntryRun(
                entry.id,
                key,
                lambda position: m.start(
                    entry.id, key, position, main=main, in_test=in_test, depth=entry.depth
                ),
                lambda: self._interpret(entry),
            )
        )
        if not result.is_complete and entry.depth is None and not in_test:
            m.recorder.over_budget.add(entry.id)
            m.budget.give_up()
        if result.reads_other_entries and result.is_complete:
            # One that was cut off would be cut off again.
            # A script runs once and methods have run twice, so only a single function finds news of its own.
            is_function = bool(entry.functions) and entry.functions[0].owner is None
            self._read_others[entry] = self.position - is_function, result
        return result.is_complete

    def outdated(self) -> Iterator[EntryPoint]:
        """The entry points so far that read facts of which there are news when each is asked for."""
        keys, facts = self.incremental.fact_keys, self.m.shared_facts
        for entry, (position, result) in [*self._read_others.items()]:
            if any(facts.has_news_since(keys[number], position) for number, _ in result.facts_read):
                yield entry

    def run_work(self, key: EntryPointKey, work: Callable[[], bool]) -> None:
        """Runs work that is no code of the project as an entry point of its own."""
        entry_id = self.next_id()
        self._result(
            _EntryRun(
                entry_id,
                key,
                lambda position: self.m.start(entry_id, key, position, main="", in_test=False),
                work,
            )
        )

    def _result(self, run: _EntryRun) -> EntryResult:
        """The result of the next entry point: the cached one if that is still valid."""
        position, self.position = self.position, self.position + 1
        run.start(position)
        cached = self.incremental.valid_result(run.key)
        if cached is not None:
            result, dependencies = self.incremental.restore(*cached, run.entry_id)
        else:
            is_complete = self._run_to_end(run, position)
            result, dependencies = self.incremental.end_entry(
                run.key, run.entry_id, self._log_calls, is_complete=is_complete
            )
        self.done.merge_effects(dependencies)
        self._finished[position] = run, result.step_budget
        self.m.recorder.calls[run.entry_id] = result.calls, result.calls_cut_off
        if position < self.scripts:
            self.m.project.note_progress("analyzing scripts", self.position, self.scripts)
        else:
            self.m.project.note_progress("analyzing functions", self.position - self.scripts, 0)
        return result

    def _run_to_end(self, run: _EntryRun, position: int) -> bool:
        """Runs an entry point that has started, after the producers of unmaterialized facts that it reads.

        Returns whether it was run to its end.
        """
        try:
            return run.run()
        except NotMaterializedError as error:
            producers = sorted(error.producers)
        self.m.abandon()
        for producer in producers:
            self._materialize(producer)
        run.start(position)
        return self._run_to_end(run, position)

    def _materialize(self, position: int) -> None:
        """Runs an entry point whose result was restored, to materialize the facts that it publishes."""
        m = self.m
        run, step_budget = self._finished[position]
        events = m.recorder.records.pop(run.entry_id, None)
        definitions = dict(m.functions.definitions)
        run.start(position)
        m.budget.set_limit(step_budget)
        self._run_to_end(run, position)
        m.shared_facts.republish(
            fact for deps in m.module_cache.entry_deps.transitive() for fact in deps.published.items()
        )
        for info, value in definitions.items():
            is_last = m.shared_facts.is_last_definition(info.id, position)
            if m.functions.definitions[info] is not value and not is_last:
                m.functions.definitions[info] = value
        m.budget.steps = 0
        m.recorder.records.pop(run.entry_id, None)
        if events is not None:
            m.recorder.records[run.entry_id] = events

    def _interpret(self, entry: EntryPoint) -> bool:
        m = self.m
        try:
            if entry.functions:
                run_functions(m, entry)
            else:
                run_script(m, entry.path)
        except Exception as error:
            # Over budget, or an internal error: the rest of the code may log anything.
            report_internal_error(m, entry.path, error)
            m.leave_all_code()
            m.recorder.reset_depths()
            m.recorder.mark_unseen_logging(entry.span)
            return False
        return True
