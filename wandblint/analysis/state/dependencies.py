"""What interpreted code depends on, and what it does apart from events: queries, shared facts, functions."""

from __future__ import annotations

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId, Query, SharedFactKey
from wandblint.analysis.domain.values import Value
from wandblint.span import Span


class Dependencies(msgspec.Struct, eq=False):
    """The dependencies and effects of an entry point, or of a slice of a `module`."""

    module: str = ""
    queries: dict[Query, None] = msgspec.field(default_factory=dict)
    depends_on: dict[Dependencies, None] = msgspec.field(default_factory=dict)
    """The module slices that it uses."""
    published: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    entered: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions whose body was run."""
    defined: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions whose definition was executed."""
    ambiguous_targets: set[FunctionId] = msgspec.field(default_factory=set)
    """Methods that a call on an unknown receiver may enter: they may have unseen callers."""
    non_wandb_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that enter the project's own code, or a library other than wandb."""

    def transitive(self) -> list[Dependencies]:
        """These, and those of all slices that they depend on."""
        closure, waiting = {self: None}, [self]
        while waiting:
            new = [deps for deps in waiting.pop().depends_on if deps not in closure]
            closure.update(dict.fromkeys(new))
            waiting += new
        return [*closure]

    def merge_effects(self, other: Dependencies) -> None:
        """Adds the effects of another, but not its queries and published facts."""
        self.entered |= other.entered
        self.defined |= other.defined
        self.ambiguous_targets |= other.ambiguous_targets
        self.non_wandb_calls |= other.non_wandb_calls


class ModuleInitState(msgspec.Struct):
    """Which slices of an imported module have run."""

    eager: Dependencies
    slices: dict[str, Dependencies] = msgspec.field(default_factory=dict)
    """The dependencies of each slice, by the names that it binds."""
