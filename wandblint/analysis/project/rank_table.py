"""What is made of the rank: variables, attributes and functions such as `is_main = rank == 0`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from heapq import heappop, heappush

import msgspec

from wandblint import facts
from wandblint.index import FileIndex
from wandblint.index.rank_words import RankTest, says, words_of
from wandblint.sources.text import digest_of

ROUNDS = 2
"""How far it is followed from one variable to another, over files: how often all tests are gone through."""


class CachedRankNames(msgspec.Struct, array_like=True):
    """Such words of single files and of all, for the next run; `about` is a hash of what told them."""

    fingerprint: bytes = b""
    own: dict[str, list[str]] = {}
    shared: list[str] = []


class RankTable:
    """Every such word of the files that are read. A word too many only silences."""

    def __init__(self, read: Mapping[str, FileIndex], before: CachedRankNames) -> None:
        """If nothing that tells has changed, the words are what they were `before`."""
        self._asking = {path: outline.ranks.asking for path, outline in read.items()}
        self._own: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        self._params: dict[str, list[str]] = {}
        told = [(path, outline.ranks.tests, outline.ranks.params) for path, outline in read.items()]
        self._fingerprint = digest_of(msgspec.msgpack.encode(told))
        if self._fingerprint == before.fingerprint:
            self._own.update((path, set(words)) for path, words in before.own.items())
            self._shared.update(before.shared)
        else:
            for _, _, params in told:
                self._params |= params
            self._follow([(path, test) for path, tests, _ in told for test in tests])

    def cached(self) -> CachedRankNames:
        """The words, for the next run."""
        own = {path: sorted(words) for path, words in self._own.items() if words}
        return CachedRankNames(self._fingerprint, own, sorted(self._shared))

    def holds(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something made of the rank."""
        return word in self._shared or word in self._own[path]

    def asks(self, path: str, test: facts.Expr) -> bool:
        """Whether a test, or a variable in it, asks which process this is."""
        return says(self._asking.get(path, []), test) or any(
            self.holds(path, word) for word in words_of(test)
        )

    def _follow(self, tests: list[tuple[str, RankTest]]) -> None:
        """Goes through the tests of all files in order, and again; only those are looked at that have got a
        reason since."""
        waiting: list[tuple[int, int]] = []
        asked_by: dict[str, dict[str, list[int]]] = {path: defaultdict(list) for path in self._asking}
        for place, (path, test) in enumerate(tests):
            if test.asks:
                waiting.append((0, place))
            for word in test.words:
                asked_by[path][word].append(place)
        done: set[int] = set()
        while waiting:
            turn, place = heappop(waiting)
            if place in done:
                continue
            done.add(place)
            path, test = tests[place]
            for word, is_shared in self._receives_rank(test):
                known = self._shared if is_shared else self._own[path]
                if word not in known:
                    known.add(word)
                    for by_word in asked_by.values() if is_shared else (asked_by[path],):
                        for other in by_word.get(word, ()):
                            again = turn + (other <= place)
                            if again < ROUNDS:
                                heappush(waiting, (again, other))

    def _receives_rank(self, test: RankTest) -> list[tuple[str, bool]]:
        """The words that stand for its result, each with whether they do so in all files."""
        led = [*((word, False) for word in test.own), *((word, True) for word in test.shared)]
        if test.passed is not None:
            called, number = test.passed
            led += [(param, True) for param in self._params.get(called, [])[number : number + 1]]
        return led
