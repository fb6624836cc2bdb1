"""What code under abstract execution does besides telling wandb: what it asks, says and enters."""

from __future__ import annotations

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId, Query, SharedFactKey
from wandblint.analysis.domain.values import Value
from wandblint.span import Span


class Dependencies(msgspec.Struct, eq=False):
    """Those of one call path, or of the running of one part of a module (of its `home`)."""

    module: str = ""
    queries: dict[Query, None] = msgspec.field(default_factory=dict)
    depends_on: dict[Dependencies, None] = msgspec.field(default_factory=dict)
    """The parts of modules that it looked into."""
    published: dict[SharedFactKey, Value] = msgspec.field(default_factory=dict)
    entered: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions that were entered."""
    defined: set[FunctionId] = msgspec.field(default_factory=set)
    """Functions whose definitions were met."""
    ambiguous_targets: set[FunctionId] = msgspec.field(default_factory=set)
    """Methods that calls on unknown receivers may mean: they have callers that are not seen."""
    non_wandb_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that enter the project's own code, or a library other than wandb."""

    def transitive(self) -> list[Dependencies]:
        """These, and those of all parts that they depend on."""
        met, waiting = {self: None}, [self]
        while waiting:
            new = [part for part in waiting.pop().depends_on if part not in met]
            met.update(dict.fromkeys(new))
            waiting += new
        return [*met]

    def merge_effects(self, other: Dependencies) -> None:
        """Those of another, done too; what it asked and told is its own."""
        self.entered |= other.entered
        self.defined |= other.defined
        self.ambiguous_targets |= other.ambiguous_targets
        self.non_wandb_calls |= other.non_wandb_calls


class ModuleInitState(msgspec.Struct):
    """How far an imported module was run."""

    eager: Dependencies
    slices: dict[str, Dependencies] = msgspec.field(default_factory=dict)
    """What running each part did, by the names that it binds."""
