"""What call paths leave for others: what any instance of a class holds, what functions made of globals, which
functions are handed over.

A path sees what the paths before it have said, whenever it is followed. Of a path that is taken as it was
before not all is at hand that it said: then it has to be followed after all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId, SharedFactKey
from wandblint.analysis.domain.lattice import join, join_into
from wandblint.analysis.domain.values import TRUE, ClassInfo, Value
from wandblint.analysis.state.module_cache import ModuleCache

UNPUBLISHED = 0


class NotMaterializedError(Exception):
    """A call path needs what others have said, which were not followed this time; `sayers` tells the place of
    each in the order of paths."""

    def __init__(self, sayers: Collection[int]) -> None:
        super().__init__(sayers)
        self.producers = sayers


class SharedFacts(msgspec.Struct):
    """All that is known so far, and what this call path looked at. Paths are told by their place in order."""

    module_cache: ModuleCache
    current_entry: int = 0
    """The path that is followed."""
    read_fingerprints: dict[SharedFactKey, int] = msgspec.field(default_factory=dict)
    """What this call path asked for, with a number for what earlier paths had said."""
    _own: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    """What this path has said so far."""
    _by_entry: dict[SharedFactKey, dict[int, Value]] = msgspec.field(default_factory=dict)
    """What each path has said, as far as it is at hand."""
    _joined: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    """The same of all paths together."""
    _producers: dict[SharedFactKey, dict[int, int]] = msgspec.field(default_factory=dict)
    """Numbers for what was said, in order, each with the path that said it first."""
    _materialized: dict[tuple[SharedFactKey, int], Value] = msgspec.field(default_factory=dict)
    """What the numbers stand for."""
    _unmaterialized: dict[SharedFactKey, dict[int, int]] = msgspec.field(default_factory=dict)
    """Numbers for what was said and is not at hand, each with a path that said it."""

    def start(self, path: int) -> None:
        """A path begins: the next one, or one that is followed again."""
        self.current_entry = path
        self.read_fingerprints = {}
        self._own = {}

    def read(self, *topic: str | int) -> Value | None:
        """What paths have said so far; None where none has said anything. Raises `AbsentError`."""
        if topic not in self.read_fingerprints:
            self.read_fingerprints[topic] = self.fingerprint(topic)
        if topic in self._unmaterialized:
            absent = [sayer for sayer in self._unmaterialized[topic].values() if sayer < self.current_entry]
            if absent:
                raise NotMaterializedError(absent)
        known = [*self._published_before(topic), *([self._own[topic]] if topic in self._own else [])]
        return join(known) if known else None

    def _published_before(self, topic: SharedFactKey) -> Iterator[Value]:
        told = self._by_entry.get(topic)
        if told is None:
            return
        if self.current_entry > next(reversed(told)):
            yield self._joined[topic]
        else:
            yield from (value for path, value in told.items() if path < self.current_entry)

    def publish(self, value: Value, *topic: str | int) -> None:
        """One thing more that may be so."""
        join_into(self.module_cache.current_deps.published, topic, value)
        join_into(self._own, topic, value)

    def publish_true(self, *topic: str | int) -> None:
        """Something is so."""
        self.publish(TRUE, *topic)

    def publish_attribute(self, cls: ClassInfo, name: str, value: Value) -> None:
        """An instance of a class holds this value, which others may meet where they only know the class."""
        self.publish_true("made", *cls.id)
        self.publish(value, "attribute", *cls.id, name)

    def fingerprint(self, topic: SharedFactKey) -> int:
        """Tells whether what earlier paths said of a topic is what it was."""
        return hash(tuple(self._producers[topic])) if topic in self._producers else UNPUBLISHED

    def end_entry(self, said: Iterable[tuple[SharedFactKey, Value, int]]) -> None:
        """A call path was followed to its end: all that it said, with a number for each."""
        for topic, value, number in said:
            self._producers.setdefault(topic, {}).setdefault(number, self.current_entry)
            self._materialized.setdefault((topic, number), value)
            self._join(topic, value, self.current_entry)
            absent = self._unmaterialized.get(topic, {})
            if absent.pop(number, None) is not None and not absent:
                del self._unmaterialized[topic]

    def _join(self, topic: SharedFactKey, value: Value, path: int) -> None:
        told = self._by_entry.setdefault(topic, {})
        is_last = not told or path >= next(reversed(told))
        join_into(told, path, value)
        if is_last:
            join_into(self._joined, topic, value)
        else:
            told = self._by_entry[topic] = dict(sorted(told.items()))
            self._joined[topic] = join(told.values())

    def define(self, place: FunctionId, number: int, *, is_at_hand: bool) -> None:
        """This path met the definition of a function, with the scope that it closes over; the last counts."""
        topic = ("definition", *place)
        self._producers[topic] = {number: self.current_entry}
        self._unmaterialized.pop(topic, None)
        if not is_at_hand:
            self._unmaterialized[topic] = {number: self.current_entry}

    def restore(self, topic: SharedFactKey, value: Value | None, number: int) -> None:
        """What this path said, which is not followed this time; None where that could not be kept."""
        self._producers.setdefault(topic, {}).setdefault(number, self.current_entry)
        value = self._materialized.get((topic, number)) if value is None else value
        if value is None:
            self._unmaterialized.setdefault(topic, {}).setdefault(number, self.current_entry)
        else:
            self._join(topic, value, self.current_entry)

    def is_last_definition(self, place: FunctionId, path: int) -> bool:
        """Whether no later path has met the definition of a function."""
        return path in self._producers.get(("definition", *place), {}).values()

    def republish(self, said: Iterable[tuple[SharedFactKey, Value]]) -> None:
        """This path was followed after all: what it said is at hand now."""
        for topic, value in said:
            if self.current_entry not in self._by_entry.get(topic, {}):
                self._join(topic, value, self.current_entry)
        for topic, absent in list(self._unmaterialized.items()):
            left = {number: sayer for number, sayer in absent.items() if sayer != self.current_entry}
            if left:
                self._unmaterialized[topic] = left
            else:
                del self._unmaterialized[topic]
