"""Splits an edit of a notebook's combined text into edits of single cells."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from wandblint.sources.edits import Edit, UnplaceableError
from wandblint.sources.source import Cell, Source


def split_by_cell(source: Source, edit: Edit) -> Iterator[tuple[Cell, Edit]]:
    """Yields one edit for each cell that the edit touches. Text added between two cells goes to the first.

    Raises `UnplaceableError` if it is unclear which cell gets which text.
    """
    cell = source.cell(edit.start)
    if cell is None:
        raise UnplaceableError("the notebook has no cell for the change")
    border = next((other.start for other in source.cells if edit.start < other.start < edit.end), None)
    if border is not None:
        lines = edit.text.splitlines(keepends=True)
        split = _best_split(source.text[edit.start : border], source.text[border : edit.end], lines)
        yield from split_by_cell(source, Edit(edit.start, border, "".join(lines[:split])))
        yield from split_by_cell(source, Edit(border, edit.end, "".join(lines[split:])))
    elif edit.start == edit.end:
        yield _insertion(source, cell, edit)
    else:
        yield cell, _clipped(source, cell, edit)


def _best_split(first: str, second: str, lines: list[str]) -> int:
    """How many of `lines` replace `first`, where the others replace `second`: the most similar split."""
    similarities = [
        _ratio(first, "".join(lines[:split])) + _ratio(second, "".join(lines[split:]))
        for split in range(len(lines) + 1)
    ]
    if similarities.count(max(similarities)) > 1:
        raise UnplaceableError("the change is in more than one cell")
    return similarities.index(max(similarities))


def _ratio(old: str, new: str) -> float:
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def _insertion(source: Source, cell: Cell, edit: Edit) -> tuple[Cell, Edit]:
    """Places an insertion. Whole lines at the start of a cell are appended to the previous cell."""
    previous = source.cells.index(cell) - 1
    if edit.start == cell.start and previous >= 0 and edit.text.endswith("\n"):
        cell = source.cells[previous]
    if edit.start <= cell.end:
        return cell, edit
    # The line feed that ends the cell is not in the notebook.
    return cell, Edit(cell.end, cell.end, "\n" + edit.text.removesuffix("\n"))


def _clipped(source: Source, cell: Cell, edit: Edit) -> Edit:
    """Clips an edit to its cell: the line feed after a cell is not in the notebook."""
    if edit.end <= cell.end:
        return edit
    start, text = edit.start, edit.text.removesuffix("\n")
    if not text and cell.start < start and source.text[start - 1] == "\n":
        start -= 1
    return Edit(start, cell.end, text)
