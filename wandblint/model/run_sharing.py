"""Which calls may be on which run, looked up by the run: a large project has many of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from wandblint.span import Span

_Call = TypeVar("_Call")


class SharedRuns:
    """The init sites whose run may be that of another one.

    `inits` are the places of inits, each with those whose run may be open there, and whether it may resume a
    run that another process opened.
    """

    def __init__(self, inits: Iterable[tuple[Span, frozenset[Span], bool]]) -> None:
        self._met: dict[Span, set[Span]] = defaultdict(set)
        self._all: set[Span] = set()
        self._resuming: set[Span] = set()
        for site, active, resumes in inits:
            self._all.add(site)
            self._met[site] |= active
            for other in active:
                self._met[other].add(site)
            if resumes:
                self._resuming.add(site)
        self._found: dict[Span, frozenset[Span]] = {}

    def shared_with(self, run: Span) -> frozenset[Span]:
        """The sites whose run may be that of this one.

        These are itself, those that it may return or that may return it, and those that resume a run, which
        may be any (semantics: a resumed id is the run it resumes).
        """
        if run not in self._found:
            any_one = self._all if run in self._resuming else self._resuming
            self._found[run] = frozenset({run, *self._met.get(run, ()), *any_one})
        return self._found[run]


class ByRun(Generic[_Call]):
    """Calls with the sites whose run they may be on; none means any."""

    def __init__(self, calls: Iterable[tuple[_Call, frozenset[Span]]]) -> None:
        self._calls: list[_Call] = []
        self._anywhere: list[int] = []
        self._numbers: dict[Span, list[int]] = defaultdict(list)
        for number, (call, runs) in enumerate(calls):
            self._calls.append(call)
            for run in runs:
                self._numbers[run].append(number)
            if not runs:
                self._anywhere.append(number)

    def must_be_on(self, run: Span) -> list[_Call]:
        """The calls that name the run of a site, in order."""
        return [self._calls[number] for number in self._numbers.get(run, ())]

    def may_be_on(self, runs: Iterable[Span]) -> tuple[_Call, ...]:
        """The calls that may be on the run of one of the sites, in order."""
        numbers = set(self._anywhere).union(*(self._numbers.get(run, ()) for run in runs))
        return tuple(self._calls[number] for number in sorted(numbers))
