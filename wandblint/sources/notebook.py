"""Reads the code cells of a Jupyter notebook as one text, and writes edits of it back into the JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from wandblint.sources.cells import split_by_cell
from wandblint.sources.decoding import Undecodable
from wandblint.sources.edits import Edit
from wandblint.sources.magics import mask_magics
from wandblint.sources.source import Cell, Piece, Source

_BLOCK = "if True:\n"
"""Precedes an indented cell, which makes its indentation valid."""
_TOKEN = re.compile(r'"(?:[^"\\]+|\\.)*"|[{}\[\],]')
_CHARACTER = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u.{4}|\\.|.", re.DOTALL
)


def parse_notebook(text: str) -> Source:
    """The code cells of a notebook in order, each ending in a line feed.

    An empty file, another language or a format before 4 give no cells. Raises `Undecodable` if the text is
    not the JSON of a notebook.
    """
    if not text.strip() or not _is_python(_document(text)):
        return Source("", "")
    cells: list[Cell] = []
    parts: list[str] = []
    masked_parts: list[str] = []
    offset = counted_to = 0
    row = 1
    for number, strings in _code_cells(text):
        lines: list[str] = [json.loads(text[first:last]) for first, last in strings]
        cell = "".join(lines)
        code = mask_magics(cell)
        opening = _BLOCK if _is_indented(code) else ""
        offset += len(opening)
        start = offset
        pieces: list[Piece] = []
        for (first, last), line in zip(strings, lines, strict=True):
            row += text.count("\n", counted_to, first)
            counted_to = first
            pieces.append(Piece(offset, offset + len(line), first + 1, last - 1, row))
            offset += len(line)
        cells.append(Cell(number, start, offset, tuple(pieces)))
        ending = "" if cell.endswith("\n") else "\n"
        offset += len(ending)
        parts += [opening, cell, ending]
        masked_parts += [opening, code, ending]
    return Source("".join(masked_parts), "".join(parts), tuple(cells))


def _is_indented(code: str) -> bool:
    """Whether a cell begins with blanks, which IPython removes from all its lines (`leading_indent`).

    A comment may begin anywhere, so the first line of code must be indented too.
    """
    lines = [line for line in code.splitlines() if line.strip()]
    first_lines = lines[:1] + [line for line in lines if not line.lstrip().startswith("#")][:1]
    return len(first_lines) > 1 and all(line[0] in " \t" for line in first_lines)


def edit_notebook(text: str, source: Source, edits: Iterable[Edit]) -> str:
    """Applies edits of a notebook's code to its JSON; everything else keeps its bytes.

    Raises `UnplaceableError` if it is unclear which cell an edit belongs to.
    """
    parts = [part for edit in edits for part in split_by_cell(source, edit)]
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
        # The edit removes the line feed, and with it the border between two strings.
        end = following.file_start
    separator = _separator(text, cell)
    continues = end < last.file_end or (following is not None and end == following.file_start)
    lines = [edit.text] if separator is None else _split_lines(edit.text, continues=continues)
    if (
        separator is not None
        and edit.start == cell.end > cell.start
        and source.written[edit.start - 1] == "\n"
    ):
        # The previous string ends its line.
        lines.insert(0, "")
    escapes = text.isascii() and "\\u" in text
    encoded = [json.dumps(line, ensure_ascii=escapes)[1:-1] for line in lines]
    return text[:begin] + f'"{separator}"'.join(encoded) + text[end:]


def _split_lines(text: str, *, continues: bool) -> list[str]:
    """Splits a text into the strings of a cell's list; `continues` if more of the last line follows."""
    *ended, last = text.split("\n")
    strings = [f"{line}\n" for line in ended]
    return [*strings, last] if last or continues or not strings else strings


def _separator(text: str, cell: Cell) -> str | None:
    """The JSON between two strings of a cell's list of lines; None if its source is one string."""
    first = cell.pieces[0]
    if len(cell.pieces) > 1:
        return text[first.file_end + 1 : cell.pieces[1].file_start - 1]
    head = text[: first.file_start - 1]
    before = head.rstrip()
    return f",{head[len(before) :]}" if before.endswith("[") else None


def _file_offset(text: str, piece: Piece, offset: int) -> int:
    """The offset in the file of an offset in a piece; JSON escapes are longer than their characters."""
    file_offset = piece.file_start
    for _ in range(min(offset, piece.end) - piece.start):
        character = _CHARACTER.match(text, file_offset, piece.file_end)
        assert character is not None, "the piece is as long as its string"
        file_offset = character.end()
    return file_offset


def _document(text: str) -> dict[str, object]:
    try:
        # Python converts no long number to an integer, and which number it is matters to nobody.
        document = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        problem = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise Undecodable(f"not valid JSON: {problem} in line {error.lineno}") from error
    except RecursionError as error:
        raise Undecodable("its JSON is nested too deeply") from error
    if not isinstance(document, dict):
        raise Undecodable("its JSON is not a notebook")
    return document


def _is_python(document: dict[str, object]) -> bool:
    """Whether the notebook's language is Python, which is the default."""
    metadata = document.get("metadata")
    if not isinstance(metadata, dict):
        return True
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        about = metadata.get(key)
        if isinstance(about, dict) and isinstance(language := about.get(name), str):
            return language.lower() in {"python", "ipython"}
    return True


def _code_cells(text: str) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yields the number of each code cell that has source, and the offsets of the strings of its source."""
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
    """Yields the path and the offsets of each string value of a valid JSON text."""
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
