"""Facts that entry points publish for others: attributes of instances, globals, function definitions.

An entry point sees the facts that the ones before it have published, whenever it runs. Some facts of a
restored entry point may not be materialized; to read them that entry point has to run.
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
    """A fact that is read is not materialized; `producers` are the positions of the entry points to run."""

    def __init__(self, producers: Collection[int]) -> None:
        super().__init__(producers)
        self.producers = producers


class SharedFacts(msgspec.Struct):
    """All facts so far, and those that this entry point reads. Entry points are known by their position."""

    module_cache: ModuleCache
    current_entry: int = 0
    """The entry point that is running."""
    read_fingerprints: dict[SharedFactKey, int] = msgspec.field(default_factory=dict)
    """The facts that this entry point reads, with a hash of what earlier ones have published."""
    _own: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    """The facts that this entry point has published so far."""
    _by_entry: dict[SharedFactKey, dict[int, Value]] = msgspec.field(default_factory=dict)
    """The materialized facts of each entry point."""
    _joined: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    """The join of the same over all entry points."""
    _producers: dict[SharedFactKey, dict[int, int]] = msgspec.field(default_factory=dict)
    """The fingerprints of published facts, in order, each with its first producer."""
    _materialized: dict[tuple[SharedFactKey, int], Value] = msgspec.field(default_factory=dict)
    """The values by fingerprint."""
    _unmaterialized: dict[SharedFactKey, dict[int, int]] = msgspec.field(default_factory=dict)
    """The fingerprints of facts without a value, each with a producer."""

    def start(self, position: int) -> None:
        """Starts an entry point: the next one, or an earlier one again."""
        self.current_entry = position
        self.read_fingerprints = {}
        self._own = {}

    def read(self, *key: str | int) -> Value | None:
        """The fact published so far; None where there is none. Raises `NotMaterializedError`."""
        if key not in self.read_fingerprints:
            self.read_fingerprints[key] = self.fingerprint(key)
        if key in self._unmaterialized:
            producers = [entry for entry in self._unmaterialized[key].values() if entry < self.current_entry]
            if producers:
                raise NotMaterializedError(producers)
        known = [*self._published_before(key), *([self._own[key]] if key in self._own else [])]
        return join(known) if known else None

    def _published_before(self, key: SharedFactKey) -> Iterator[Value]:
        by_entry = self._by_entry.get(key)
        if by_entry is None:
            return
        if self.current_entry > next(reversed(by_entry)):
            yield self._joined[key]
        else:
            yield from (value for entry, value in by_entry.items() if entry < self.current_entry)

    def publish(self, value: Value, *key: str | int) -> None:
        """Joins a value into a fact."""
        join_into(self.module_cache.current_deps.published, key, value)
        join_into(self._own, key, value)

    def publish_true(self, *key: str | int) -> None:
        """Publishes that something holds."""
        self.publish(TRUE, *key)

    def publish_attribute(self, cls: ClassInfo, name: str, value: Value) -> None:
        """Publishes an attribute of an instance, for code that knows only the class of its receiver."""
        self.publish_true("instantiated", *cls.id)
        self.publish(value, "attribute", *cls.id, name)

    def fingerprint(self, key: SharedFactKey) -> int:
        """A hash of what earlier entry points have published under a key."""
        return hash(tuple(self._producers[key])) if key in self._producers else UNPUBLISHED

    def has_news_since(self, key: SharedFactKey, position: int) -> bool:
        """Whether the entry point at `position`, or one after it, has published something new under a key."""
        return any(producer >= position for producer in self._producers.get(key, {}).values())

    def end_entry(self, facts: Iterable[tuple[SharedFactKey, Value, int]]) -> None:
        """Ends an entry point that ran, given all facts that it published, each with its fingerprint."""
        for key, value, fingerprint in facts:
            self._producers.setdefault(key, {}).setdefault(fingerprint, self.current_entry)
            self._materialized.setdefault((key, fingerprint), value)
            self._join(key, value, self.current_entry)
            unmaterialized = self._unmaterialized.get(key, {})
            if unmaterialized.pop(fingerprint, None) is not None and not unmaterialized:
                del self._unmaterialized[key]

    def _join(self, key: SharedFactKey, value: Value, entry: int) -> None:
        by_entry = self._by_entry.setdefault(key, {})
        is_last = not by_entry or entry >= next(reversed(by_entry))
        join_into(by_entry, entry, value)
        if is_last:
            join_into(self._joined, key, value)
        else:
            by_entry = self._by_entry[key] = dict(sorted(by_entry.items()))
            self._joined[key] = join(by_entry.values())

    def define(self, function: FunctionId, fingerprint: int, *, is_materialized: bool) -> None:
        """Publishes that this entry point executed a function's definition, which replaces earlier ones."""
        key = ("definition", *function)
        self._producers[key] = {fingerprint: self.current_entry}
        self._unmaterialized.pop(key, None)
        if not is_materialized:
            self._unmaterialized[key] = {fingerprint: self.current_entry}

    def restore(self, key: SharedFactKey, value: Value | None, fingerprint: int) -> None:
        """Publishes a fact of this entry point, which is restored; None for a value that was not cached."""
        self._producers.setdefault(key, {}).setdefault(fingerprint, self.current_entry)
        value = self._materialized.get((key, fingerprint)) if value is None else value
        if value is None:
            self._unmaterialized.setdefault(key, {}).setdefault(fingerprint, self.current_entry)
        else:
            self._join(key, value, self.current_entry)

    def is_last_definition(self, function: FunctionId, entry: int) -> bool:
        """Whether no later entry point has executed the definition of a function."""
        return entry in self._producers.get(("definition", *function), {}).values()

    def republish(self, facts: Iterable[tuple[SharedFactKey, Value]]) -> None:
        """Materializes the facts of this entry point, which ran after it had been restored."""
        for key, value in facts:
            if self.current_entry not in self._by_entry.get(key, {}):
                self._join(key, value, self.current_entry)
        for key, unmaterialized in list(self._unmaterialized.items()):
            left = {number: entry for number, entry in unmaterialized.items() if entry != self.current_entry}
            if left:
                self._unmaterialized[key] = left
            else:
                del self._unmaterialized[key]
