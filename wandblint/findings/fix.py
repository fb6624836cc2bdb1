"""What a fix does, in the model's words. `fixing` carries it out; rules know no tree and no text."""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wandblint.span import Span


class Applicability(str, enum.Enum):
    """How far a fix can be trusted blindly."""

    SAFE = "safe"
    """What wandb records stays the same."""
    UNSAFE = "unsafe"
    """What wandb records changes, on purpose."""


class ReplaceText(msgspec.Struct, frozen=True):
    """A place outside of the code, such as a comment, gets another text."""

    span: Span
    text: str


class SetFlag(msgspec.Struct, frozen=True):
    """An argument that is written as True or False gets the value of this source."""

    argument: Span
    value: str


class DropArgument(msgspec.Struct, frozen=True):
    """A call loses an argument. One whose value may do something itself stays.

    `whole` is an argument of another call that goes instead, if this one is left empty and is its value.
    """

    argument: Span
    whole: Span | None = None


class AddArgument(msgspec.Struct, frozen=True):
    """A call gets a keyword argument."""

    call: Span
    keyword: str
    value: str


class RenameMember(msgspec.Struct, frozen=True):
    """`value.old` becomes `value.new`; with `is_property`, `value.old()` becomes `value.new`."""

    use: Span
    new: str
    is_property: bool = False


class AddAxis(msgspec.Struct, frozen=True):
    """A call that logs rows gets the x-axes of their keys into the row, with what `step=` held.

    `rows` are the keys with their axes, a row for each way in which the call is reached.
    """

    call: Span
    step: Span
    rows: tuple[tuple[tuple[str, str], ...], ...]


class Names(msgspec.Struct, frozen=True):
    """The name or glob of a definition, and its step metric."""

    name: str
    axis: str


class Define(msgspec.Struct, frozen=True):
    """A definition is renamed, or gets one beside it; the places are those of its call and two arguments."""

    call: Span
    name: Span
    axis: Span
    old: Names
    new: Names
    is_rename: bool


class RemoveBranch(msgspec.Struct, frozen=True):
    """An `if` or `elif` whose test never holds goes, with its body; what its `else` holds stays."""

    test: Span


class RemoveFunction(msgspec.Struct, frozen=True):
    """A function of a module goes."""

    name: Span


class RemoveStatement(msgspec.Struct, frozen=True):
    """A call that is a statement of its own goes."""

    call: Span


class OpenInWith(msgspec.Struct, frozen=True):
    """A run that a pass of a loop opens is opened by a `with` around the rest of the pass."""

    call: Span


class MergeLoop(msgspec.Struct, frozen=True):
    """A loop that logs a row for each key becomes one call with a comprehension."""

    loop: Span
    call: Span


Change: TypeAlias = (
    ReplaceText
    | SetFlag
    | DropArgument
    | AddArgument
    | RenameMember
    | AddAxis
    | Define
    | RemoveBranch
    | RemoveFunction
    | RemoveStatement
    | OpenInWith
    | MergeLoop
)


class Fix(msgspec.Struct, frozen=True):
    """What would mend a finding: all of the changes or none. `message` says what is done."""

    applicability: Applicability
    message: str
    changes: tuple[Change, ...]

    @property
    def paths(self) -> list[str]:
        """The files that it changes."""
        places = [value for change in self.changes for value in msgspec.structs.astuple(change)]
        return sorted({place.path for place in places if isinstance(place, Span)})


class TextEdit(msgspec.Struct, frozen=True, order=True):
    """A place that gets another text: what a change comes to."""

    span: Span
    text: str


class ResolvedFix(msgspec.Struct, frozen=True):
    """A fix as edits, with the applicability that the settings give it."""

    applicability: Applicability
    message: str
    edits: tuple[TextEdit, ...]
