"""TODO."""

from __future__ import annotations

import enum

import msgspec

from wandblint.model.control_flow import NOWHERE, ControlContext, InductionVariable, ProgramPoint
from wandblint.span import Span
from wandblint.template import Template


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


class EntryLocation(msgspec.Struct, frozen=True, order=True):
    """Where a call path starts: a file that is run as a script, or a function or class that nobody calls."""

    path: str
    name: str = ""
    """Of the function or class; empty for a script."""
