"""Jupyter notebooks: their code cells as one text, and that text written back into the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from wandblint.sources.cells import placed
from wandblint.sources.decoding import Undecodable
from wandblint.sources.edits import Edit
from wandblint.sources.magics import masked
from wandblint.sources.source import Cell, Piece, Source

_BLOCK = "if True:\n"
"""Stands before an indented cell, so that its lines are valid where they are."""
_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*"|[{}\[\],]')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u.{4}|\\.|.", re.DOTALL
)


def notebook(text: str) -> Source:
    """The code cells of a notebook in their order, each ending in a line feed.

    An empty file, one of another language and one of a format before 4 have none. Raises `Undecodable` where
    the text is not the JSON of a notebook.
    """
    if not text.strip() or not _is_python(_document(text)):
        return Source("", "")
    cells: list[Cell] = []
    parts: list[str] = []
    shown: list[str] = []
    at = counted = 0
    row = 1
    for number, strings in _code_cells(text):
        lines: list[str] = [json.loads(text[first:last]) for first, last in strings]
        cell = "".join(lines)
        code = masked(cell)
        opening = _BLOCK if _is_indented(code) else ""
        at += len(opening)
        start = at
        pieces: list[Piece] = []
        for (first, last), line in zip(strings, lines, strict=True):
            row += text.count("\n", counted, first)
            counted = first
            pieces.append(Piece(at, at + len(line), first + 1, last - 1, row))
            at += len(line)
        cells.append(Cell(number, start, at, tuple(pieces)))
        ending = "" if cell.endswith("\n") else "\n"
        at += len(ending)
        parts += [opening, cell, ending]
        shown += [opening, code, ending]
    return Source("".join(shown), "".join(parts), tuple(cells))


def _is_indented(code: str) -> bool:
    """Whether a cell begins with blanks, which IPython takes off all its lines (`leading_indent`).

    A comment may begin anywhere, so the first line of code has to be indented too.
    """
    lines = [line for line in code.splitlines() if line.strip()]
    begins = lines[:1] + [line for line in lines if not line.lstrip().startswith("#")][:1]
    return len(begins) > 1 and all(line[0] in " \t" for line in begins)


def rewritten(text: str, source: Source, edits: Iterable[Edit]) -> str:
    """The JSON of a notebook with edits of its code; everything else keeps its bytes.

    Raises `UnplaceableError` where it is not clear which cell an edit belongs to.
    """
    parts = [part for edit in edits for part in placed(source, edit)]
    for cell, edit in sorted(parts, key=lambda part: (part[0].number, part[1].start), reverse=True):
        text = _with_edit(text, source, cell, edit)
    return text


def _with_edit(text: str, source: Source, cell: Cell, edit: Edit) -> str:
    first = cell.piece(edit.start)
    last = cell.piece(max(edit.end - 1, edit.start))
    following = next((after for before, after in pairwise(cell.pieces) if before == last), None)
    begin = _file_offset(text, first, edit.start)
    end = _file_offset(text, last, edit.end)
    if edit.end == last.end and following is not None and not edit.text.endswith("\n"):
        # The line feed goes, and with it the border between two strings.
        end = following.file_start
    between = _between(text, cell)
    goes_on = end < last.file_end or (following is not None and end == following.file_start)
    lines = [edit.text] if between is None else _lines(edit.text, goes_on=goes_on)
    if between is not None and edit.start == cell.end > cell.start and source.written[edit.start - 1] == "\n":
        # The string before ends its line.
        lines.insert(0, "")
    escapes = text.isascii() and "\\u" in text
    encoded = [json.dumps(line, ensure_ascii=escapes)[1:-1] for line in lines]
    return text[:begin] + f'"{between}"'.join(encoded) + text[end:]


def _lines(text: str, *, goes_on: bool) -> list[str]:
    """The lines of a text for a list of them; `goes_on` tells whether more of the last line follows."""
    lines = text.split("\n")
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines[-1] or goes_on or not ended else ended


def _between(text: str, cell: Cell) -> str | None:
    """What stands between two strings of a cell's list of lines; None where its source is one string."""
    first = cell.pieces[0]
    if len(cell.pieces) > 1:
        return text[first.file_end + 1 : cell.pieces[1].file_start - 1]
    head = text[: first.file_start - 1]
    before = head.rstrip()
    return f",{head[len(before) :]}" if before.endswith("[") else None


def _file_offset(text: str, piece: Piece, offset: int) -> int:
    """Where a character of a piece is in the file: escapes are longer than what they mean."""
    at = piece.file_start
    for _ in range(min(offset, piece.end) - piece.start):
        character = _CHARACTER.match(text, at, piece.file_end)
        assert character is not None, "the piece is as long as its string"
        at = character.end()
    return at


def _document(text: str) -> dict[str, object]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        problem = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise Undecodable(f"not valid JSON: {problem} in line {error.lineno}") from error
    except RecursionError as error:
        raise Undecodable("its JSON is nested too deeply") from error
    if not isinstance(document, dict):
        raise Undecodable("its JSON is not a notebook")
    return document


def _is_python(document: dict[str, object]) -> bool:
    """Whether the kernel is one of Python; a notebook that does not say so is."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        about = metadata.get(key)
        if isinstance(about, dict) and isinstance(language := about.get(name), str):
            return language.lower() in {"python", "ipython"}
    return True


def _code_cells(text: str) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """The number of each code cell that holds something, and where the strings of its source are."""
    kinds: dict[int, str] = {}
    sources: dict[int, list[tuple[int, int]]] = {}
    for path, start, end in _strings(text):
        match path:
            case ("cells", int(index), "cell_type"):
                kinds[index] = json.loads(text[start:end])
            case ("cells", int(index), "source") | ("cells", int(index), "source", int()):
                sources.setdefault(index, []).append((start, end))
    for index, strings in sorted(sources.items()):
        if kinds.get(index) == "code":
            yield index + 1, strings


def _strings(text: str) -> Iterator[tuple[tuple[str | int | None, ...], int, int]]:
    """Each string of a valid JSON text that is a value: what leads to it, and its place."""
    path: list[str | int | None] = []
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{":
                path.append(None)
            case "[":
                path.append(0)
            case "}" | "]":
                path.pop()
            case ",":
                last = path[-1]
                path[-1] = last + 1 if isinstance(last, int) else None
            case string if path and path[-1] is None:
                path[-1] = json.loads(string)
            case _:
                yield tuple(path), token.start(), token.end()
