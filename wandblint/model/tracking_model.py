"""The domain in wandb's own words: what a project opens, defines and logs.

`linking` makes the model, rules read it. Every claim is about a *session*: one run as one call path
opens it (a script, an entry function). Two scripts that never meet share no session, even where they
open their runs through one function.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from wandblint.findings.finding import Span
from wandblint.model.control_flow import (
    NOWHERE,
    ControlContext,
    Increment,
    InductionVariable,
    Initialization,
    ProgramPoint,
    RunOpened,
)
from wandblint.model.run_sharing import ByRun, SharedRuns
from wandblint.semantics.axes import covers, is_built_in
from wandblint.semantics.versions import Requirement
from wandblint.template import Template, Verdict, equal


class ValueKind(enum.Enum):
    """What is logged under a key, as far as a chart cares."""

    NUMBER = "number"
    """A number, or something unknown that may be one."""
    MEDIA = "media"
    """A table, image, plot: needs no axis and supplies none."""
    TEXT = "text"
    """A string or None: needs no axis and supplies none."""


class LoggedKey(msgspec.Struct, frozen=True):
    """One key of a logged row. `span` is where it was put into the row."""

    name: Template
    kind: ValueKind
    span: Span


class Argument(msgspec.Struct, frozen=True):
    """An argument of a call: its value where it is a known literal (`literal`), else only its place."""

    span: Span
    literal: str | int | float | bool | None = None
    is_known: bool = False
    alternatives: tuple[str | int | float | bool | None, ...] = ()
    """Its values where they are known (one where `is_known`), empty where it may be anything."""


class Init(msgspec.Struct, frozen=True):
    """A call of `wandb.init`. The same call reached over several paths is one `Init` a path (`root`)."""

    span: Span
    entry_id: int
    arguments: tuple[tuple[str, Argument], ...]
    has_unseen_arguments: bool
    """Whether `**kwargs` may bring arguments that are not seen."""
    while_active: frozenset[Span]
    """Sites whose run may be open when this call is reached."""
    is_surely_active: bool
    """Whether one of them certainly is."""
    is_must: bool = True
    call_stack: tuple[Span, ...] = ()
    """The calls that lead here, outermost first."""
    point: ProgramPoint = NOWHERE
    coordinates_processes: bool = False
    """Whether it, or code on its way, tells the processes of a job apart in words of its own."""

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, if it is given."""
        return dict(self.arguments).get(name)


class Definition(msgspec.Struct, frozen=True):
    """A call of `define_metric`. `runs` are the init sites whose run it may be; empty where not known."""

    span: Span
    entry_id: int
    runs: frozenset[Span]
    name: Template
    name_span: Span
    step_metric: Template | None
    step_span: Span | None
    step_sync: bool
    """Whether rows without the step metric get its last value."""
    is_must: bool = True


class UnusedStepParameter(msgspec.Struct, frozen=True):
    """A parameter named like a step that a function which logs uses nowhere."""

    function: str
    parameter: str
    span: Span
    signature_is_fixed: bool
    """Whether code that is not seen gets the function, so that the parameters are not its own choice."""
    is_interval: bool = False
    """Whether it tells when to log: `step % 100 == 0` is its only use."""


class CallSiteContext(msgspec.Struct, frozen=True):
    """How a log call stands in the text around it."""

    name_loop: Span | None = None
    """The loop over a dictionary whose names are the only key of the row."""
    consecutive_calls: Span | None = None
    """The first of three or more such calls that follow one another in a block."""
    runs_once: bool = False
    """Whether the path certainly comes here no more than once, `name_loop` left out."""
    unused_step: UnusedStepParameter | None = None


class LogCall(msgspec.Struct, frozen=True):
    """A call that logs a row, as one call path makes it.

    `keys` are what it may log, `is_open` tells that there may be more. `runs` are the init sites whose run
    it may be; empty where not known.
    """

    span: Span
    entry_id: int
    runs: frozenset[Span]
    keys: tuple[LoggedKey, ...]
    is_open: bool
    step: Argument | None
    call_stack: tuple[Span, ...]
    """The calls that lead here, outermost first."""
    is_must: bool = True
    commit: Argument | None = None
    induction: InductionVariable | None = None
    """What `step=` counts with, where that is known."""
    receiver: int = 0
    """Tells apart what it is called on where `runs` is empty."""
    is_direct: bool = False
    """Whether it is wandb's own `log`, not another front end's: `logger.log_metrics`, `watch`."""
    point: ProgramPoint = NOWHERE
    context: CallSiteContext = CallSiteContext()


class ProcessLaunch(msgspec.Struct, frozen=True):
    """Where a script starts or joins a job of several processes, each of which runs the whole script."""

    span: Span
    entry_id: int
    is_must: bool
    """Whether it certainly does; else it asks the environment for its rank."""
    control_context: ControlContext = ()


class InitWhileActive(msgspec.Struct, frozen=True):
    """An init that is reached while a run is certainly open: wandb returns that one."""

    span: Span
    entry_id: int
    opened: Span
    """The init that opened it."""
    loop: Span | None
    """The loop whose earlier pass opened it; None where it is another init."""
    is_must: bool = True
    """Whether no code that is not seen may have closed it."""


class ApiUse(msgspec.Struct, frozen=True, order=True):
    """A use of something that some release of wandb has lost.

    `name` is as in `wandblint.semantics.removed`. A use is `guarded` where the code asks for the name first,
    or goes on without it.
    """

    span: Span
    name: str
    is_guarded: bool


class CalledFunction(msgspec.Struct, frozen=True):
    """A function that some code calls: how often its name stands there, and anywhere but in itself."""

    name: Span
    uses_here: int
    uses_elsewhere: int


class NoneGuard(msgspec.Struct, frozen=True):
    """A test of a variable that can only be None.

    `holds` is what the test always is; `reaches_wandb` tells that the branch that it decides uses wandb.
    """

    span: Span
    variable: str
    scope: Span
    """What the variable belongs to: the function, module or class, told by its first character."""
    assigned: Span
    """Its (first) assignment of None."""
    holds: bool
    reaches_wandb: bool
    is_live: bool
    """Whether the branch that reaches wandb is the one that runs."""
    called_functions: tuple[CalledFunction, ...] = ()
    """The plain functions of this file that the branch that is shut calls."""


_Call = TypeVar("_Call", LogCall, Definition)


class EntryLocation(msgspec.Struct, frozen=True, order=True):
    """Where a call path starts: a file that is run as a script, or a function or class that nobody calls."""

    path: str
    name: str = ""
    """Of the function or class; empty for a script."""


class Session(msgspec.Struct, frozen=True):
    """One run on one call path.

    `definitions` and `log_calls` are certainly done to it there, `all_definitions` and `rows` may be done
    to it anywhere.
    """

    run: Span
    entry_id: int
    definitions: tuple[Definition, ...]
    log_calls: tuple[LogCall, ...]
    all_definitions: tuple[Definition, ...]
    rows: tuple[LogCall, ...]
    is_open: bool
    """Whether keys may be logged about which nothing is known."""
    may_define_unseen: bool
    """Whether code that is not seen may define metrics: frameworks that log by themselves do."""

    def axis_definition(self, key: LoggedKey) -> Definition | None:
        """The definition that certainly gives the key its axis.

        An exact name beats any glob; what may beat it or may match beside it makes it uncertain.
        """
        if self.may_define_unseen:
            return None
        found: list[Definition] = []
        for definition in self.definitions:
            verdict = covers(definition.name, key.name)
            if verdict is Verdict.YES and definition.step_metric is not None:
                found.append(definition)
        exact = [d for d in self.all_definitions if equal(d.name, key.name) is not Verdict.NO]
        if exact:
            found = [d for d in found if d in exact] if len(exact) == 1 else []
        axes = {d.step_metric for d in found}
        return found[0] if len(axes) == 1 else None

    def custom_axis(self, call: LogCall) -> CustomAxis | None:
        """The first key of a log call that certainly has an x-axis of its own."""
        for key in call.keys:
            definition = self.axis_definition(key) if key.kind is ValueKind.NUMBER else None
            axis = None if definition is None else definition.step_metric
            # The axis itself may lie under its own glob.
            if definition is None or axis is None or equal(key.name, axis) is Verdict.YES:
                continue
            if not is_built_in(axis):
                return CustomAxis(key, definition, axis)
        return None

    def is_covered(self, key: LoggedKey) -> bool:
        """Whether some definition may apply to the key, or the key may be an axis itself."""
        return any(
            covers(d.name, key.name) is not Verdict.NO
            or (d.step_metric is not None and equal(d.step_metric, key.name) is not Verdict.NO)
            for d in self.all_definitions
        )

    def never_moves(self, definition: Definition) -> bool:
        """Whether the definition names an axis that certainly gets no value."""
        axis = definition.step_metric
        return bool(axis is not None and axis.parts and not is_built_in(axis) and not self.is_logged(axis))

    def is_logged(self, axis: Template) -> bool:
        """Whether some row may hold a number under this name."""
        return self.is_open or any(
            key.kind is ValueKind.NUMBER and equal(key.name, axis) is not Verdict.NO
            for call in self.rows
            for key in call.keys
        )


class CustomAxis(msgspec.Struct, frozen=True):
    """A key of a logged row that has an x-axis of its own."""

    key: LoggedKey
    definition: Definition
    axis: Template


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
