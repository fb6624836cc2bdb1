"""Uses of runs and of wandb's settings: calls, writes and reads, each with the state of its run."""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wandblint.model.control_flow import NOWHERE, ProgramPoint
from wandblint.model.events import Argument
from wandblint.span import Span
from wandblint.template import Template


class RunState(enum.Enum):
    """The state of the run of a call, when the call happens."""

    OPEN = "open"
    CLOSED = "closed"
    NONE = "none"
    """No run has been opened."""
    ON_SOME_PATHS = "on some paths"
    """Some paths have opened one, the others none."""
    MAYBE = "maybe"
    """It may be in any state."""


class RunStatus(msgspec.Struct, frozen=True):
    """The state of the run that a call is on."""

    state: RunState = RunState.MAYBE
    sites: frozenset[Span] = frozenset()
    """The init sites of the runs that it may be."""
    closed: tuple[Span, ...] = ()
    """Where it was, or may have been, finished."""
    is_global: bool = False
    """Whether the call means the run that is active, as `wandb.log` does, and not one of its own."""
    is_from_module: bool = False
    """Whether it is not the active run, but the one that was when code read `wandb.config`."""
    after_unknown_call: bool = False
    """Whether code about which nothing is known may have opened a run before."""
    contexts: tuple[int, ...] = ()
    """The contexts in which these runs were opened, each once: each call of a helper opens another one."""

    @property
    def spelled(self) -> str:
        """How code names it: `wandb` or `run`."""
        return "wandb" if self.is_global or self.is_from_module else "run"

    @property
    def runs(self) -> tuple[frozenset[Span], frozenset[int]]:
        """Which runs it may be."""
        return self.sites, frozenset(self.contexts)

    def may_be_of(self, runs: frozenset[Span]) -> bool:
        """Whether it may be a run of one of these init sites; an empty set stands for any, like `sites`."""
        return not runs or not self.sites or not runs.isdisjoint(self.sites)

    @property
    def is_closed(self) -> bool:
        """Whether it is certainly finished, so that what needs an open run raises."""
        return self.state is RunState.CLOSED and not self.after_unknown_call

    @property
    def is_missing(self) -> bool:
        """Whether certainly no run is open, because it is finished or none has been opened."""
        return self.state in {RunState.CLOSED, RunState.NONE} and not self.after_unknown_call


class Call(msgspec.Struct, frozen=True):
    """A call that `semantics/api.py` names, as one entry point makes it."""

    name: str
    """The canonical name: a method of a run is `wandb.Run.log`, `wandb.log` as well.

    A method of what may be None instead of a run is `None.log` besides.
    """
    span: Span
    entry_id: int
    run: RunStatus
    arguments: tuple[tuple[str, Argument], ...] = ()
    call_stack: tuple[Span, ...] = ()
    """The calls that lead here, outermost first."""
    point: ProgramPoint = NOWHERE
    is_must: bool = True
    """Whether it certainly happens where the conditions of its point hold, and no handler hides its error."""
    occurrence: int = 0
    """Tells apart the times that unrolled loops and different callers reach it; rises in their order."""
    has_unseen_arguments: bool = False
    """Whether `*args` or `**kwargs` may pass further arguments."""

    def argument(self, name: str) -> Argument | None:
        """The argument of that name, if the call passes it."""
        return dict(self.arguments).get(name)

    @property
    def text(self) -> str:
        """What the code calls: `wandb.log` or `run.log`."""
        name = self.name.removeprefix("wandb.Run").removeprefix("None")
        return f"{self.run.spelled}{name}"


class WriteTarget(enum.Enum):
    """What a write changes, and what a read is of."""

    CONFIG = "config"
    """An item of a run's config."""
    SUMMARY = "summary"
    """An item of a run's summary."""
    ATTRIBUTE = "attribute"
    """An attribute of a run, or of the module `wandb`."""
    ENVIRONMENT = "environment"
    """A variable of wandb in `os.environ`."""


class Write(msgspec.Struct, frozen=True):
    """An assignment to an item of a run's config or summary, or to an attribute of a run or of wandb."""

    target: WriteTarget
    key: Template
    value: Argument
    span: Span
    entry_id: int
    run: RunStatus
    call_stack: tuple[Span, ...] = ()
    point: ProgramPoint = NOWHERE
    is_must: bool = True
    may_change: bool = False
    """Whether the write may replace another value: `allow_val_change=True`."""
    asking: frozenset[Span] = frozenset()
    """The tests around it that ask the config or summary that it changes."""

    @property
    def text(self) -> str:
        """What the code changes: `wandb.config` or `run.config`; of an attribute, `run.name`."""
        name = self.key if self.target is WriteTarget.ATTRIBUTE else self.target.value
        return f"{self.run.spelled}.{name}"


class Read(msgspec.Struct, frozen=True):
    """A key of a run's config or summary, or a variable of wandb in the environment, that code uses.

    An attribute is `wandb.config` or `wandb.summary` after an assignment to it, where perhaps no run is open.

    Only what the analysis runs is here: a key that no read has may still be used.
    """

    target: WriteTarget
    key: Template
    span: Span
    entry_id: int
    run: RunStatus
    call_stack: tuple[Span, ...] = ()
    point: ProgramPoint = NOWHERE
    is_must: bool = True
    """Whether it certainly happens where the conditions of its point hold, and no handler hides its error."""
    has_default: bool = False
    """Whether it yields something else where the key is missing: `.get(key)`."""
    asking: frozenset[Span] = frozenset()
    """The tests around it that ask the config or summary that it reads."""

    @property
    def text(self) -> str:
        """What the code reads from: `wandb.summary`, `run.summary` or `os.environ`."""
        if self.target is WriteTarget.ENVIRONMENT:
            return "os.environ"
        return f"{self.run.spelled}.{self.target.value}"


Use: TypeAlias = Call | Write | Read
"""What may need an open run."""
