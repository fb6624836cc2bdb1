"""What code under abstract execution does besides telling wandb: what it asks, says and enters."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from wandblint.finding import Span
from wandblint.linking.values import Value

Key: TypeAlias = "tuple[str | int, ...]"
"""Where a call path starts, and how it is followed."""

Question: TypeAlias = "tuple[str | int, ...]"
"""What can be asked of a project as a whole, in words and numbers (`questions.py`)."""

Topic: TypeAlias = "tuple[str | int, ...]"
"""What call paths tell each other about (`knowledge.py`)."""

Place: TypeAlias = "tuple[str, int]"
"""The file of a function and where it starts there."""


class Deeds(msgspec.Struct, eq=False):
    """Those of one call path, or of the running of one part of a module (of its `home`)."""

    home: str = ""
    asked: dict[Question, None] = msgspec.field(default_factory=dict)
    parts: dict[Deeds, None] = msgspec.field(default_factory=dict)
    """The parts of modules that it looked into."""
    told: dict[Topic, Value] = msgspec.field(default_factory=dict)
    executed: set[Place] = msgspec.field(default_factory=set)
    """Functions that were entered."""
    defined: set[Place] = msgspec.field(default_factory=set)
    """Functions whose definitions were met."""
    vaguely_called: set[Place] = msgspec.field(default_factory=set)
    """Methods that calls on unknown receivers may mean: they have callers that are not seen."""
    other_calls: set[Span] = msgspec.field(default_factory=set)
    """Calls that enter the project's own code, or a library other than wandb."""

    def all(self) -> list[Deeds]:
        """These, and those of all parts that they depend on."""
        met, waiting = {self: None}, [self]
        while waiting:
            new = [part for part in waiting.pop().parts if part not in met]
            met.update(dict.fromkeys(new))
            waiting += new
        return [*met]

    def add(self, other: Deeds) -> None:
        """Those of another, done too; what it asked and told is its own."""
        self.executed |= other.executed
        self.defined |= other.defined
        self.vaguely_called |= other.vaguely_called
        self.other_calls |= other.other_calls


class Loaded(msgspec.Struct):
    """How far an imported module was run."""

    at_once: Deeds
    parts: dict[str, Deeds] = msgspec.field(default_factory=dict)
    """What running each part did, by the names that it binds."""
