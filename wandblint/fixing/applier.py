"""From changes to text edits: all changes of a fix apply, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wandblint.findings import fix
from wandblint.findings.fix import Change, Fix, TextEdit
from wandblint.fixing.arguments import add_argument, drop_argument, rename_in_test, rename_member, set_flag
from wandblint.fixing.axes import add_axis
from wandblint.fixing.blocks import merge_loop, open_in_with
from wandblint.fixing.definitions import define
from wandblint.fixing.removal import remove_branch, remove_function, remove_statement
from wandblint.fixing.source import ParsedSource
from wandblint.fixing.statements import call_update, finish_first
from wandblint.syntax import ParseError

_APPLIERS: dict[type, tuple[Callable[[ParsedSource, Any], list[TextEdit] | None], str]] = {
    fix.SetFlag: (set_flag, "argument"),
    fix.DropArgument: (drop_argument, "argument"),
    fix.AddArgument: (add_argument, "call"),
    fix.RenameMember: (rename_member, "use"),
    fix.RenameInTest: (rename_in_test, "test"),
    fix.AddAxis: (add_axis, "call"),
    fix.Define: (define, "call"),
    fix.RemoveBranch: (remove_branch, "test"),
    fix.RemoveFunction: (remove_function, "name"),
    fix.RemoveStatement: (remove_statement, "call"),
    fix.CallUpdate: (call_update, "target"),
    fix.FinishFirst: (finish_first, "call"),
    fix.OpenInWith: (open_in_with, "call"),
    fix.MergeLoop: (merge_loop, "call"),
}
"""The function that applies each kind of change, and the field whose span names the file."""


class FixApplier:
    """Applies fixes to texts; parses each file once."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._sources: dict[str, ParsedSource | None] = {}

    def edits(self, requested: Fix) -> tuple[TextEdit, ...] | None:
        """The edits of a fix, in order; None if it does not apply to the code."""
        edits: set[TextEdit] = set()
        for change in requested.changes:
            change_edits = self._edits(change)
            if change_edits is None:
                return None
            edits.update(change_edits)
        return tuple(sorted(edits)) or None

    def _edits(self, change: Change) -> Iterable[TextEdit] | None:
        if isinstance(change, fix.ReplaceText):
            return [TextEdit(change.span, change.text)]
        apply, location = _APPLIERS[type(change)]
        source = self._source(getattr(change, location).path)
        edits = None if source is None else apply(source, change)
        return edits if source is not None and edits and all(map(source.accepts, edits)) else None

    def _source(self, path: str) -> ParsedSource | None:
        if path not in self._sources:
            try:
                self._sources[path] = ParsedSource(path, self._text(path))
            except (ParseError, RecursionError):
                # Python's own parser accepts it, LibCST does not.
                self._sources[path] = None
        return self._sources[path]
