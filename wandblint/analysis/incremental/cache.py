"""Restores the results of entry points whose dependencies are unchanged.

A result is valid if all its queries have the same answers, if the earlier entry points have published the
same facts, and if the step budget is equivalent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress

from msgspec.structs import replace

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import EntryPointKey, Query, SharedFactKey
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Unknown, Value
from wandblint.analysis.incremental.results import (
    ENCODER,
    VALUES,
    CachedResults,
    DependencyNode,
    EntryResult,
    PublishedFact,
    decode,
    decode_records,
    encode_records,
    with_entry_id,
)
from wandblint.analysis.project.file_queries import file_of_query
from wandblint.analysis.project.file_selection import names_of
from wandblint.analysis.project.module_index import may_import
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.recorder import EntryEvents
from wandblint.infra.cache import UNDECODABLE
from wandblint.model.codec import NotAModel, Writer
from wandblint.span import Span


class CachedRun:
    """The results of the run before, or of another process, except those whose numbers are `stale`.

    Raises `NotAModel` where the bytes are invalid.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self.cached = decode(data)
        except UNDECODABLE as error:
            raise NotAModel(str(error)) from error
        self._numbers = {result.key: number for number, result in enumerate(self.cached.results)}
        self.stale: set[int] = set()
        self.values: list[Value] = []
        self.records: list[EntryEvents | None] = []

    def decode(self) -> None:
        """Decodes the values and events, which takes longest. Raises `NotAModel`."""
        self.values = VALUES.decode_all(self.cached.values)
        self.records = decode_records(self.cached.records)
        if len(self.records) != len(self.cached.results):
            raise NotAModel("the numbers of records and results differ")

    def invalidate(self, stale: frozenset[int]) -> None:
        """Invalidates the results that depend on stale queries, given by number."""
        nodes = self.cached.nodes
        users: dict[int, list[int]] = defaultdict(list)
        for number, node in enumerate(nodes):
            for dependency in node.depends_on:
                users[dependency].append(number)
        waiting = [number for number, node in enumerate(nodes) if not stale.isdisjoint(node.queries)]
        invalid = set(waiting)
        while waiting:
            new = [user for user in users[waiting.pop()] if user not in invalid]
            invalid.update(new)
            waiting += new
        self.stale = {
            number for number, result in enumerate(self.cached.results) if result.dependencies in invalid
        }

    def result(self, key: EntryPointKey) -> EntryResult | None:
        """The result of an entry point; None where there is none or it is stale."""
        number = self._numbers.get(key)
        return None if number is None or number in self.stale else self.cached.results[number]

    def record(self, result: EntryResult) -> EntryEvents | None:
        """The events of an entry point."""
        return self.records[self._numbers[result.key]]


class IncrementalCache:
    """The results of this run so far, and those of the run before."""

    def __init__(self, m: Interpreter, before: bytes = b"", added_or_removed: Collection[str] = ()) -> None:
        """`before` is the `data` of the run before, `added_or_removed` the files that changed since then."""
        self._m = m
        self._added_or_removed = added_or_removed
        self._sources: list[CachedRun] = []
        if before:
            with suppress(NotAModel):
                self._sources += self._valid_runs(CachedRun(before))
        self.restored: set[int] = set()
        """The entry points whose results were restored."""
        self._queries: dict[Query, int] = {}
        self._answers: list[int] = []
        self._nodes: list[Dependencies | DependencyNode] = []
        self._node_numbers: dict[Dependencies, int] = {}
        self._answer_fingerprints: dict[Dependencies, tuple[int, int]] = {}
        """By dependencies: the number of queries so far, and a hash of their answers."""
        self._restored_nodes: dict[tuple[int, int], int] = {}
        """The numbers of restored nodes, by the number of their source and their number there."""
        self._fact_keys: dict[SharedFactKey, int] = {}
        self._results: list[EntryResult] = []
        self._records: list[EntryEvents | None] = []
        self._writer = Writer(VALUES)
        self._step_budget = 0
        self._closure_fingerprints: dict[frozenset[str], int] = {}
        """The hash of each set of files."""

    # --- the run before ---

    def _valid_runs(self, run: CachedRun) -> list[CachedRun]:
        """The run before, with its stale results invalidated; empty if all are stale. Raises `NotAModel`."""
        stale = self._stale_queries(run.cached)
        if stale:
            run.invalidate(stale)
        if len(run.stale) == len(run.cached.results):
            return []
        run.decode()
        return [run]

    def _stale_queries(self, cached: CachedResults) -> frozenset[int]:
        """The numbers of the queries that have other answers now."""
        m = self._m
        files = self._affected_files(cached)

        def is_unchanged(query: Query, answer: int) -> bool:
            path = file_of_query(query)
            if path in files:
                return False
            if path is not None and m.project.is_unchanged(path):
                return True
            return m.project.fingerprint(query) == answer

        return frozenset(
            number for number, (query, answer) in enumerate(cached.queries) if not is_unchanged(query, answer)
        )

    def _affected_files(self, cached: CachedResults) -> set[str]:
        """The files whose names mean something else now: they reach wandb or no longer do, or an import of
        theirs may resolve to another file."""
        m = self._m
        names = names_of(m.reaching ^ set(cached.reaching))
        files = {*(m.relevant ^ set(cached.relevant)), *self._added_or_removed}
        if names or self._added_or_removed:
            for path in {file_of_query(query) for query, _ in cached.queries}:
                if path is not None and path not in files:
                    text = m.project.text_untracked(path)
                    if any(name in text for name in names) or may_import(path, text, self._added_or_removed):
                        files.add(path)
        return files

    def add(self, data: bytes) -> None:
        """Adds results of this run from another process."""
        with suppress(NotAModel):
            source = CachedRun(data)
            source.decode()
            self._sources.append(source)

    def for_child(self) -> IncrementalCache:
        """A cache for the results of a forked child."""
        child = IncrementalCache(self._m)
        child._sources = [*self._sources]
        return child

    def may_hold(self, key: EntryPointKey) -> bool:
        """Whether there is an earlier result of an entry point that may be valid."""
        return any(source.result(key) is not None for source in self._sources)

    def valid_result(self, key: EntryPointKey) -> tuple[CachedRun, EntryResult] | None:
        """The cached result of the entry point that starts, with its source; None without a valid one."""
        m = self._m
        self._step_budget = m.budget.step_budget
        for source in self._sources:
            result = source.result(key)
            if (
                result is not None
                and all(
                    m.shared_facts.fingerprint(source.cached.fact_keys[number]) == fingerprint
                    for number, fingerprint in result.facts_read
                )
                and m.budget.is_equivalent_budget(result.step_budget, result.steps_used, result.is_complete)
            ):
                return source, result
        return None

    def restore(
        self, source: CachedRun, result: EntryResult, entry_id: int
    ) -> tuple[EntryResult, Dependencies]:
        """Adds a cached result and its effects to this run."""
        m, cached, values = self._m, source.cached, source.values
        self.restored.add(entry_id)
        m.budget.spend(result.steps_used)
        record = source.record(result)
        if record is not None:
            record = m.recorder.records[entry_id] = with_entry_id(record, result.entry_id, entry_id)
        for function in result.defined:
            m.shared_facts.define(function, result.fingerprint, is_materialized=False)
        published: list[PublishedFact] = []
        for fact in result.published:
            key, value = cached.fact_keys[fact.key], None if fact.value is None else values[fact.value]
            m.shared_facts.restore(key, value, fact.fingerprint)
            number = None if value is None else self._writer.number(value)
            published.append(PublishedFact(self._fact_key_number(key), fact.fingerprint, number))
        node = self._restore_node(self._sources.index(source), result.dependencies)
        facts_read = [
            (self._fact_key_number(cached.fact_keys[key_number]), fingerprint)
            for key_number, fingerprint in result.facts_read
        ]
        result = replace(
            result, entry_id=entry_id, dependencies=node, facts_read=facts_read, published=published
        )
        return self._append(result, record), Dependencies(
            entered=set(result.entered),
            defined=set(result.defined),
            ambiguous_targets=set(result.ambiguous_targets),
            non_wandb_calls={Span(*location) for location in result.non_wandb_calls},
        )

    def _restore_node(self, source: int, number: int) -> int:
        """The number in this run of a node of a source."""
        cached = self._sources[source].cached
        if (source, number) not in self._restored_nodes:
            self._restored_nodes[source, number] = len(self._nodes)
            before, node = cached.nodes[number], DependencyNode([], [])
            self._nodes.append(node)
            for query in before.queries:
                self._m.project.mark_reused(cached.queries[query][0])
                node.queries.append(self._query_number(*cached.queries[query]))
            node.depends_on += [self._restore_node(source, dependency) for dependency in before.depends_on]
        return self._restored_nodes[source, number]

    def _append(self, result: EntryResult, record: EntryEvents | None) -> EntryResult:
        self._results.append(result)
        self._records.append(record)
        return result

    # --- this run ---

    def end_entry(
        self, key: EntryPointKey, entry_id: int, log_calls: frozenset[Span], *, is_complete: bool
    ) -> tuple[EntryResult, Dependencies]:
        """Ends an entry point that ran; returns its result and its effects.

        Of its non-wandb calls it keeps only the `log_calls`.
        """
        m = self._m
        self.restored.discard(entry_id)
        all_deps = m.module_cache.entry_deps.transitive()
        effects = Dependencies()
        for deps in all_deps:
            effects.merge_effects(deps)
        facts_read = [*m.shared_facts.read_fingerprints.items()]
        fingerprint = stable_hash((key, sorted(map(self._answers_fingerprint, all_deps)), facts_read))
        facts: list[tuple[SharedFactKey, Value, PublishedFact]] = []
        for deps in all_deps:
            if deps.published:
                origin = self._slice_fingerprint(deps) or fingerprint
                facts += [
                    (fact_key, value, self._published_fact(fact_key, value, origin))
                    for fact_key, value in deps.published.items()
                ]
        m.shared_facts.end_entry((fact_key, value, fact.fingerprint) for fact_key, value, fact in facts)
        effects.entered = {function for function in effects.entered if function[0] in m.relevant}
        effects.defined = {function for function in effects.defined if function[0] in m.relevant}
        effects.non_wandb_calls &= log_calls
        for function in effects.defined:
            m.shared_facts.define(function, fingerprint, is_materialized=True)
        result = EntryResult(
            key,
            entry_id,
            self._node_number(m.module_cache.entry_deps),
            [(self._fact_key_number(fact_key), published) for fact_key, published in facts_read],
            self._step_budget,
            m.budget.steps,
            m.budget.calls,
            m.budget.calls_cut_off,
            is_complete,
            m.entry.reads_other_entries,
            sorted(effects.entered),
            sorted(effects.defined),
            sorted(effects.ambiguous_targets),
            sorted((call.path, call.start, call.end) for call in effects.non_wandb_calls),
            [fact for _, _, fact in facts],
            fingerprint,
        )
        return self._append(result, m.recorder.records.get(entry_id)), effects

    @property
    def results(self) -> Sequence[EntryResult]:
        """The results of this run so far, in order."""
        return self._results

    @property
    def fact_keys(self) -> list[SharedFactKey]:
        """The keys of the facts of this run so far, by number."""
        return list(self._fact_keys)

    def _answers_fingerprint(self, deps: Dependencies) -> int:
        """A hash of all queries of the dependencies and their answers: some have the code in the query."""
        count = len(deps.queries)
        if deps not in self._answer_fingerprints or self._answer_fingerprints[deps][0] != count:
            answered = [(query, self._answers[self._query_number(query)]) for query in deps.queries]
            self._answer_fingerprints[deps] = count, hash(tuple(sorted(map(stable_hash, answered))))
        return self._answer_fingerprints[deps][1]

    def _published_fact(self, key: SharedFactKey, value: Value, origin: int) -> PublishedFact:
        """A fact of code whose dependencies have the hash `origin`."""
        encoded = self._encoded(value)
        fingerprint = stable_hash(value)
        if encoded is None:
            # The value refers to mutable objects: their content is identified by what the code depends on.
            fingerprint = hash((fingerprint, origin))
        return PublishedFact(self._fact_key_number(key), fingerprint, encoded)

    def _slice_fingerprint(self, deps: Dependencies) -> int:
        """A hash of all that a module slice depends on; 0 if that may be the entry point."""
        project, used = self._m.project, deps.transitive()
        if not deps.module or self._m.module_cache.is_path_dependent(used):
            return 0
        closure = project.import_closure(deps.module)
        if closure not in self._closure_fingerprints:
            self._closure_fingerprints[closure] = stable_hash(
                [project.fingerprint(("file", path)) for path in sorted(closure)]
            )
        return (
            self._closure_fingerprints[closure] if closure.issuperset({other.module for other in used}) else 0
        )

    def _encoded(self, value: Value) -> int | None:
        m = self._m
        for option in options(value):
            if isinstance(option, Unknown) and (
                option.symbol in m.induction.variables or m.heap.partial_mapping(option)
            ):
                return None  # the interpreter knows more about it than the value contains
        try:
            return self._writer.number(value)
        except TypeError:
            return None

    def _query_number(self, query: Query, answer: int | None = None) -> int:
        """The number of a query; its answer is computed unless given."""
        if query not in self._queries:
            self._queries[query] = len(self._answers)
            self._answers.append(self._m.project.fingerprint(query) if answer is None else answer)
        return self._queries[query]

    def _node_number(self, deps: Dependencies) -> int:
        """The number of the node of these dependencies."""
        if deps not in self._node_numbers:
            self._node_numbers[deps] = len(self._nodes)
            self._nodes.append(deps)
        return self._node_numbers[deps]

    def _encoded_nodes(self) -> list[DependencyNode]:
        nodes: list[DependencyNode] = []
        for node in self._nodes:  # which `_node_number` appends to
            if isinstance(node, Dependencies):
                queries = [self._query_number(query) for query in node.queries]
                nodes.append(DependencyNode(queries, [self._node_number(deps) for deps in node.depends_on]))
            else:
                nodes.append(node)
        return nodes

    @property
    def files(self) -> set[str]:
        """The files that queries are about."""
        return {path for query in self._queries if (path := file_of_query(query)) is not None}

    def _fact_key_number(self, key: SharedFactKey) -> int:
        return self._fact_keys.setdefault(key, len(self._fact_keys))

    def data(self) -> bytes:
        """All results for the next run. Raises `OverflowError` for an integer of more than 64 bits."""
        m = self._m
        nodes = self._encoded_nodes()  # first, because it adds queries
        cached = CachedResults(
            sorted(m.reaching),
            sorted(m.relevant),
            list(zip(self._queries, self._answers, strict=True)),
            nodes,
            self.fact_keys,
            self._results,
            self._writer.data(),
            encode_records(self._records),
        )
        return ENCODER.encode(cached)
