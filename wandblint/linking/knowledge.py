"""What call paths leave for others: what any instance of a class holds, what functions made of globals, which
functions are handed over.

A path sees what the paths before it have said, whenever it is followed. Of a path that is taken as it was
before not all is at hand that it said: then it has to be followed after all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from wandblint.linking.deeds import Place, Topic
from wandblint.linking.sharing import Sharing
from wandblint.linking.values import TRUE, Value, add_option, join

NOTHING = 0


class AbsentError(Exception):
    """A call path needs what others have said, which were not followed this time; `sayers` tells the place of
    each in the order of paths."""

    def __init__(self, sayers: Collection[int]) -> None:
        super().__init__(sayers)
        self.sayers = sayers


class Knowledge(msgspec.Struct):
    """All that is known so far, and what this call path looked at. Paths are told by their place in order."""

    sharing: Sharing
    now: int = 0
    """The path that is followed."""
    seen: dict[Topic, int] = msgspec.field(default_factory=dict)
    """What this call path asked for, with a number for what earlier paths had said."""
    _own: dict[Topic, Value] = msgspec.field(default_factory=dict)
    """What this path has said so far."""
    _told: dict[Topic, dict[int, Value]] = msgspec.field(default_factory=dict)
    """What each path has said, as far as it is at hand."""
    _values: dict[Topic, Value] = msgspec.field(default_factory=dict)
    """The same of all paths together."""
    _said: dict[Topic, dict[int, int]] = msgspec.field(default_factory=dict)
    """Numbers for what was said, in order, each with the path that said it first."""
    _at_hand: dict[tuple[Topic, int], Value] = msgspec.field(default_factory=dict)
    """What the numbers stand for."""
    _absent: dict[Topic, dict[int, int]] = msgspec.field(default_factory=dict)
    """Numbers for what was said and is not at hand, each with a path that said it."""

    def start(self, path: int) -> None:
        """A path begins: the next one, or one that is followed again."""
        self.now = path
        self.seen = {}
        self._own = {}

    def ask(self, *topic: str | int) -> Value | None:
        """What paths have said so far; None where none has said anything. Raises `AbsentError`."""
        if topic not in self.seen:
            self.seen[topic] = self.number(topic)
        if topic in self._absent:
            absent = [sayer for sayer in self._absent[topic].values() if sayer < self.now]
            if absent:
                raise AbsentError(absent)
        known = [*self._before(topic), *([self._own[topic]] if topic in self._own else [])]
        return join(known) if known else None

    def _before(self, topic: Topic) -> Iterator[Value]:
        told = self._told.get(topic)
        if told is None:
            return
        if self.now > next(reversed(told)):
            yield self._values[topic]
        else:
            yield from (value for path, value in told.items() if path < self.now)

    def tell(self, value: Value, *topic: str | int) -> None:
        """One thing more that may be so."""
        add_option(self.sharing.now.told, topic, value)
        add_option(self._own, topic, value)

    def tell_that(self, *topic: str | int) -> None:
        """Something is so."""
        self.tell(TRUE, *topic)

    def number(self, topic: Topic) -> int:
        """Tells whether what earlier paths said of a topic is what it was."""
        return hash(tuple(self._said[topic])) if topic in self._said else NOTHING

    def end_path(self, said: Iterable[tuple[Topic, Value, int]]) -> None:
        """A call path was followed to its end: all that it said, with a number for each."""
        for topic, value, number in said:
            self._said.setdefault(topic, {}).setdefault(number, self.now)
            self._at_hand.setdefault((topic, number), value)
            self._hear(topic, value, self.now)
            absent = self._absent.get(topic, {})
            if absent.pop(number, None) is not None and not absent:
                del self._absent[topic]

    def _hear(self, topic: Topic, value: Value, path: int) -> None:
        told = self._told.setdefault(topic, {})
        is_last = not told or path >= next(reversed(told))
        add_option(told, path, value)
        if is_last:
            add_option(self._values, topic, value)
        else:
            told = self._told[topic] = dict(sorted(told.items()))
            self._values[topic] = join(told.values())

    def define(self, place: Place, number: int, *, is_at_hand: bool) -> None:
        """This path met the definition of a function, with the scope that it closes over; the last counts."""
        topic = ("definition", *place)
        self._said[topic] = {number: self.now}
        self._absent.pop(topic, None)
        if not is_at_hand:
            self._absent[topic] = {number: self.now}

    def recall(self, topic: Topic, value: Value | None, number: int) -> None:
        """What this path said, which is not followed this time; None where that could not be kept."""
        self._said.setdefault(topic, {}).setdefault(number, self.now)
        value = self._at_hand.get((topic, number)) if value is None else value
        if value is None:
            self._absent.setdefault(topic, {}).setdefault(number, self.now)
        else:
            self._hear(topic, value, self.now)

    def is_last_definition(self, place: Place, path: int) -> bool:
        """Whether no later path has met the definition of a function."""
        return path in self._said.get(("definition", *place), {}).values()

    def say_again(self, said: Iterable[tuple[Topic, Value]]) -> None:
        """This path was followed after all: what it said is at hand now."""
        for topic, value in said:
            if self.now not in self._told.get(topic, {}):
                self._hear(topic, value, self.now)
        for topic, absent in list(self._absent.items()):
            left = {number: sayer for number, sayer in absent.items() if sayer != self.now}
            if left:
                self._absent[topic] = left
            else:
                del self._absent[topic]
