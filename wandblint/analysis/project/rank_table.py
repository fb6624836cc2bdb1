"""Names that derive from the process rank, such as `is_main = rank == 0`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import heappop, heappush

import msgspec

from wandblint import facts
from wandblint.index import FileIndex
from wandblint.index.rank_words import RankTest, contains_rank_word, names_in_test
from wandblint.sources.text import digest_of

ROUNDS = 2
"""How often the propagation visits all tests, which limits the chain from one name to the next."""


class CachedRankNames(msgspec.Struct, array_like=True):
    """The rank names of single files and of all files, for the next run, with a hash of their sources."""

    fingerprint: bytes = b""
    own: dict[str, list[str]] = {}
    shared: list[str] = []


class RankTable:
    """The rank names of the indexed files. A name too many only silences rules."""

    def __init__(self, indexes: Mapping[str, FileIndex], before: CachedRankNames) -> None:
        """Restores the names of the run `before` where their fingerprint still holds."""
        self._rank_offsets = {path: index.ranks.rank_offsets for path, index in indexes.items()}
        self._own: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        self._params: dict[str, list[str]] = {}
        sources = [(path, index.ranks.tests, index.ranks.params) for path, index in indexes.items()]
        self._fingerprint = digest_of(msgspec.msgpack.encode(sources))
        if self._fingerprint == before.fingerprint:
            self._own.update((path, set(names)) for path, names in before.own.items())
            self._shared.update(before.shared)
        else:
            for _, _, params in sources:
                self._params |= params
            self._propagate([(path, test) for path, tests, _ in sources for test in tests])

    def cached(self) -> CachedRankNames:
        """The names for the next run."""
        own = {path: sorted(names) for path, names in self._own.items() if names}
        return CachedRankNames(self._fingerprint, own, sorted(self._shared))

    def holds(self, path: str, name: str) -> bool:
        """Whether a name in a file derives from the rank."""
        return name in self._shared or name in self._own[path]

    def asks(self, path: str, test: facts.Expr) -> bool:
        """Whether a test checks the rank, itself or through a name in it."""
        return contains_rank_word(self._rank_offsets.get(path, []), test) or any(
            self.holds(path, name) for name in names_in_test(test)
        )

    def _propagate(self, tests: list[tuple[str, RankTest]]) -> None:
        """Visits the tests of all files in order, `ROUNDS` times, except those without a known rank name."""
        waiting: list[tuple[int, int]] = []
        users: dict[str, dict[str, list[int]]] = {path: defaultdict(list) for path in self._rank_offsets}
        for number, (path, test) in enumerate(tests):
            if test.checks_rank:
                waiting.append((0, number))
            for name in test.names:
                users[path][name].append(number)
        done: set[int] = set()
        while waiting:
            turn, number = heappop(waiting)
            if number in done:
                continue
            done.add(number)
            path, test = tests[number]
            for name, is_shared in self._receives_rank(test):
                known = self._shared if is_shared else self._own[path]
                if name not in known:
                    known.add(name)
                    for by_name in users.values() if is_shared else (users[path],):
                        for user in by_name.get(name, ()):
                            next_turn = turn + (user <= number)
                            if next_turn < ROUNDS:
                                heappush(waiting, (next_turn, user))

    def _receives_rank(self, test: RankTest) -> list[tuple[str, bool]]:
        """The names that the result of a test is bound to, each with whether it is so in all files."""
        names = [
            *((name, False) for name in test.local_results),
            *((name, True) for name in test.shared_results),
        ]
        if test.argument is not None:
            function, position = test.argument
            names += [(param, True) for param in self._params.get(function, [])[position : position + 1]]
        return names
