"""What call paths leave for others: what any instance of a class holds, what functions made of globals, which
functions are handed over or took too long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from wandblint.linking.deeds import Place, Topic
from wandblint.linking.sharing import Sharing
from wandblint.linking.values import TRUE, Value, add_option

NOTHING = 0


class AbsentError(Exception):
    """A call path needs something that another one said, which was not run this time."""

    def __init__(self, sayers: Collection[int]) -> None:
        super().__init__(sayers)
        self.sayers = sayers


class Knowledge(msgspec.Struct):
    """All that is known so far, and what this call path looked at."""

    sharing: Sharing
    seen: dict[Topic, int] = msgspec.field(default_factory=dict)
    """What this call path asked for, with a number for what earlier paths had said."""
    _values: dict[Topic, Value] = msgspec.field(default_factory=dict)
    _said: dict[Topic, dict[int, None]] = msgspec.field(default_factory=dict)
    """Numbers for what each earlier path had said, in order."""
    _at_hand: set[tuple[Topic, int]] = msgspec.field(default_factory=set)
    _absent: dict[Topic, dict[int, int]] = msgspec.field(default_factory=dict)
    """Numbers for what was said and is not at hand, each with a path that said it."""

    def ask(self, *topic: str | int) -> Value | None:
        """What paths have said so far; None where none has said anything. Raises `AbsentError`."""
        if topic not in self.seen:
            self.seen[topic] = self.number(topic)
        if topic in self._absent:
            raise AbsentError(self._absent[topic].values())
        return self._values.get(topic)

    def tell(self, value: Value, *topic: str | int) -> None:
        """One thing more that may be so."""
        add_option(self.sharing.now.told, topic, value)
        add_option(self._values, topic, value)

    def tell_that(self, *topic: str | int) -> None:
        """Something is so."""
        self.tell(TRUE, *topic)

    def number(self, topic: Topic) -> int:
        """Tells whether what earlier paths said of a topic is what it was."""
        return hash(tuple(self._said[topic])) if topic in self._said else NOTHING

    def end_path(self, said: Iterable[tuple[Topic, int]]) -> None:
        """A call path was followed to its end: numbers for all that it said."""
        for topic, number in said:
            self._said.setdefault(topic, {}).setdefault(number)
            self._at_hand.add((topic, number))
            absent = self._absent.get(topic, {})
            if absent.pop(number, None) is not None and not absent:
                del self._absent[topic]
        self.seen = {}

    def define(self, place: Place, number: int, sayer: int | None) -> None:
        """A path met the definition of a function, with the scope that it closes over; the last one counts.

        The sayer is None where the path was followed this time.
        """
        topic = ("definition", *place)
        self._said[topic] = {number: None}
        self._absent.pop(topic, None)
        if sayer is not None:
            self._absent[topic] = {number: sayer}

    def recall(self, topic: Topic, value: Value | None, number: int, sayer: int) -> None:
        """What a path said that is not followed this time; None where that could not be kept."""
        self._said.setdefault(topic, {}).setdefault(number)
        if value is None:
            if (topic, number) not in self._at_hand:
                self._absent.setdefault(topic, {}).setdefault(number, sayer)
        else:
            add_option(self._values, topic, value)
