"""Call paths that need not be followed again: what they asked has the answers that it had.

A path is taken as it was if the files, names and classes that it looked at are what they were, if other paths
have said what they had said, and if it may run as many statements as it did.
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
from wandblint.analysis.project.module_index import may_import
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.recorder import EntryEvents
from wandblint.model.codec import NotAModel, Writer
from wandblint.span import Span


class CachedRun:
    """The outcomes of the run before, or of another process; those whose numbers are `lost` do not count.

    Raises `NotAModel` where the bytes hold none.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self.cached = decode(data)
        except ValueError as error:
            raise NotAModel(str(error)) from error
        self._numbers = {outcome.key: number for number, outcome in enumerate(self.cached.results)}
        self.stale: set[int] = set()
        self.values: list[Value] = []
        self.records: list[EntryEvents | None] = []

    def decode(self) -> None:
        """Reads what takes long to read, for who may take some of it. Raises `NotAModel`."""
        self.values = VALUES.decode_all(self.cached.values)
        self.records = decode_records(self.cached.records)
        if len(self.records) != len(self.cached.results):
            raise NotAModel("not as many records as outcomes")

    def invalidate(self, stale: frozenset[int]) -> None:
        """The answers of some questions are not what they were: what depends on them does not count."""
        needs = self.cached.nodes
        users: dict[int, list[int]] = defaultdict(list)
        for number, need in enumerate(needs):
            for part in need.depends_on:
                users[part].append(number)
        waiting = [number for number, need in enumerate(needs) if not stale.isdisjoint(need.queries)]
        lost = set(waiting)
        while waiting:
            new = [user for user in users[waiting.pop()] if user not in lost]
            lost.update(new)
            waiting += new
        self.stale = {
            number for number, outcome in enumerate(self.cached.results) if outcome.dependencies in lost
        }

    def result(self, key: EntryPointKey) -> EntryResult | None:
        """What came of a call path, unless that does not count."""
        number = self._numbers.get(key)
        return None if number is None or number in self.stale else self.cached.results[number]

    def record(self, outcome: EntryResult) -> EntryEvents | None:
        """What a call path told wandb."""
        return self.records[self._numbers[outcome.key]]


class IncrementalCache:
    """The outcomes of this run, as far as they are known, with those of the run before."""

    def __init__(self, m: Interpreter, before: bytes = b"", others: Collection[str] = ()) -> None:
        """`before` are the outcomes that the run before has written, `others` the files that are new since or
        gone."""
        self._m = m
        self._added_or_removed = others
        self._sources: list[CachedRun] = []
        if before:
            with suppress(NotAModel):
                self._sources += self._valid_runs(CachedRun(before))
        self.restored: set[int] = set()
        """The call paths of which the outcomes were taken as they were."""
        self._queries: dict[Query, int] = {}
        self._answers: list[int] = []
        self._nodes: list[Dependencies | DependencyNode] = []
        self._node_numbers: dict[Dependencies, int] = {}
        self._answer_fingerprints: dict[Dependencies, tuple[int, int]] = {}
        """How much deeds have asked, and a number for the answers."""
        self._restored_nodes: dict[tuple[int, int], int] = {}
        """The numbers of needs that were taken as they were, by those of their source and theirs there."""
        self._fact_keys: dict[SharedFactKey, int] = {}
        self._results: list[EntryResult] = []
        self._records: list[EntryEvents | None] = []
        self._writer = Writer(VALUES)
        self._step_budget = 0
        self._closure_fingerprints: dict[frozenset[str], int] = {}
        """Numbers for what files hold."""

    # --- the run before ---

    def _valid_runs(self, earlier: CachedRun) -> list[CachedRun]:
        """The outcomes of the run before, those lost that depend on what is not as it was; none where that is
        all. Raises `NotAModel`."""
        stale = self._stale_queries(earlier.cached)
        if stale:
            earlier.invalidate(stale)
        if len(earlier.stale) == len(earlier.cached.results):
            return []
        earlier.decode()
        return [earlier]

    def _stale_queries(self, kept: CachedResults) -> frozenset[int]:
        """The questions that have other answers now."""
        m = self._m
        files = self._affected_files(kept)

        def still_holds(question: Query, answer: int) -> bool:
            path = file_of_query(question)
            if path in files:
                return False
            if path is not None and m.project.is_unchanged(path):
                return True
            return m.project.fingerprint(question) == answer

        return frozenset(
            number
            for number, (question, answer) in enumerate(kept.queries)
            if not still_holds(question, answer)
        )

    def _affected_files(self, kept: CachedResults) -> set[str]:
        """The files to which their own words mean something else now: they lead to wandb or no longer do, or
        name another file."""
        m = self._m
        words = m.reaches_wandb ^ set(kept.reaches_wandb)
        files = {*(m.relevant ^ set(kept.relevant)), *self._added_or_removed}
        if words or self._added_or_removed:
            for path in {file_of_query(question) for question, _ in kept.queries}:
                if path is not None and path not in files:
                    text = m.project.text_untracked(path)
                    if any(word in text for word in words) or may_import(path, text, self._added_or_removed):
                        files.add(path)
        return files

    def add(self, found: bytes) -> None:
        """Outcomes of this run that another process has written."""
        with suppress(NotAModel):
            source = CachedRun(found)
            source.decode()
            self._sources.append(source)

    def for_child(self) -> IncrementalCache:
        """What a copy of this process finds, by itself."""
        made = IncrementalCache(self._m)
        made._sources = [*self._sources]
        return made

    def may_hold(self, key: EntryPointKey) -> bool:
        """Whether there is an earlier outcome of a call path, which may count."""
        return any(source.result(key) is not None for source in self._sources)

    def valid_result(self, key: EntryPointKey) -> tuple[CachedRun, EntryResult] | None:
        """What came of the call path that begins, where that still holds."""
        m = self._m
        self._step_budget = m.budget.step_budget
        for source in self._sources:
            outcome = source.result(key)
            if (
                outcome is not None
                and all(
                    m.shared_facts.fingerprint(source.cached.fact_keys[topic]) == then
                    for topic, then in outcome.facts_read
                )
                and m.budget.is_equivalent_budget(
                    outcome.step_budget, outcome.steps_used, outcome.is_complete
                )
            ):
                return source, outcome
        return None

    def restore(self, source: CachedRun, outcome: EntryResult, root: int) -> tuple[EntryResult, Dependencies]:
        """Takes an outcome as it was."""
        m, kept, values = self._m, source.cached, source.values
        self.restored.add(root)
        m.budget.spend(outcome.steps_used)
        record = source.record(outcome)
        if record is not None:
            record = m.recorder.records[root] = with_entry_id(record, outcome.entry_id, root)
        for place in outcome.defined:
            m.shared_facts.define(place, outcome.fingerprint, is_at_hand=False)
        said: list[PublishedFact] = []
        for one in outcome.published:
            topic, value = kept.fact_keys[one.key], None if one.value is None else values[one.value]
            m.shared_facts.restore(topic, value, one.fingerprint)
            written = None if value is None else self._writer.number(value)
            said.append(PublishedFact(self._fact_key_number(topic), one.fingerprint, written))
        needs = self._restore_node(self._sources.index(source), outcome.dependencies)
        seen = [(self._fact_key_number(kept.fact_keys[topic]), then) for topic, then in outcome.facts_read]
        outcome = replace(outcome, entry_id=root, dependencies=needs, facts_read=seen, published=said)
        return self._append(outcome, record), Dependencies(
            entered=set(outcome.entered),
            defined=set(outcome.defined),
            ambiguous_targets=set(outcome.ambiguous_targets),
            non_wandb_calls={Span(*place) for place in outcome.non_wandb_calls},
        )

    def _restore_node(self, source: int, number: int) -> int:
        """The number that needs have in this run which were taken as they were."""
        kept = self._sources[source].cached
        if (source, number) not in self._restored_nodes:
            self._restored_nodes[source, number] = len(self._nodes)
            before, need = kept.nodes[number], DependencyNode([], [])
            self._nodes.append(need)
            for question in before.queries:
                self._m.project.mark_reused(kept.queries[question][0])
                need.queries.append(self._query_number(*kept.queries[question]))
            need.depends_on += [self._restore_node(source, part) for part in before.depends_on]
        return self._restored_nodes[source, number]

    def _append(self, outcome: EntryResult, record: EntryEvents | None) -> EntryResult:
        self._results.append(outcome)
        self._records.append(record)
        return outcome

    # --- this run ---

    def end_entry(
        self, key: EntryPointKey, root: int, written: frozenset[Span], *, is_complete: bool
    ) -> tuple[EntryResult, Dependencies]:
        """A call path was followed: notes what came of it."""
        m = self._m
        self.restored.discard(root)
        deeds = m.module_cache.entry_deps.transitive()
        whole = Dependencies()
        for one in deeds:
            whole.merge_effects(one)
        seen = [
            (self._fact_key_number(topic), then) for topic, then in m.shared_facts.read_fingerprints.items()
        ]
        stamp = stable_hash(
            (
                key,
                sorted(map(self._answers_fingerprint, deeds)),
                list(m.shared_facts.read_fingerprints.items()),
            )
        )
        told = [(topic, value, one.module) for one in deeds for topic, value in one.published.items()]
        said = [self._published_fact(topic, value, home, stamp) for topic, value, home in told]
        m.shared_facts.end_entry(
            (topic, value, one.fingerprint) for (topic, value, _), one in zip(told, said, strict=True)
        )
        whole.entered = {place for place in whole.entered if place[0] in m.relevant}
        whole.defined = {place for place in whole.defined if place[0] in m.relevant}
        whole.non_wandb_calls &= written
        for place in whole.defined:
            m.shared_facts.define(place, stamp, is_at_hand=True)
        outcome = EntryResult(
            key,
            root,
            self._node_number(m.module_cache.entry_deps),
            seen,
            self._step_budget,
            m.budget.steps,
            is_complete,
            m.entry.reads_other_entries,
            sorted(whole.entered),
            sorted(whole.defined),
            sorted(whole.ambiguous_targets),
            sorted((call.path, call.start, call.end) for call in whole.non_wandb_calls),
            said,
            stamp,
        )
        return self._append(outcome, m.recorder.records.get(root)), whole

    @property
    def results(self) -> Sequence[EntryResult]:
        """What came of each call path so far, in order."""
        return self._results

    def _answers_fingerprint(self, deeds: Dependencies) -> int:
        """Tells whether what deeds asked has the answers that it had."""
        asked = len(deeds.queries)
        if deeds not in self._answer_fingerprints or self._answer_fingerprints[deeds][0] != asked:
            answers = [self._answers[self._query_number(question)] for question in deeds.queries]
            self._answer_fingerprints[deeds] = asked, stable_hash(sorted(answers))
        return self._answer_fingerprints[deeds][1]

    def _published_fact(self, topic: SharedFactKey, value: Value, home: str, stamp: int) -> PublishedFact:
        kept = self._encoded(value)
        number = stable_hash(value)
        if kept is None:
            # What a reference leads to is told by what the code depended on.
            number = hash((number, self._module_fingerprint(home) or stamp))
        return PublishedFact(self._fact_key_number(topic), number, kept)

    def _module_fingerprint(self, home: str) -> int:
        """What the loading of a module says is the same on all paths: a number for what it may depend on."""
        project, sharing = self._m.project, self._m.module_cache
        if not home or sharing.is_path_dependent(home):
            return 0
        reach = project.import_closure(home)
        if reach not in self._closure_fingerprints:
            self._closure_fingerprints[reach] = stable_hash(
                [project.fingerprint(("file", path)) for path in sorted(reach)]
            )
        return self._closure_fingerprints[reach] if reach.issuperset(sharing.dependency_closure(home)) else 0

    def _encoded(self, value: Value) -> int | None:
        m = self._m
        for option in options(value):
            if isinstance(option, Unknown) and (
                option.symbol in m.induction.variables or m.heap.partial_mapping(option)
            ):
                # More is known of it than the value tells.
                return None
        try:
            return self._writer.number(value)
        except TypeError:
            return None

    def _query_number(self, question: Query, answer: int | None = None) -> int:
        """The number of a question; its answer is asked for where it is not known."""
        if question not in self._queries:
            self._queries[question] = len(self._answers)
            self._answers.append(self._m.project.fingerprint(question) if answer is None else answer)
        return self._queries[question]

    def _node_number(self, deeds: Dependencies) -> int:
        """The number of what deeds depend on."""
        if deeds not in self._node_numbers:
            self._node_numbers[deeds] = len(self._nodes)
            self._nodes.append(deeds)
        return self._node_numbers[deeds]

    def _encoded_nodes(self) -> list[DependencyNode]:
        written: list[DependencyNode] = []
        for one in self._nodes:  # which grow by the parts of those that are written
            if isinstance(one, Dependencies):
                asked = [self._query_number(question) for question in one.queries]
                written.append(DependencyNode(asked, [self._node_number(part) for part in one.depends_on]))
            else:
                written.append(one)
        return written

    @property
    def files(self) -> set[str]:
        """The files of which something was asked."""
        return {path for question in self._queries if (path := file_of_query(question)) is not None}

    def _fact_key_number(self, topic: SharedFactKey) -> int:
        return self._fact_keys.setdefault(topic, len(self._fact_keys))

    def data(self) -> bytes:
        """All outcomes, for the next run. Raises `OverflowError` for an integer of more than 64 bits."""
        m = self._m
        needs = self._encoded_nodes()
        kept = CachedResults(
            sorted(m.reaches_wandb),
            sorted(m.relevant),
            list(zip(self._queries, self._answers, strict=True)),
            needs,
            list(self._fact_keys),
            self._results,
            self._writer.data(),
            encode_records(self._records),
        )
        return ENCODER.encode(kept)
