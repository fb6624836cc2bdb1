"""The state of a single entry point, which the next one resets."""

from __future__ import annotations

import msgspec

from wandblint import facts
from wandblint.analysis.domain.heap_objects import Instance
from wandblint.analysis.domain.identifiers import EntryPointKey
from wandblint.analysis.domain.lattice import join
from wandblint.analysis.domain.values import (
    CALLERS_RUN,
    NONE,
    Branch,
    ClassInfo,
    Frame,
    FunctionInfo,
    Value,
)
from wandblint.analysis.state.budget import MAX_DEPTH
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.run_states import RunStates
from wandblint.span import Span

ANY_RUN = join((CALLERS_RUN, NONE))
"""What `wandb.run` may be where nobody knows what has run before."""


def _session() -> Instance:
    return Instance(None, ClassInfo("", "", facts.ClassDef(0, 0, "", 0, [], [], [])))


class EntryState(msgspec.Struct):
    """The state of the entry point that is being run."""

    key: EntryPointKey = ()
    """Identifies the entry point in every run of wandblint."""
    main: str = ""
    """The file that runs as `__main__`; empty where the entry point is a function that nobody calls."""
    max_depth: int = MAX_DEPTH
    """The maximum depth of the call stack."""
    symbolic_instances: set[int] = msgspec.field(default_factory=set)
    """Addresses of the symbolic instances that were allocated."""
    escaped: set[int] = msgspec.field(default_factory=set)
    """Addresses of the objects that unseen code has."""
    changes_other_files: dict[FunctionInfo, bool] = msgspec.field(default_factory=dict)
    """Whether functions call imported ones that may change any object."""
    searched: set[tuple[FunctionInfo, Frame | None]] = msgspec.field(default_factory=set)
    """The functions, with the scopes around them, that a search for runs has visited."""
    used_slices: set[Dependencies] = msgspec.field(default_factory=set)
    """The module slices that the entry point has used so far."""
    local_methods: set[str] = msgspec.field(default_factory=set)
    """The names of the methods of classes that functions have defined."""
    classes_in_creation: list[ClassInfo] = msgspec.field(default_factory=list)
    """The classes whose statements are running, outermost first."""
    rebound_globals: dict[str, dict[str, None]] = msgspec.field(default_factory=dict)
    """By module: the globals that functions have assigned."""
    resolving: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Imported names, by file, that are being resolved."""
    in_sweep: bool = False
    """Whether `wandb.agent` has called the code that runs."""
    reads_other_entries: bool = False
    """Whether the run read facts that other entry points publish: a later one may publish more."""
    session: Instance = msgspec.field(default_factory=_session)
    """Holds `wandb.run` as its attribute `run`."""
    run_states: RunStates = msgspec.field(default_factory=RunStates)
    patches: Instance = msgspec.field(default_factory=_session)
    """Holds what the code has assigned to attributes of libraries and runs."""
    last_patches: dict[str, tuple[Branch | None, Value]] = msgspec.field(default_factory=dict)
    """The last such assignment, and the branch that it is on: code on that branch reads its value."""
    changed_attributes: set[str] = msgspec.field(default_factory=set)
    """The attributes that the code has assigned to unknown objects."""
    asking_tests: dict[tuple[object, ...], bool] = msgspec.field(default_factory=dict)
    """By test, context and mapping: whether the test asks the config, or the summary."""
    array_sizes: dict[Span, int | None] = msgspec.field(default_factory=dict)
    """By call: the number of elements of the array that it makes; None if it is not known."""

    def start_with(self, active: Value) -> None:
        """Forgets what runs are open; `wandb.run` has this value."""
        self.session.attributes["run"] = active
        self.run_states.start(active)

    def forget(self) -> None:
        """Drops what belongs to the entry point that ran before."""
        for left in (
            self.symbolic_instances,
            self.escaped,
            self.local_methods,
            self.changes_other_files,
            self.searched,
            self.used_slices,
            self.last_patches,
            self.rebound_globals,
            self.changed_attributes,
            self.array_sizes,
            self.asking_tests,
        ):
            left.clear()
        self.patches.attributes.clear()
        self.in_sweep = False
