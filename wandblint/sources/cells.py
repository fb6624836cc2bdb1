"""Edits of the text that all cells of a notebook make, as edits of its cells."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from wandblint.sources.edits import Edit, UnplaceableError
from wandblint.sources.source import Cell, Source


def placed(source: Source, edit: Edit) -> Iterator[tuple[Cell, Edit]]:
    """The edit, a part for each cell that it is in. Between two cells, the first one gets what is added.

    Raises `UnplaceableError` where it is not clear which cell gets what.
    """
    cell = source.cell(edit.start)
    if cell is None:
        raise UnplaceableError("the notebook has no cell for the change")
    border = next((other.start for other in source.cells if edit.start < other.start < edit.end), None)
    if border is not None:
        lines = edit.text.splitlines(keepends=True)
        at = _split(source.text[edit.start : border], source.text[border : edit.end], lines)
        yield from placed(source, Edit(edit.start, border, "".join(lines[:at])))
        yield from placed(source, Edit(border, edit.end, "".join(lines[at:])))
    elif edit.start == edit.end:
        yield _added(source, cell, edit)
    else:
        yield cell, _within(source, cell, edit)


def _split(first: str, second: str, lines: list[str]) -> int:
    """How many of the lines become of the first text, where the others become of the second."""
    likeness = [
        _ratio(first, "".join(lines[:at])) + _ratio(second, "".join(lines[at:]))
        for at in range(len(lines) + 1)
    ]
    if likeness.count(max(likeness)) > 1:
        raise UnplaceableError("the change is in more than one cell")
    return likeness.index(max(likeness))


def _ratio(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _added(source: Source, cell: Cell, edit: Edit) -> tuple[Cell, Edit]:
    """What is added: whole lines at the start of a cell were added behind those of the cell before."""
    before = source.cells.index(cell) - 1
    if edit.start == cell.start and before >= 0 and edit.text.endswith("\n"):
        cell = source.cells[before]
    if edit.start <= cell.end:
        return cell, edit
    # The line feed that ends the cell is none of the notebook.
    return cell, Edit(cell.end, cell.end, "\n" + edit.text.removesuffix("\n"))


def _within(source: Source, cell: Cell, edit: Edit) -> Edit:
    """An edit that may take the line feed behind a cell, which is none of the notebook."""
    if edit.end <= cell.end:
        return edit
    start, text = edit.start, edit.text.removesuffix("\n")
    if not text and cell.start < start and source.text[start - 1] == "\n":
        start -= 1
    return Edit(start, cell.end, text)
