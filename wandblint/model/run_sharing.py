"""Which calls may be on which run, indexed by run: a large project has many of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

from wandblint.span import Span

_Call = TypeVar("_Call")


class SharedRuns:
    """The init sites that may share a run.

    `inits` are init sites, each with the sites whose run may be active there, and whether it may resume a run
    that another process opened.
    """

    def __init__(self, inits: Iterable[tuple[Span, frozenset[Span], bool]]) -> None:
        self._neighbors: dict[Span, set[Span]] = defaultdict(set)
        self._sites: set[Span] = set()
        self._resuming: set[Span] = set()
        for site, active, resumes in inits:
            self._sites.add(site)
            self._neighbors[site] |= active
            for other in active:
                self._neighbors[other].add(site)
            if resumes:
                self._resuming.add(site)
        self._shared: dict[Span, frozenset[Span]] = {}

    def shared_with(self, run: Span) -> frozenset[Span]:
        """The sites whose run may be that of this one.

        These are the site itself, the sites whose run it may return or that may return its run, and the sites
        that resume: a resumed run may be any (semantics: a resumed id is the run it resumes).
        """
        if run not in self._shared:
            resumed = self._sites if run in self._resuming else self._resuming
            self._shared[run] = frozenset({run, *self._neighbors.get(run, ()), *resumed})
        return self._shared[run]


class ByRun(Generic[_Call]):
    """Calls, each with the sites whose run they may be on; no site means any run."""

    def __init__(self, calls: Iterable[tuple[_Call, frozenset[Span]]]) -> None:
        self._calls: list[_Call] = []
        self._on_any_run: list[int] = []
        self._on_run: dict[Span, list[int]] = defaultdict(list)
        for number, (call, runs) in enumerate(calls):
            self._calls.append(call)
            for run in runs:
                self._on_run[run].append(number)
            if not runs:
                self._on_any_run.append(number)

    def must_be_on(self, run: Span) -> list[_Call]:
        """The calls that name the run of a site, in order."""
        return [self._calls[number] for number in self._on_run.get(run, ())]

    def may_be_on(self, runs: Iterable[Span]) -> tuple[_Call, ...]:
        """The calls that may be on the run of one of the sites, in order."""
        numbers = set(self._on_any_run).union(*(self._on_run.get(run, ()) for run in runs))
        return tuple(self._calls[number] for number in sorted(numbers))
