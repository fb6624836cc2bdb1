"""Call paths that need not be followed again: what they asked has the answers that it had.

A path is taken as it was if the files, names and classes that it looked at are what they were, if other paths
have said what they had said, and if it may run as many statements as it did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from wandblint.finding import Span
from wandblint.linking.deeds import Deeds, Question, Topic
from wandblint.linking.identity import number_of
from wandblint.linking.machine import Machine
from wandblint.linking.outcomes import (
    DECODER,
    ENCODER,
    VALUES,
    Kept,
    Key,
    Outcome,
    Said,
    decode_records,
    encode_records,
    renumbered,
)
from wandblint.linking.recorder import Record
from wandblint.linking.values import Unknown, Value, options
from wandblint.model_codec import NotAModel, Writer
from wandblint.sources.text import digest_of

WORTH = 0.5
"""The share of the statements that may have to be run again: with more it is cheaper to begin anew."""


class Earlier:
    """The outcomes of the run before. Raises `NotAModel` where the bytes hold none."""

    def __init__(self, data: bytes) -> None:
        try:
            self.kept = DECODER.decode(data)
        except ValueError as error:
            raise NotAModel(str(error)) from error
        self.values: list[Value] = VALUES.decode_all(self.kept.values)
        self.records = decode_records(self.kept.records)
        self.numbers = {outcome.key: number for number, outcome in enumerate(self.kept.outcomes)}
        self._steps = [outcome.spent[0] for outcome in self.kept.outcomes]
        self._worth = WORTH * sum(self._steps)
        if len(self.records) != len(self.kept.outcomes):
            raise NotAModel("not as many records as outcomes")

    def with_sayers(self, outcomes: set[int]) -> set[int] | None:
        """Outcomes, and those of paths that said what they asked for and what is not at hand.

        None where that is most of the work.
        """
        sayers: dict[int, dict[int, int]] = defaultdict(dict)
        for number, outcome in enumerate(self.kept.outcomes):
            for said in outcome.said:
                if said.value is None:
                    sayers[said.topic].setdefault(said.number, number)
        found, waiting = set(outcomes), list(outcomes)
        while waiting:
            asked = [topic for topic, _ in self.kept.outcomes[waiting.pop()].seen]
            new = {sayer for topic in asked for sayer in sayers[topic].values()} - found
            found |= new
            waiting += new
        return found if sum(self._steps[number] for number in found) < self._worth else None


class Reuse:
    """The outcomes of this run, as far as they are known, with those of the run before."""

    def __init__(self, m: Machine, names: Sequence[str], earlier: Earlier | None, again: set[int]) -> None:
        """`again` are numbers of earlier outcomes whose paths have to be followed whatever they depend on."""
        self._m = m
        self._names = digest_of(*(name.encode("utf-8", "surrogateescape") for name in names))
        self._earlier = earlier if earlier is not None and earlier.kept.names == self._names else None
        self._stale = self._stale_questions()
        self._again = self._to_follow(again)
        self.has_recalled = False
        self._questions: dict[Question, int] = {}
        self._answers: list[int] = []
        self._topics: dict[Topic, int] = {}
        self._outcomes: list[Outcome] = []
        self._records: list[Record | None] = []
        self._writer = Writer(VALUES)
        self._allowance = (0, 0)
        self._stamps: dict[tuple[str, int], int] = {}

    # --- the run before ---

    def _to_follow(self, again: set[int]) -> set[int]:
        """The earlier outcomes that do not count: what they depended on is not what it was, or a path that is
        followed again needs what they said."""
        if self._earlier is None:
            return set()
        outcomes = enumerate(self._earlier.kept.outcomes)
        stale = {number for number, outcome in outcomes if not self._stale.isdisjoint(outcome.asked)}
        found = self._earlier.with_sayers(stale | again)
        if found is None:
            self._earlier = None
        return found or set()

    def _stale_questions(self) -> frozenset[int]:
        """The questions that have other answers now."""
        if self._earlier is None:
            return frozenset()
        m, kept = self._m, self._earlier.kept
        words = m.interesting ^ set(kept.interesting)
        files = m.relevant ^ set(kept.relevant)
        return frozenset(
            number
            for number, (question, answer) in enumerate(kept.questions)
            if m.project.number(question) != answer
            or (question[0] == "file" and (question[1] in files or self._holds(str(question[1]), words)))
        )

    def _holds(self, path: str, words: Iterable[str]) -> bool:
        """Whether a file holds a word that leads to wandb now, or did."""
        text = self._m.project.peek(path) if words else ""
        return any(word in text for word in words)

    def earlier(self, key: Key) -> Outcome | None:
        """What came of the call path that begins, where that still holds."""
        self._allowance = self._m.budget.allowance
        if self._earlier is None or (number := self._earlier.numbers.get(key)) is None:
            return None
        outcome = self._earlier.kept.outcomes[number]
        if number in self._again:
            return None
        topics = self._earlier.kept.topics
        if any(self._m.known.number(topics[topic]) != then for topic, then in outcome.seen):
            return None
        is_enough = self._m.budget.would_do(outcome.allowance, outcome.spent, outcome.is_complete)
        return outcome if is_enough else None

    def recall(self, outcome: Outcome, root: int) -> tuple[Outcome, Deeds]:
        """Takes an outcome as it was."""
        assert self._earlier is not None, "it comes from there"
        m, kept, values = self._m, self._earlier.kept, self._earlier.values
        self.has_recalled = True
        number = self._earlier.numbers[outcome.key]
        m.budget.spend(*outcome.spent)
        record = self._earlier.records[number]
        if record is not None:
            record = m.recorder.records[root] = renumbered(record, outcome.root, root)
        for place in outcome.defined:
            m.known.define(place, outcome.stamp, number)
        said: list[Said] = []
        for one in outcome.said:
            topic, value = kept.topics[one.topic], None if one.value is None else values[one.value]
            m.known.recall(topic, value, one.number, number)
            written = None if value is None else self._writer.number(value)
            said.append(Said(self._topic(topic), one.number, written))
        questions = [kept.questions[question][0] for question in outcome.asked]
        asked = list(map(self._question, questions))
        for question in questions:
            m.project.know(question)
        seen = [(self._topic(kept.topics[topic]), then) for topic, then in outcome.seen]
        outcome = replace(outcome, root=root, asked=asked, seen=seen, said=said)
        return self._add(outcome, record), Deeds(
            executed=set(outcome.executed),
            defined=set(outcome.defined),
            vaguely_called=set(outcome.vaguely_called),
            other_calls={Span(*place) for place in outcome.other_calls},
        )

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
        whole = m.sharing.whole()
        asked = [self._question(question) for question in whole.asked]
        seen = [(self._topic(topic), then) for topic, then in m.known.seen.items()]
        stamp = number_of((key, [self._answers[question] for question in asked], list(m.known.seen.items())))
        told = [
            (topic, value, home)
            for home in m.sharing.used()
            for topic, value in m.sharing.deeds(home).told.items()
        ]
        stamps = {home: self._stamp_of_module(home) or stamp for home in {home for *_, home in told}}
        said = [self._said(topic, value, stamps[home]) for topic, value, home in told]
        m.known.end_path((topic, one.number) for (topic, *_), one in zip(told, said, strict=True))
        whole.executed = {place for place in whole.executed if place[0] in m.relevant}
        whole.defined = {place for place in whole.defined if place[0] in m.relevant}
        whole.other_calls &= written
        for place in whole.defined:
            m.known.define(place, stamp, None)
        outcome = Outcome(
            key,
            root,
            asked,
            seen,
            self._allowance,
            m.budget.spent_since(self._allowance),
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

    def _said(self, topic: Topic, value: Value, stamp: int) -> Said:
        kept = self._written(value)
        number = number_of(value)
        if kept is None:
            # What a reference leads to is told by what the code depended on.
            number = hash((number, stamp))
        return Said(self._topic(topic), number, kept)

    def _stamp_of_module(self, home: str) -> int:
        """What the loading of a module says is the same on all paths: a number for what it may depend on."""
        project, sharing = self._m.project, self._m.sharing
        if not home or sharing.is_own(home):
            return 0
        deeds = [sharing.deeds(used) for used in sharing.used(home)]
        about = (home, sum(len(one.asked) for one in deeds))
        if about not in self._stamps:
            reach = project.reach(home)
            asked = (question for one in deeds for question in one.asked)
            is_within = all(question[0] != "file" or question[1] in reach for question in asked)
            files = [project.number(("file", path)) for path in sorted(reach)]
            self._stamps[about] = number_of(files) if is_within else 0
        return self._stamps[about]

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

    def _question(self, question: Question) -> int:
        if question not in self._questions:
            self._questions[question] = len(self._answers)
            self._answers.append(self._m.project.number(question))
        return self._questions[question]

    def _topic(self, topic: Topic) -> int:
        return self._topics.setdefault(topic, len(self._topics))

    def data(self) -> bytes:
        """All outcomes, for the next run. Raises `OverflowError` for an integer of more than 64 bits."""
        m = self._m
        questions = list(zip(self._questions, self._answers, strict=True))
        kept = Kept(
            self._names,
            sorted(m.interesting),
            sorted(m.relevant),
            questions,
            list(self._topics),
            self._outcomes,
            self._writer.data(),
            encode_records(self._records),
        )
        return ENCODER.encode(kept)
