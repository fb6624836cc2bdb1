"""The typestate of runs: which one `wandb.run` is, and which are open, at a place of the abstract run.

Each change is kept with the branch that it is on. What a place sees follows from the tree of branches: a
change on a branch around the place has happened there; one on another branch may have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import MANY, NONE, Branch, Run, Value
from wandblint.model.control_flow import BranchKind
from wandblint.model.uses import RunState, RunStatus
from wandblint.span import Span

MAX_CHANGES = 400
"""A run that changes more often may be in any state."""

T = TypeVar("T")


class Change(NamedTuple, Generic[T]):
    """A change of a state. `closed` is where a run was finished; `unknown_calls` counts those before it."""

    value: T
    branch: Branch | None
    is_must: bool
    closed: Span | None = None
    unknown_calls: int = 0


class History(Generic[T]):
    """The changes of one state, in order."""

    def __init__(self) -> None:
        self._changes: list[Change[T]] = []
        self._uncertain: dict[tuple[T, Span | None], set[Branch | None]] = {}
        """The branches of the changes after the last certain one, by value and the place of a finish."""

    def add(self, change: Change[T]) -> None:
        """Adds a change, unless it repeats the last one, or only what may have happened already."""
        if change.is_must:
            if self._changes and self._changes[-1][:4] == change[:4]:
                return
            self._uncertain.clear()
        else:
            branches = self._uncertain.setdefault((change.value, change.closed), set())
            if None in branches or not branches.isdisjoint(_around(change.branch)):
                return
            branches.add(change.branch)
        self._changes.append(change)

    def at(self, branch: Branch | None) -> list[Change[T]] | None:
        """The changes whose value the state may have on a branch now; None if it may have any."""
        if len(self._changes) > MAX_CHANGES:
            return None
        possible: list[Change[T]] = []
        overwritten: set[Branch] = set()
        """The branches on which a later change certainly happens."""
        for change in reversed(self._changes):
            if overwritten and not overwritten.isdisjoint(_around(change.branch)):
                continue
            possible.append(change)
            if change.is_must and not _is_interrupted(change.branch, branch):
                conditional = _conditional(change.branch)
                if conditional is None or _precedes(conditional, branch):
                    break
                overwritten.add(conditional)
        return possible


def _around(branch: Branch | None) -> Iterator[Branch]:
    while branch is not None:
        yield branch
        branch = branch.parent


def _conditional(branch: Branch | None) -> Branch | None:
    return next((step for step in _around(branch) if not step.is_unconditional), None)


def _contains(outer: Branch | None, inner: Branch | None) -> bool:
    """Whether code on the `inner` branch runs only if that on the `outer` one does, apart from errors."""
    outer = _conditional(outer)
    return outer is None or any(step is outer for step in _around(inner))


def _precedes(outer: Branch | None, inner: Branch | None) -> bool:
    """The same, or whether `inner` is in a later iteration of the loop that `outer` is an iteration of."""
    if _contains(outer, inner):
        return True
    outer = _conditional(outer)
    loop = None if outer is None else outer.loop
    return (
        outer is not None
        and loop is not None
        and loop.max_iterations != 1
        and any(step.loop == loop and step.parent is outer.parent for step in _around(inner))
    )


def _is_interrupted(branch: Branch | None, here: Branch | None) -> bool:
    """Whether `here` handles an error that may have ended the code on the branch before its change."""
    handled = [step.handlers[0] for step in _around(here) if step.kind is BranchKind.EXCEPT and step.handlers]
    return bool(handled) and any(
        handler in step.handlers for step in _around(branch) if step.is_unconditional for handler in handled
    )


class RunStates:
    """The typestates of the runs of an entry point."""

    def __init__(self) -> None:
        self._global = History[Value]()
        self._runs: dict[Run, History[RunState]] = {}
        self._summaries: set[Run] = set()
        """Runs that stand for several, of which an earlier one may still be open."""
        self.unknown_calls = 0
        """How often code was called about which nothing is known."""
        self.change_count = 0
        """How often a run was opened or closed, or may have been."""
        self._unfinished: tuple[int, object] | None = None

    def start(self, active: Value) -> None:
        """Starts a process."""
        self._global, self._runs, self._summaries = History[Value](), {}, set()
        self.unknown_calls = 0
        self._unfinished = None
        for option in options(active):
            self._global.add(Change(option, None, is_must=False))

    def set_global(
        self, value: Value, branch: Branch | None, *, is_must: bool, closed: Span | None = None
    ) -> None:
        """Records what `wandb.run` is now."""
        self.change_count += 1
        for number, option in enumerate(options(value)):
            self._global.add(Change(option, branch, is_must and number == 0, closed, self.unknown_calls))

    def open(self, run: Run, branch: Branch | None, *, is_must: bool, is_beside: bool) -> None:
        """Records that a run is opened; one `is_beside` the others may stay open."""
        self.change_count += 1
        history = self._runs.get(run)
        if history is None:
            history = self._runs[run] = History[RunState]()
        elif self.status([run], branch).state is not RunState.CLOSED:
            self._summaries.add(run)
        if is_beside and any(step.loop is not None for step in _around(branch)):
            # A loop may open several, and the analysis runs a comprehension only once.
            self._summaries.add(run)
        history.add(Change(RunState.OPEN, branch, is_must))

    def close(self, run: Run, branch: Branch | None, span: Span, *, is_must: bool) -> None:
        """Records that a run is finished, or may be."""
        self.change_count += 1
        history = self._runs.get(run)
        if history is not None:
            is_one = is_must and run not in self._summaries
            history.add(Change(RunState.CLOSED, branch, is_one, span, self.unknown_calls))
        active = self.global_values(branch)
        if run in active:
            # Where none is active, none is afterwards either.
            is_active = {*active} <= {run, NONE}
            self.set_global(NONE, branch, is_must=is_must and is_active, closed=span)

    def close_all(self, branch: Branch | None, span: Span, *, is_must: bool) -> None:
        """Records that all runs are finished, or may be."""
        for run, history in self._runs.items():
            is_one = is_must and run not in self._summaries
            history.add(Change(RunState.CLOSED, branch, is_one, span, self.unknown_calls))
        self.set_global(NONE, branch, is_must=is_must, closed=span)

    def start_job(self, branch: Branch | None, span: Span) -> None:
        """Records that code runs in a job, before which all runs are finished."""
        self.close_all(branch, span, is_must=True)
        self.set_global(NONE, branch, is_must=True)

    def start_process(self, branch: Branch | None, span: Span) -> None:
        """Records that code runs in a new process: none is active there, but one that it gets may be open."""
        self.may_change(branch, span)
        self.set_global(NONE, branch, is_must=True)

    def may_change(self, branch: Branch | None, span: Span) -> None:
        """Records that unseen code may open and close any run."""
        before = self.change_count
        self.close_all(branch, span, is_must=False)
        self.set_global(MANY, branch, is_must=False)
        # That is as possible before the first iteration of a loop as after it: no other one is needed.
        self.change_count = before

    def global_values(self, branch: Branch | None) -> tuple[Value, ...]:
        """What `wandb.run` may be on a branch."""
        changes = self._global.at(branch)
        return (MANY,) if changes is None else tuple(dict.fromkeys(change.value for change in changes))

    def unfinished(self, branch: Branch | None) -> object:
        """Which runs are open or may be on a branch: if that is the same as before, the same may follow.

        It is worked out once for each change: what comes after it sees the same.
        """
        if self._unfinished is None or self._unfinished[0] != self.change_count:
            runs = [(run, self.status([run], branch).state) for run in self._runs]
            is_open = tuple(item for item in runs if item[1] is not RunState.CLOSED)
            found = frozenset(self.global_values(branch)), is_open
            self._unfinished = self.change_count, found
        return self._unfinished[1]

    def newest_open(self, branch: Branch | None) -> Run | None:
        """The run that was opened last, if it is certainly open."""
        newest = next(reversed(self._runs), None)
        is_open = newest is not None and self.status([newest], branch).state is RunState.OPEN
        return newest if is_open else None

    def may_be_open_beside(self, branch: Branch | None) -> bool:
        """Whether a run may be open, but not certainly: `wandb.init` may return it."""
        states = {self.status([run], branch).state for run in self._runs}
        return bool(states - {RunState.OPEN, RunState.CLOSED})

    def open_runs(self, branch: Branch | None) -> RunStatus:
        """The runs that are certainly open."""
        statuses = [self.status([run], branch) for run in self._runs]
        sites = [status.sites for status in statuses if status.state is RunState.OPEN]
        return RunStatus(RunState.OPEN if sites else RunState.MAYBE, frozenset[Span]().union(*sites))

    def status(self, runs: Iterable[Value], branch: Branch | None) -> RunStatus:
        """The state of what is one of these runs."""
        states: set[RunState] = set()
        closed: dict[Span, None] = {}
        sites: set[Span] = set()
        contexts: dict[int, None] = {}
        for run in runs:
            history = self._runs.get(run) if isinstance(run, Run) else None
            changes = None if history is None else history.at(branch)
            if changes is None or not isinstance(run, Run):
                return RunStatus(RunState.MAYBE)
            sites.add(run.site)
            contexts[run.context] = None
            states.update(change.value for change in changes)
            closed.update((change.closed, None) for change in changes if change.closed is not None)
        if states == {RunState.CLOSED}:
            state = RunState.CLOSED
        else:
            state = RunState.OPEN if states == {RunState.OPEN} else RunState.MAYBE
        return RunStatus(state, frozenset(sites), tuple(closed), contexts=tuple(contexts))

    def global_status(self, branch: Branch | None) -> RunStatus:
        """The state of the run that `wandb.log` means."""
        changes = self._global.at(branch)
        if changes is None:
            return RunStatus(RunState.MAYBE, is_global=True)
        without = [change for change in changes if change.value == NONE]
        runs = [change.value for change in changes if change.value != NONE]
        closed = tuple(dict.fromkeys(change.closed for change in without if change.closed is not None))
        unknown = any(change.unknown_calls < self.unknown_calls for change in without)
        sites = frozenset(run.site for run in runs if isinstance(run, Run))
        if not runs:
            state = RunState.CLOSED if closed and all(c.closed for c in without) else RunState.NONE
            return RunStatus(state, sites, closed, is_global=True, after_unknown_call=unknown)
        if not without:
            status = self.status(runs, branch)
            return replace(status, is_global=True)
        is_known = not closed and self.status(runs, branch).state is RunState.OPEN
        state = RunState.ON_SOME_PATHS if is_known else RunState.MAYBE
        return RunStatus(state, sites, closed, is_global=True, after_unknown_call=unknown)
