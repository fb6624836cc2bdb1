"""The domain in wandb's own words: what a project opens, defines and logs.

`linking` makes the model, rules read it. Every claim is about a *session*: one run as one call path
opens it (a script, an entry function). Two scripts that never meet share no session, even where they
open their runs through one function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import msgspec

from wandblint.model.control_flow import (
    Increment,
    Initialization,
    RunOpened,
)
from wandblint.model.events import (
    ApiUse,
    Definition,
    EntryLocation,
    Init,
    InitWhileActive,
    LogCall,
    NoneGuard,
    ProcessLaunch,
)
from wandblint.model.run_sharing import ByRun, SharedRuns
from wandblint.model.sessions import CustomAxis, Session
from wandblint.semantics.versions import Requirement
from wandblint.span import Span

_Call = TypeVar("_Call", LogCall, Definition)


class TrackingModel(msgspec.Struct, eq=False):
    """Everything that the project does with wandb, as far as it can be seen."""

    inits: list[Init] = msgspec.field(default_factory=list)
    definitions: list[Definition] = msgspec.field(default_factory=list)
    log_calls: list[LogCall] = msgspec.field(default_factory=list)
    guards: list[NoneGuard] = msgspec.field(default_factory=list)
    api_uses: list[ApiUse] = msgspec.field(default_factory=list)
    unseen_effects: list[tuple[Span, int]] = msgspec.field(default_factory=list)
    """Calls from which on anything may be logged unseen, each with its call path (-1: every one)."""
    unread_files: list[str] = msgspec.field(default_factory=list)
    """Files that mention wandb and cannot be read: they may log anything."""
    resumes_by_environment: bool = False
    """Whether the project sets `WANDB_RUN_ID` or `WANDB_RESUME`: then any init may resume."""
    requirement: Requirement = msgspec.field(default_factory=Requirement)
    """The wandb versions that the project asks for."""
    induction_events: dict[int, tuple[Initialization | Increment, ...]] = msgspec.field(default_factory=dict)
    """Where counting variables start and rise, by call path."""
    runs_opened: dict[int, tuple[RunOpened, ...]] = msgspec.field(default_factory=dict)
    """Where runs are opened, by call path: every time that it comes there."""
    non_wandb_calls: frozenset[Span] = frozenset()
    """Calls that read as wandb's `log` and were seen to enter the project's own code, or another library."""
    entry_points: dict[int, EntryLocation] = msgspec.field(default_factory=dict)
    """Where each call path starts; one that only stands for code that nothing reaches has none."""
    inits_while_active: list[InitWhileActive] = msgspec.field(default_factory=list)
    process_launches: list[ProcessLaunch] = msgspec.field(default_factory=list)
    approximate_only: frozenset[int] = frozenset()
    """Call paths that were only looked at for what is known of their rows: they may be dead."""
    entries_given_up: int = 0
    """How many call paths were too long to follow to their end: behind them anything may be logged."""
    _shared_runs: SharedRuns | None = None
    _calls: ByRun[LogCall] | None = None
    _defined: ByRun[Definition] | None = None
    _custom: dict[Span, CustomAxis] | None = None

    def sessions(self) -> Iterator[Session]:
        """The sessions that define axes, in a fixed order."""
        keys = {(run, d.entry_id) for d in self.definitions if d.is_must for run in d.runs}
        return (self.session(run, root) for run, root in sorted(keys))

    def session(self, run: Span, root: int) -> Session:
        """What is done to the run of an init site on one call path, and what may be done to it anywhere."""
        rows = self.rows(run)
        unseen = self.may_log_unseen(root)
        if self._defined is None:
            self._defined = ByRun((d, d.runs) for d in self.definitions)
        return Session(
            run,
            root,
            tuple(d for d in self._defined.must_be_on(run) if d.entry_id == root and d.is_must),
            tuple(c for c in self._log_calls.must_be_on(run) if c.entry_id == root and c.is_must),
            self._claimable(self._defined.may_be_on(self.runs_shared_with(run))),
            rows,
            unseen or any(call.is_open for call in rows),
            unseen,
        )

    def may_log_unseen(self, root: int) -> bool:
        """Whether code that is not seen may log to the runs of a call path."""
        return bool(self.unread_files) or any(hidden in {root, -1} for _, hidden in self.unseen_effects)

    def custom_axis(self, call: LogCall) -> CustomAxis | None:
        """The first key of a log call that certainly has an x-axis of its own."""
        if self._custom is None:
            self._custom = {}
            for session in self.sessions():
                for one in session.log_calls:
                    if one.span not in self._custom and (found := session.custom_axis(one)) is not None:
                        self._custom[one.span] = found
        return self._custom.get(call.span)

    def runs_shared_with(self, run: Span) -> frozenset[Span]:
        """The sites whose run may be this one."""
        if self._shared_runs is None:
            self._shared_runs = SharedRuns((i.span, i.while_active, self._resumes(i)) for i in self.inits)
        return self._shared_runs.shared_with(run)

    def _resumes(self, init: Init) -> bool:
        """Whether the call may continue a run that another process opened."""
        resume = init.argument("resume")
        if resume is None:
            return init.has_unseen_arguments or self.resumes_by_environment
        return not (resume.is_known and resume.literal in {None, False, "never"})

    def rows(self, run: Span) -> tuple[LogCall, ...]:
        """Every log call that may be on the run, in this process or in another one."""
        return self._claimable(self._log_calls.may_be_on(self.runs_shared_with(run)))

    @property
    def _log_calls(self) -> ByRun[LogCall]:
        if self._calls is None:
            self._calls = ByRun((call, call.runs) for call in self.log_calls)
        return self._calls

    def _claimable(self, calls: tuple[_Call, ...]) -> tuple[_Call, ...]:
        """Those on call paths that were more than looked at."""
        return tuple(call for call in calls if call.entry_id not in self.approximate_only)
