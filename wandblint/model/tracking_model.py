"""The tracking model: what a project opens, defines and logs, in wandb's terms.

`analysis` builds the model, rules read it. Every claim is about a *session*: one run as one entry point (a
script, an entry function) opens it. Two scripts share no session, even if one function opens both runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypeVar

import msgspec

from wandblint.model.control_flow import Increment, Initialization, RunOpened
from wandblint.model.events import (
    ApiUse,
    Definition,
    EntryLocation,
    FrontEndRun,
    Init,
    InitWhileActive,
    LogCall,
    NoneGuard,
    ProcessLaunch,
)
from wandblint.model.run_sharing import ByRun, SharedRuns
from wandblint.model.sessions import CustomAxis, Session
from wandblint.model.uses import Call, Read, Write
from wandblint.semantics.launchers import LaunchFile, NodeCount
from wandblint.semantics.sweeps import SweepFile
from wandblint.semantics.versions import Requirement
from wandblint.span import Span

_Call = TypeVar("_Call", LogCall, Definition)


class TrackingModel(msgspec.Struct, eq=False):
    """Everything that the project does with wandb, as far as the analysis sees it."""

    inits: list[Init] = msgspec.field(default_factory=list)
    front_end_runs: list[FrontEndRun] = msgspec.field(default_factory=list)
    """Where front ends open runs by themselves; no init, definition or log call is on these runs."""
    calls: list[Call] = msgspec.field(default_factory=list)
    """The calls that `semantics/api.py` names, `finish` at the end of a `with` included."""
    writes: list[Write] = msgspec.field(default_factory=list)
    reads: list[Read] = msgspec.field(default_factory=list)
    definitions: list[Definition] = msgspec.field(default_factory=list)
    log_calls: list[LogCall] = msgspec.field(default_factory=list)
    guards: list[NoneGuard] = msgspec.field(default_factory=list)
    api_uses: list[ApiUse] = msgspec.field(default_factory=list)
    unseen_effects: list[tuple[Span, int]] = msgspec.field(default_factory=list)
    """Calls after which any key may be logged, each with its entry id (-1: every entry point)."""
    unread_files: list[str] = msgspec.field(default_factory=list)
    """Files that mention wandb and cannot be read: they may log anything."""
    resuming_files: list[str] = msgspec.field(default_factory=list)
    """Files that set `WANDB_RUN_ID` or `WANDB_RESUME`: then any init may resume."""
    registers_front_ends: bool = False
    """Whether settings name a front end in a string, so that code that is not seen may log to any run."""
    sweep_handling_files: list[str] = msgspec.field(default_factory=list)
    """Files that handle `WANDB_SWEEP_ID`: then the runs of a sweep's job may be apart."""
    config_keys: frozenset[str] | None = None
    """The keys that any file reads from configs, if a function is the job of a sweep; None if unknown."""
    requirement: Requirement = msgspec.field(default_factory=Requirement)
    """The wandb versions that the project requires."""
    nested_requirements: dict[str, Requirement] = msgspec.field(default_factory=dict)
    """Those that folders of the project require by themselves, by folder."""
    launch_files: tuple[LaunchFile, ...] = ()
    """The shell scripts that start the jobs of the project."""
    sweep_files: tuple[SweepFile, ...] = ()
    """The YAML files that define sweeps of its scripts."""
    induction_events: dict[int, tuple[Initialization | Increment, ...]] = msgspec.field(default_factory=dict)
    """Where induction variables start and rise, by entry id."""
    runs_opened: dict[int, tuple[RunOpened, ...]] = msgspec.field(default_factory=dict)
    """Where runs are opened, by entry id: once per time that the entry point reaches the place."""
    non_wandb_calls: frozenset[Span] = frozenset()
    """Calls that read like wandb's `log` but enter the project's own code or another library."""
    entry_points: dict[int, EntryLocation] = msgspec.field(default_factory=dict)
    """Where each entry point starts; implicit entry points (code that nothing reaches) have no location."""
    inits_while_active: list[InitWhileActive] = msgspec.field(default_factory=list)
    held_back_inits: list[InitWhileActive] = msgspec.field(default_factory=list)
    """Those that something may prevent, which `doubts` explain."""
    process_launches: list[ProcessLaunch] = msgspec.field(default_factory=list)
    approximate_only: frozenset[int] = frozenset()
    """Entry points analyzed only for what is known of their rows: they may be dead code."""
    over_budget: frozenset[int] = frozenset()
    """Entry points that were cut off: after the cut they may log anything."""
    complete_scripts: frozenset[str] = frozenset()
    """The scripts that use a run and open none, of whose imports none runs unseen code."""
    calls_met: int = 0
    """How many calls of project functions were met, over all entry points; not while modules are loaded."""
    calls_cut_off: int = 0
    """How many of them were not run to their end, to save time: they may have done anything."""
    _shared_runs: SharedRuns | None = None
    _log_calls_by_run: ByRun[LogCall] | None = None
    _definitions_by_run: ByRun[Definition] | None = None
    _custom_axes: dict[Span, CustomAxis] | None = None

    def requirement_of(self, path: str) -> Requirement:
        """The wandb versions that the nearest folder around a file requires."""
        folders = map(str, PurePosixPath(path).parents)
        stated = (
            self.nested_requirements[folder] for folder in folders if folder in self.nested_requirements
        )
        return next(stated, self.requirement)

    def sessions(self) -> Iterator[Session]:
        """The sessions that define axes, in a fixed order."""
        keys = {(run, d.entry_id) for d in self.definitions if d.is_must for run in d.runs}
        return (self.session(run, entry_id) for run, entry_id in sorted(keys))

    def session(self, run: Span, entry_id: int) -> Session:
        """What one entry point does to the run of an init site, and what any entry point may do to it."""
        rows = self.rows(run)
        unseen = self.may_log_unseen(entry_id)
        if self._definitions_by_run is None:
            self._definitions_by_run = ByRun((d, d.runs) for d in self.definitions)
        by_run = self._definitions_by_run
        return Session(
            run,
            entry_id,
            tuple(d for d in by_run.must_be_on(run) if d.entry_id == entry_id and d.is_must),
            tuple(c for c in self._log_calls.must_be_on(run) if c.entry_id == entry_id and c.is_must),
            self._not_approximate(by_run.may_be_on(self.runs_shared_with(run))),
            rows,
            unseen or any(call.is_open for call in rows),
            unseen,
        )

    def may_log_unseen(self, entry_id: int) -> bool:
        """Whether unseen code may log to the runs of an entry point."""
        return bool(self.unread_files) or any(other in {entry_id, -1} for _, other in self.unseen_effects)

    def custom_axis(self, call: LogCall) -> CustomAxis | None:
        """The first key of a log call that certainly has a custom x-axis."""
        if self._custom_axes is None:
            self._custom_axes = {}
            for session in self.sessions():
                for other in session.log_calls:
                    if other.span not in self._custom_axes and (axis := session.custom_axis(other)):
                        self._custom_axes[other.span] = axis
        return self._custom_axes.get(call.span)

    def node_count(self, init: Init) -> NodeCount | None:
        """How many nodes the job of an init has, as the code or what starts it says; None if unknown."""
        entry = (*init.call_stack, init.span)[0].path
        script = entry.rpartition("/")[2].removesuffix(".py")
        counts = {file.nodes for file in self.launch_files if script in file.scripts}
        if NodeCount.SEVERAL in counts:
            return NodeCount.SEVERAL
        return NodeCount.ONE if NodeCount.ONE in counts else init.node_count

    def runs_shared_with(self, run: Span) -> frozenset[Span]:
        """The init sites whose run may be this one."""
        if self._shared_runs is None:
            self._shared_runs = SharedRuns((i.span, i.while_active, self.may_resume(i)) for i in self.inits)
        return self._shared_runs.shared_with(run)

    def may_resume(self, init: Init) -> bool:
        """Whether the call may continue a run that another process opened."""
        resume = init.argument("resume")
        if resume is None:
            return init.has_unseen_arguments or bool(self.resuming_files)
        return not (resume.is_known and resume.literal in {None, False, "never"})

    def rows(self, run: Span) -> tuple[LogCall, ...]:
        """Every log call that may be on the run, in this process or in another one."""
        return self._not_approximate(self._log_calls.may_be_on(self.runs_shared_with(run)))

    @property
    def _log_calls(self) -> ByRun[LogCall]:
        if self._log_calls_by_run is None:
            self._log_calls_by_run = ByRun((call, call.runs) for call in self.log_calls)
        return self._log_calls_by_run

    def _not_approximate(self, calls: tuple[_Call, ...]) -> tuple[_Call, ...]:
        return tuple(call for call in calls if call.entry_id not in self.approximate_only)
