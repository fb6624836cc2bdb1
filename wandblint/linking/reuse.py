"""Call paths that need not be followed again: what they asked has the answers that it had.

A path is taken as it was if the files, names and classes that it looked at are what they were, if other paths
have said what they had said, and if it may run as many statements as it did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from contextlib import suppress

from msgspec.structs import replace

from wandblint.finding import Span
from wandblint.linking.contents import told_by_file
from wandblint.linking.deeds import Deeds, Key, Question, Topic
from wandblint.linking.identity import number_of
from wandblint.linking.machine import Machine
from wandblint.linking.modules import may_import
from wandblint.linking.outcomes import (
    ENCODER,
    VALUES,
    Kept,
    Need,
    Outcome,
    Said,
    decode,
    decode_records,
    encode_records,
    renumbered,
)
from wandblint.linking.recorder import Record
from wandblint.linking.values import Unknown, Value, options
from wandblint.model_codec import NotAModel, Writer


class Earlier:
    """The outcomes of the run before, or of another process; those whose numbers are `lost` do not count.

    Raises `NotAModel` where the bytes hold none.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self.kept = decode(data)
        except ValueError as error:
            raise NotAModel(str(error)) from error
        self._numbers = {outcome.key: number for number, outcome in enumerate(self.kept.outcomes)}
        self.lost: set[int] = set()
        self.values: list[Value] = []
        self.records: list[Record | None] = []

    def decode(self) -> None:
        """Reads what takes long to read, for who may take some of it. Raises `NotAModel`."""
        self.values = VALUES.decode_all(self.kept.values)
        self.records = decode_records(self.kept.records)
        if len(self.records) != len(self.kept.outcomes):
            raise NotAModel("not as many records as outcomes")

    def lose(self, stale: frozenset[int]) -> None:
        """The answers of some questions are not what they were: what depends on them does not count."""
        needs = self.kept.needs
        users: dict[int, list[int]] = defaultdict(list)
        for number, need in enumerate(needs):
            for part in need.parts:
                users[part].append(number)
        waiting = [number for number, need in enumerate(needs) if not stale.isdisjoint(need.asked)]
        lost = set(waiting)
        while waiting:
            new = [user for user in users[waiting.pop()] if user not in lost]
            lost.update(new)
            waiting += new
        self.lost = {number for number, outcome in enumerate(self.kept.outcomes) if outcome.needs in lost}

    def of(self, key: Key) -> Outcome | None:
        """What came of a call path, unless that does not count."""
        number = self._numbers.get(key)
        return None if number is None or number in self.lost else self.kept.outcomes[number]

    def record(self, outcome: Outcome) -> Record | None:
        """What a call path told wandb."""
        return self.records[self._numbers[outcome.key]]


class Reuse:
    """The outcomes of this run, as far as they are known, with those of the run before."""

    def __init__(self, m: Machine, before: bytes = b"", others: Collection[str] = ()) -> None:
        """`before` are the outcomes that the run before has written, `others` the files that are new since or
        gone."""
        self._m = m
        self._others = others
        self._sources: list[Earlier] = []
        if before:
            with suppress(NotAModel):
                self._sources += self._still(Earlier(before))
        self.recalled: set[int] = set()
        """The call paths of which the outcomes were taken as they were."""
        self._questions: dict[Question, int] = {}
        self._answers: list[int] = []
        self._needs: list[Deeds | Need] = []
        self._needed: dict[Deeds, int] = {}
        self._numbers: dict[Deeds, tuple[int, int]] = {}
        """How much deeds have asked, and a number for the answers."""
        self._taken: dict[tuple[int, int], int] = {}
        """The numbers of needs that were taken as they were, by those of their source and theirs there."""
        self._topics: dict[Topic, int] = {}
        self._outcomes: list[Outcome] = []
        self._records: list[Record | None] = []
        self._writer = Writer(VALUES)
        self._allowance = 0
        self._stamps: dict[frozenset[str], int] = {}
        """Numbers for what files hold."""

    # --- the run before ---

    def _still(self, earlier: Earlier) -> list[Earlier]:
        """The outcomes of the run before, those lost that depend on what is not as it was; none where that is
        all. Raises `NotAModel`."""
        stale = self._stale_questions(earlier.kept)
        if stale:
            earlier.lose(stale)
        if len(earlier.lost) == len(earlier.kept.outcomes):
            return []
        earlier.decode()
        return [earlier]

    def _stale_questions(self, kept: Kept) -> frozenset[int]:
        """The questions that have other answers now."""
        m = self._m
        files = self._touched(kept)

        def still_holds(question: Question, answer: int) -> bool:
            path = told_by_file(question)
            if path in files:
                return False
            if path is not None and m.project.is_as_it_was(path):
                return True
            return m.project.number(question) == answer

        return frozenset(
            number
            for number, (question, answer) in enumerate(kept.questions)
            if not still_holds(question, answer)
        )

    def _touched(self, kept: Kept) -> set[str]:
        """The files to which their own words mean something else now: they lead to wandb or no longer do, or
        name another file."""
        m = self._m
        words = m.interesting ^ set(kept.interesting)
        files = {*(m.relevant ^ set(kept.relevant)), *self._others}
        if words or self._others:
            for path in {told_by_file(question) for question, _ in kept.questions}:
                if path is not None and path not in files:
                    text = m.project.peek(path)
                    if any(word in text for word in words) or may_import(path, text, self._others):
                        files.add(path)
        return files

    def add(self, found: bytes) -> None:
        """Outcomes of this run that another process has written."""
        with suppress(NotAModel):
            source = Earlier(found)
            source.decode()
            self._sources.append(source)

    def apart(self) -> Reuse:
        """What a copy of this process finds, by itself."""
        made = Reuse(self._m)
        made._sources = [*self._sources]
        return made

    def may_hold(self, key: Key) -> bool:
        """Whether there is an earlier outcome of a call path, which may count."""
        return any(source.of(key) is not None for source in self._sources)

    def earlier(self, key: Key) -> tuple[Earlier, Outcome] | None:
        """What came of the call path that begins, where that still holds."""
        m = self._m
        self._allowance = m.budget.allowance
        for source in self._sources:
            outcome = source.of(key)
            if (
                outcome is not None
                and all(m.known.number(source.kept.topics[topic]) == then for topic, then in outcome.seen)
                and m.budget.would_do(outcome.allowance, outcome.spent, outcome.is_complete)
            ):
                return source, outcome
        return None

    def recall(self, source: Earlier, outcome: Outcome, root: int) -> tuple[Outcome, Deeds]:
        """Takes an outcome as it was."""
        m, kept, values = self._m, source.kept, source.values
        self.recalled.add(root)
        m.budget.spend(outcome.spent)
        record = source.record(outcome)
        if record is not None:
            record = m.recorder.records[root] = renumbered(record, outcome.root, root)
        for place in outcome.defined:
            m.known.define(place, outcome.stamp, is_at_hand=False)
        said: list[Said] = []
        for one in outcome.said:
            topic, value = kept.topics[one.topic], None if one.value is None else values[one.value]
            m.known.recall(topic, value, one.number)
            written = None if value is None else self._writer.number(value)
            said.append(Said(self._topic(topic), one.number, written))
        needs = self._take(self._sources.index(source), outcome.needs)
        seen = [(self._topic(kept.topics[topic]), then) for topic, then in outcome.seen]
        outcome = replace(outcome, root=root, needs=needs, seen=seen, said=said)
        return self._add(outcome, record), Deeds(
            executed=set(outcome.executed),
            defined=set(outcome.defined),
            vaguely_called=set(outcome.vaguely_called),
            other_calls={Span(*place) for place in outcome.other_calls},
        )

    def _take(self, source: int, number: int) -> int:
        """The number that needs have in this run which were taken as they were."""
        kept = self._sources[source].kept
        if (source, number) not in self._taken:
            self._taken[source, number] = len(self._needs)
            before, need = kept.needs[number], Need([], [])
            self._needs.append(need)
            for question in before.asked:
                self._m.project.know(kept.questions[question][0])
                need.asked.append(self._question(*kept.questions[question]))
            need.parts += [self._take(source, part) for part in before.parts]
        return self._taken[source, number]

    def _add(self, outcome: Outcome, record: Record | None) -> Outcome:
        self._outcomes.append(outcome)
        self._records.append(record)
        return outcome

    # --- this run ---

    def end(
        self, key: Key, root: int, written: frozenset[Span], *, is_complete: bool
    ) -> tuple[Outcome, Deeds]:
        """A call path was followed: notes what came of it."""
        m = self._m
        self.recalled.discard(root)
        deeds = m.sharing.own.all()
        whole = Deeds()
        for one in deeds:
            whole.add(one)
        seen = [(self._topic(topic), then) for topic, then in m.known.seen.items()]
        stamp = number_of((key, sorted(map(self._number, deeds)), list(m.known.seen.items())))
        told = [(topic, value, one.home) for one in deeds for topic, value in one.told.items()]
        said = [self._said(topic, value, home, stamp) for topic, value, home in told]
        m.known.end_path(
            (topic, value, one.number) for (topic, value, _), one in zip(told, said, strict=True)
        )
        whole.executed = {place for place in whole.executed if place[0] in m.relevant}
        whole.defined = {place for place in whole.defined if place[0] in m.relevant}
        whole.other_calls &= written
        for place in whole.defined:
            m.known.define(place, stamp, is_at_hand=True)
        outcome = Outcome(
            key,
            root,
            self._need(m.sharing.own),
            seen,
            self._allowance,
            m.budget.steps,
            is_complete,
            m.looked_at_any,
            sorted(whole.executed),
            sorted(whole.defined),
            sorted(whole.vaguely_called),
            sorted((call.path, call.start, call.end) for call in whole.other_calls),
            said,
            stamp,
        )
        return self._add(outcome, m.recorder.records.get(root)), whole

    @property
    def outcomes(self) -> Sequence[Outcome]:
        """What came of each call path so far, in order."""
        return self._outcomes

    def _number(self, deeds: Deeds) -> int:
        """Tells whether what deeds asked has the answers that it had."""
        asked = len(deeds.asked)
        if deeds not in self._numbers or self._numbers[deeds][0] != asked:
            answers = [self._answers[self._question(question)] for question in deeds.asked]
            self._numbers[deeds] = asked, number_of(sorted(answers))
        return self._numbers[deeds][1]

    def _said(self, topic: Topic, value: Value, home: str, stamp: int) -> Said:
        kept = self._written(value)
        number = number_of(value)
        if kept is None:
            # What a reference leads to is told by what the code depended on.
            number = hash((number, self._stamp_of_module(home) or stamp))
        return Said(self._topic(topic), number, kept)

    def _stamp_of_module(self, home: str) -> int:
        """What the loading of a module says is the same on all paths: a number for what it may depend on."""
        project, sharing = self._m.project, self._m.sharing
        if not home or sharing.is_own(home):
            return 0
        reach = project.reach(home)
        if reach not in self._stamps:
            self._stamps[reach] = number_of([project.number(("file", path)) for path in sorted(reach)])
        return self._stamps[reach] if reach.issuperset(sharing.used(home)) else 0

    def _written(self, value: Value) -> int | None:
        m = self._m
        for option in options(value):
            if isinstance(option, Unknown) and (option.origin in m.counters or m.heap.behind(option)):
                # More is known of it than the value tells.
                return None
        try:
            return self._writer.number(value)
        except TypeError:
            return None

    def _question(self, question: Question, answer: int | None = None) -> int:
        """The number of a question; its answer is asked for where it is not known."""
        if question not in self._questions:
            self._questions[question] = len(self._answers)
            self._answers.append(self._m.project.number(question) if answer is None else answer)
        return self._questions[question]

    def _need(self, deeds: Deeds) -> int:
        """The number of what deeds depend on."""
        if deeds not in self._needed:
            self._needed[deeds] = len(self._needs)
            self._needs.append(deeds)
        return self._needed[deeds]

    def _written_needs(self) -> list[Need]:
        written: list[Need] = []
        for one in self._needs:  # which grow by the parts of those that are written
            if isinstance(one, Deeds):
                asked = [self._question(question) for question in one.asked]
                written.append(Need(asked, [self._need(part) for part in one.parts]))
            else:
                written.append(one)
        return written

    @property
    def files(self) -> set[str]:
        """The files of which something was asked."""
        return {path for question in self._questions if (path := told_by_file(question)) is not None}

    def _topic(self, topic: Topic) -> int:
        return self._topics.setdefault(topic, len(self._topics))

    def data(self) -> bytes:
        """All outcomes, for the next run. Raises `OverflowError` for an integer of more than 64 bits."""
        m = self._m
        needs = self._written_needs()
        kept = Kept(
            sorted(m.interesting),
            sorted(m.relevant),
            list(zip(self._questions, self._answers, strict=True)),
            needs,
            list(self._topics),
            self._outcomes,
            self._writer.data(),
            encode_records(self._records),
        )
        return ENCODER.encode(kept)
