"""Fixes as data: rules describe changes of the code, `fixing` applies them to text."""

from __future__ import annotations

import enum
from typing import TypeAlias

import msgspec

from wandblint.span import Span


class Applicability(str, enum.Enum):
    """Whether a fix may be applied without review."""

    SAFE = "safe"
    """What wandb records stays the same."""
    UNSAFE = "unsafe"
    """What wandb records changes, on purpose."""


class ReplaceText(msgspec.Struct, frozen=True):
    """Replace text outside of code, such as a comment."""

    span: Span
    text: str


class SetFlag(msgspec.Struct, frozen=True):
    """Replace an argument that is a literal True or False with the given source."""

    argument: Span
    value: str


class DropArgument(msgspec.Struct, frozen=True):
    """Remove an argument, unless its value may have side effects.

    `whole` is the argument of an outer call whose value is this call; it is removed instead if no argument
    would be left.
    """

    argument: Span
    whole: Span | None = None


class AddArgument(msgspec.Struct, frozen=True):
    """Add a keyword argument to a call."""

    call: Span
    keyword: str
    value: str


class RenameMember(msgspec.Struct, frozen=True):
    """Rename `value.old` to `value.new`; with `is_property`, replace `value.old()` by `value.new`."""

    use: Span
    new: str
    is_property: bool = False


class RenameInTest(msgspec.Struct, frozen=True):
    """In a test, replace the attribute or the string `old` by `new`."""

    test: Span
    old: str
    new: str


class AddAxis(msgspec.Struct, frozen=True):
    """Log the x-axes of the keys in the row, with the value of `step=`.

    `rows` are the keys with their axes: one row per call stack that reaches the call.
    """

    call: Span
    step: Span
    rows: tuple[tuple[tuple[str, str], ...], ...]


class Names(msgspec.Struct, frozen=True):
    """The name or glob of a definition, and its step metric."""

    name: str
    axis: str


class Define(msgspec.Struct, frozen=True):
    """Rename a definition, or add one next to it; the spans are those of its call and two arguments."""

    call: Span
    name: Span
    axis: Span
    old: Names
    new: Names
    is_rename: bool


class RemoveBranch(msgspec.Struct, frozen=True):
    """Remove an `if` or `elif` whose test is always false, with its body; keep the body of its `else`."""

    test: Span


class RemoveFunction(msgspec.Struct, frozen=True):
    """Remove a module-level function."""

    name: Span


class RemoveStatement(msgspec.Struct, frozen=True):
    """Remove a statement that is just a call."""

    call: Span


class CallUpdate(msgspec.Struct, frozen=True):
    """Replace the statement `target = value` by `target.update(value)`."""

    target: Span


class FinishFirst(msgspec.Struct, frozen=True):
    """Finish a run on the line before a call that ends the process, with the exit code of that call.

    `init` is the call that opens the run, and `is_active` says that `wandb.finish()` means it, too.
    """

    call: Span
    init: Span
    is_active: bool


class OpenInWith(msgspec.Struct, frozen=True):
    """Open the run of a loop body in a `with` around the rest of the body."""

    call: Span


class MergeLoop(msgspec.Struct, frozen=True):
    """Replace a loop that logs one row per key by one call with a comprehension."""

    loop: Span
    call: Span


Change: TypeAlias = (
    ReplaceText
    | SetFlag
    | DropArgument
    | AddArgument
    | RenameMember
    | RenameInTest
    | AddAxis
    | Define
    | RemoveBranch
    | RemoveFunction
    | RemoveStatement
    | CallUpdate
    | FinishFirst
    | OpenInWith
    | MergeLoop
)


class Fix(msgspec.Struct, frozen=True):
    """The fix of a finding: all of its changes apply or none. `message` says what it does."""

    applicability: Applicability
    message: str
    changes: tuple[Change, ...]

    @property
    def paths(self) -> list[str]:
        """The files that it changes."""
        values = [value for change in self.changes for value in msgspec.structs.astuple(change)]
        return sorted({value.path for value in values if isinstance(value, Span)})


class TextEdit(msgspec.Struct, frozen=True, order=True):
    """A span and the text that replaces it."""

    span: Span
    text: str


class ResolvedFix(msgspec.Struct, frozen=True):
    """A fix as text edits, with the applicability according to the settings."""

    applicability: Applicability
    message: str
    edits: tuple[TextEdit, ...]
