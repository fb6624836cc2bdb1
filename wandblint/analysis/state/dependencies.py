"""What interpreted code depends on, and what it does apart from events: queries, shared facts, functions."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId, Query, SharedFactKey
from wandblint.analysis.domain.values import Value
from wandblint.span import Span


class Dependencies(msgspec.Struct, eq=False):
    """The dependencies and effects of an entry point, or of a slice of a `module`."""

    module: str = ""
    queries: dict[Query, None] = msgspec.field(default_factory=dict)
    names: frozenset[str] = frozenset()
    """The names that the slice binds."""
    is_eager: bool = False
    number: int = 0
    """Its place in the order in which slices have run."""
    depends_on: dict[Dependencies, None] = msgspec.field(default_factory=dict)
    """The module slices that it uses."""
    used_by: dict[Dependencies, None] = msgspec.field(default_factory=dict)
    """The module slices that use it."""
    published: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    entered: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions whose body was run."""
    defined: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions whose definition was executed."""
    ambiguous_targets: set[FunctionId] = msgspec.field(default_factory=set)
    """Methods that a call on an unknown receiver may enter: they may have unseen callers."""
    non_wandb_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that enter the project's own code, or a library other than wandb."""
    effects: dict[object, Callable[[], object]] = msgspec.field(default_factory=dict)
    """What a slice does to the state of an entry point, by what identifies it: each one that uses it repeats
    that."""

    def __repr__(self) -> str:
        """Only its place: slices refer to each other, and all paths between them are too many to print."""
        return f"<slice {self.number} of {self.module or 'an entry point'}>"

    def use(self, other: Dependencies) -> None:
        """Adds a module slice that it uses."""
        self.depends_on[other] = None
        if self.module:
            other.used_by[self] = None

    def unuse(self) -> None:
        """Lets the slices that it uses know of it no longer."""
        for used in self.depends_on:
            used.used_by.pop(self, None)

    def transitive(self, known: AbstractSet[Dependencies] = frozenset()) -> list[Dependencies]:
        """These, and those of all slices that they depend on, except the `known` ones with what these use."""
        closure, waiting = {self: None}, [self]
        while waiting:
            used = waiting.pop().depends_on
            new = [deps for deps in used if deps not in closure and deps not in known]
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
    """Those of the eager slices together, on which every other slice depends."""
    slices: dict[str, Dependencies] = msgspec.field(default_factory=dict)
    """The dependencies of each slice, by the names that it binds."""
