"""From changes to edits: all of a fix's or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wandblint.findings import fix
from wandblint.findings.fix import Change, Fix, TextEdit
from wandblint.fixing.arguments import add_argument, drop_argument, rename_member, set_flag
from wandblint.fixing.axes import add_axis
from wandblint.fixing.blocks import merge_loop, open_in_with
from wandblint.fixing.definitions import define
from wandblint.fixing.removal import remove_branch, remove_function, remove_statement
from wandblint.fixing.source import ParsedSource
from wandblint.syntax import ParseError

_APPLIERS: dict[type, tuple[Callable[[ParsedSource, Any], list[TextEdit] | None], str]] = {
    fix.SetFlag: (set_flag, "argument"),
    fix.DropArgument: (drop_argument, "argument"),
    fix.AddArgument: (add_argument, "call"),
    fix.RenameMember: (rename_member, "use"),
    fix.AddAxis: (add_axis, "call"),
    fix.Define: (define, "call"),
    fix.RemoveBranch: (remove_branch, "test"),
    fix.RemoveFunction: (remove_function, "name"),
    fix.RemoveStatement: (remove_statement, "call"),
    fix.OpenInWith: (open_in_with, "call"),
    fix.MergeLoop: (merge_loop, "call"),
}
"""What carries out a kind of change, and which of its places tells the file."""


class FixApplier:
    """Carries out fixes on texts; each file is parsed once."""

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._sources: dict[str, ParsedSource | None] = {}

    def edits(self, wanted: Fix) -> tuple[TextEdit, ...] | None:
        """The edits of a fix, in order; None where the code is not written so that it can be carried out."""
        found: set[TextEdit] = set()
        for change in wanted.changes:
            edits = self._edits(change)
            if edits is None:
                return None
            found.update(edits)
        return tuple(sorted(found)) or None

    def _edits(self, change: Change) -> Iterable[TextEdit] | None:
        if isinstance(change, fix.ReplaceText):
            return [TextEdit(change.span, change.text)]
        carry, place = _APPLIERS[type(change)]
        source = self._source(getattr(change, place).path)
        edits = None if source is None else carry(source, change)
        return edits if source is not None and edits and all(map(source.takes, edits)) else None

    def _source(self, path: str) -> ParsedSource | None:
        if path not in self._sources:
            try:
                self._sources[path] = ParsedSource(path, self._text(path))
            except (ParseError, RecursionError):
                # Python's own parser read it; what LibCST cannot is not changed.
                self._sources[path] = None
        return self._sources[path]
