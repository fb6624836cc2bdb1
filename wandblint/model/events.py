"""Events: the wandb calls of a project, and what the analysis knows about their arguments."""

from __future__ import annotations

import enum

import msgspec

from wandblint.model.control_flow import NOWHERE, ControlContext, ProgramPoint
from wandblint.model.doubt import Doubt
from wandblint.model.step_values import InductionVariable
from wandblint.semantics.launchers import NodeCount
from wandblint.semantics.runs import records_nothing
from wandblint.span import Span
from wandblint.template import Template


class ValueKind(enum.Enum):
    """The kind of value logged under a key, as far as charts depend on it."""

    NUMBER = "number"
    """A number, or an unknown value that may be one."""
    ARRAY = "array"
    """An array of more than one number: wandb keeps a list or a histogram of it, and draws no curve."""
    MEDIA = "media"
    """A table, image or plot: needs no axis and supplies none."""
    TEXT = "text"
    """A string or None: needs no axis and supplies none."""


class Allocation(msgspec.Struct, frozen=True):
    """An object of wandb: what made it, where, and in which context (each call of a helper makes another)."""

    type: str
    span: Span
    number: int


class LoggedKey(msgspec.Struct, frozen=True):
    """One key of a logged row. `span` is where the code puts it into the row."""

    name: Template
    kind: ValueKind
    span: Span
    is_alternative: bool = False
    """Whether the row may lack it: only some branch sets it, or the row may have another key in its place."""
    made: Allocation | None = None
    """The object of wandb that it certainly holds."""
    size: int | None = None
    """The number of elements of an array."""


class Argument(msgspec.Struct, frozen=True):
    """An argument of a call; `literal` is its value if `is_known`."""

    span: Span
    literal: str | int | float | bool | None = None
    is_known: bool = False
    alternatives: tuple[str | int | float | bool | None, ...] = ()
    """Its possible values (one if `is_known`); empty if it may be anything."""
    source: str = ""
    """The expression in the source, of a short keyword argument `step=`."""
    made: Allocation | None = None
    """The object of wandb that it certainly is."""
    is_secret: bool = False
    """Whether it is a key of wandb's API: then its value is not kept."""


class Init(msgspec.Struct, frozen=True):
    """A call of `wandb.init`; a call that several entry points reach is one `Init` per entry point."""

    span: Span
    entry_id: int
    arguments: tuple[tuple[str, Argument], ...]
    has_unseen_arguments: bool
    """Whether `**kwargs` may pass further arguments."""
    while_active: frozenset[Span]
    """Sites whose run may be open at this call."""
    is_surely_active: bool
    """Whether one of these runs is certainly open."""
    opens_run: bool = False
    """Whether it certainly opens a run of its own."""
    returns_open_run: bool = False
    """Whether it certainly returns one of these runs, so that it opens none itself."""
    is_must: bool = True
    call_stack: tuple[Span, ...] = ()
    """The calls that lead here, outermost first."""
    point: ProgramPoint = NOWHERE
    coordinates_processes: bool = False
    """Whether the call, or code before it, handles the processes of a job by its own means."""
    is_in_sweep: bool = False
    """Whether `wandb.agent` calls the function in which this happens."""
    node_count: NodeCount | None = None
    """How many nodes the job has, as the code on the way says."""

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, if the call passes it."""
        return dict(self.arguments).get(name)

    @property
    def opens_run_per_process(self) -> bool:
        """Whether each process that gets here certainly opens a run of its own."""
        mode = self.argument("mode")
        may_be_off = mode is not None and not {"disabled", "shared"}.isdisjoint(mode.alternatives)
        is_clear = self.is_must and not self.has_unseen_arguments and not self.coordinates_processes
        return is_clear and not may_be_off

    @property
    def is_disabled(self) -> bool:
        """Whether the call opens no run: then it neither closes one nor warns."""
        mode = self.argument("mode")
        return mode is not None and isinstance(mode.literal, str) and records_nothing(mode.literal)


class FrontEndRun(msgspec.Struct, frozen=True):
    """A call after which a front end opens a run by itself, such as Lightning's `WandbLogger(...)`."""

    span: Span
    entry_id: int
    front_end: str
    """The canonical name of what is called."""
    call_stack: tuple[Span, ...] = ()
    """The calls that lead here, outermost first."""


class Definition(msgspec.Struct, frozen=True):
    """A call of `define_metric`. `runs` are the init sites whose run it may be on; empty if unknown."""

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


class StepUse(enum.Enum):
    """What a function does with a step that it does not log to wandb."""

    NOTHING = "nothing"
    INTERVAL = "interval"
    """It decides when to log: `step % 100 == 0`."""
    OTHER_LOGGER = "other logger"
    """It gets to another logger: `writer.add_scalar(name, value, step)`."""


class UnusedStepParameter(msgspec.Struct, frozen=True):
    """A parameter with the name of a step, which a function that logs never logs to wandb."""

    function: str
    parameter: str
    span: Span
    signature_is_fixed: bool
    """Whether unseen code calls the function, so that it cannot choose its parameters."""
    use: StepUse = StepUse.NOTHING


class CallSiteContext(msgspec.Struct, frozen=True):
    """The code around a log call."""

    name_loop: Span | None = None
    """The loop over a dictionary whose names are the only key of the row."""
    consecutive_calls: Span | None = None
    """The first of three or more consecutive log calls in a block."""
    runs_once: bool = False
    """Whether the entry point certainly makes the call at most once, apart from `name_loop`."""
    unused_step: UnusedStepParameter | None = None
    unseen_caller: Span | None = None
    """Where unseen code gets a function that leads here: it may call it any number of times, or never."""


class LogCall(msgspec.Struct, frozen=True):
    """A call that logs a row, as one entry point makes it.

    `keys` are the keys that it may log; `is_open` means that there may be more. `runs` are the init sites
    whose run it may be on; empty if unknown.
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
    """The value of `step=`, if it is an induction variable."""
    receiver: int = 0
    """Distinguishes the receivers of calls whose `runs` is empty."""
    is_direct: bool = False
    """Whether it is wandb's own `log`, not that of a front end such as `logger.log_metrics` or `watch`."""
    point: ProgramPoint = NOWHERE
    context: CallSiteContext = CallSiteContext()


class ProcessLaunch(msgspec.Struct, frozen=True):
    """Where a script starts or joins a job of several processes that all run the whole script."""

    span: Span
    entry_id: int
    is_must: bool
    """Whether it certainly does; otherwise it only reads its rank from the environment."""
    control_context: ControlContext = ()
    call_stack: tuple[Span, ...] = ()
    """The calls that lead here, outermost first."""

    def is_after(self, init: Init) -> bool:
        """Whether it comes later than an init in the function that leads to both, or that contains both."""
        ours, theirs = (*self.call_stack, self.span), (*init.call_stack, init.span)
        for our, their in zip(ours, theirs, strict=False):
            if our != their:
                return our.path == their.path and our.start > their.start
        return False


class Repeats(enum.Enum):
    """What is done again and again in one process."""

    LOOP = "loop"
    """The body of a loop, or the function of a search."""
    JOBS = "jobs"
    """The function of a multirun."""


class InitWhileActive(msgspec.Struct, frozen=True):
    """An init while a run is certainly open: wandb returns the open run."""

    span: Span
    entry_id: int
    opened: Span
    """The init that opened the run."""
    loop: Span | None
    """The loop whose earlier iteration opened it; None if another init did."""
    is_must: bool = True
    """Whether no unseen code may have closed it."""
    repeats: Repeats = Repeats.LOOP
    """What the loop repeats."""
    held_back: Doubt | None = None
    """Why it is not certain enough for the rules."""


class ApiUse(msgspec.Struct, frozen=True, order=True):
    """A use of a name or argument that a release of wandb removed.

    `name` is spelled as in `wandblint.semantics.removed`. `is_guarded` means that the code checks for the
    name first or handles its absence.
    """

    span: Span
    name: str
    is_guarded: bool


class CalledFunction(msgspec.Struct, frozen=True):
    """A function called in a guarded branch: its uses in the branch and in the file outside its body."""

    name: Span
    uses_here: int
    uses_elsewhere: int


class NoneGuard(msgspec.Struct, frozen=True):
    """A test of a variable that can only be None.

    `holds` is the constant value of the test. `reaches_wandb` means that the guarded branch uses wandb.
    """

    span: Span
    variable: str
    scope: Span
    """The function, module or class that the variable belongs to, identified by its first character."""
    assigned: Span
    """Its (first) assignment of None."""
    holds: bool
    reaches_wandb: bool
    is_live: bool
    """Whether the branch that reaches wandb runs."""
    called_functions: tuple[CalledFunction, ...] = ()
    """The plain functions of this file that the dead branch calls."""


class EntryLocation(msgspec.Struct, frozen=True, order=True):
    """Where an entry point starts: a file run as a script, or a function or class that no code calls."""

    path: str
    name: str = ""
    """The function or class; empty for a script."""
