"""The text of a project's files, with their own line endings, and its rows and columns."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from wandblint.infra.files import read_regular, reason_of
from wandblint.sources.decoding import Undecodable, decode
from wandblint.sources.extraction import extract_python
from wandblint.sources.source import Source
from wandblint.span import position_text

Part = TypeVar("Part", str, bytes)

DIGEST = 16
_LINE_ENDING = re.compile(r"\r\n?|\n")
_MENTIONS = (b"wandb", b"Wandb", "wandb".encode("utf-16-be")[1:], "Wandb".encode("utf-16-be")[1:])
"""`WandbLogger` of a framework mentions wandb as `import wandb` does. Python cannot read UTF-16; a file that
mentions wandb in UTF-16 must be reported."""
_COMMON_PARTS = (b"andb", "andb".encode("utf-16-be")[1:])
"""Every one of `_MENTIONS` contains one of these."""


class Lines:
    """The lines of a text; LF, CRLF and CR end a line. Rows and columns are 1-based and count characters."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(ending.end() for ending in _LINE_ENDING.finditer(self._text))]

    def __len__(self) -> int:
        """The number of rows; a line ending at the end of the text begins one more."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset, which is clipped to the text."""
        offset = max(0, min(offset, len(self._text)))
        row = bisect_right(self._starts, offset)
        return row, offset - self._starts[row - 1] + 1

    def offset(self, row: int, column: int) -> int:
        """The character offset of a row and column, at most the end of the text."""
        if row > len(self._starts):
            return len(self._text)
        return min(self._starts[row - 1] + column - 1, len(self._text))

    def line(self, row: int) -> str:
        """The text of a row without its line ending; empty if there is no such row."""
        if not 1 <= row <= len(self._starts):
            return ""
        end = self._starts[row] if row < len(self._starts) else len(self._text)
        return self._text[self._starts[row - 1] : end].rstrip("\r\n")


class Section(Lines):
    """The lines that a reader sees around an offset: those of the file, or of one cell of a notebook."""

    def __init__(self, text: str, start: int = 0, cell: int | None = None) -> None:
        super().__init__(text)
        self._start = start
        self.cell = cell

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column, in the section, of an offset in the whole text, which is clipped to the section."""
        return super().position(offset - self._start)

    def position_text(self, offset: int) -> str:
        """Row and column, in a notebook with the cell, for people."""
        return position_text(self.cell, *self.position(offset))


class Texts:
    """The texts of a project's files, read on demand and once. `overrides` replace those on the disk."""

    def __init__(self, root: Path, overrides: Mapping[str, str] | None = None) -> None:
        self._root = str(root)
        self._overrides: dict[str, str] = dict(overrides or {})
        self._sources: dict[str, Source] = {}
        self._mentions = {
            name: _mentions_wandb(text.encode("utf-8", "replace")) for name, text in self._overrides.items()
        }
        self._bytes: dict[str, bytes] = {}
        self._code: dict[str, str] = {}
        self._lines: dict[str, Lines] = {}
        self._sections: dict[tuple[str, int], Section] = {}
        self.digests: dict[str, bytes] = {}
        """The hash of each file's bytes, as last read."""
        self.unreadable: dict[str, str] = {}
        """The files that cannot be read, each with the reason in a few words."""

    def mentions_wandb(self, name: str) -> bool:
        """Whether the file contains `wandb` or `Wandb`; a file that cannot be read may."""
        if name not in self._mentions:
            self._mentions[name] = _mentions_wandb(self.data(name)) or name in self.unreadable
        return self._mentions[name]

    def text(self, name: str) -> str:
        """The Python of a file; empty if it cannot be read."""
        return self.source(name).text

    def source(self, name: str) -> Source:
        """The Python of a file, and where it is in the file; empty if it cannot be read."""
        if name not in self._sources:
            try:
                self._sources[name] = extract_python(name, self._content(name))
            except Undecodable as error:
                self._sources[name] = Source("", "")
                self.unreadable[name] = str(error)
            self._bytes.pop(name, None)
        return self._sources[name]

    def _content(self, name: str) -> str:
        if name in self._overrides:
            return self._overrides[name]
        return decode(self._bytes.pop(name) if name in self._bytes else self._read(name), name)

    def data(self, name: str) -> bytes:
        """The bytes of a file; empty if it cannot be read."""
        if name in self._overrides:
            data = self._overrides[name].encode("utf-8", "surrogatepass")
            self.digests[name] = digest_of(data)
            return data
        return self._bytes[name] if name in self._bytes else self._read(name)

    def code(self, name: str) -> str:
        """The Python of a file without the comments after its last statement."""
        if name not in self._code:
            text = self.text(name)
            self._code[name] = code_of(text, "\n", "#", "\\") if _is_plain(name) else text
        return self._code[name]

    def code_bytes(self, name: str) -> bytes | None:
        """The bytes of a file without the comments after its last statement; None if there are none."""
        data = self.data(name)
        end = len(code_of(data, b"\n", b"#", b"\\")) if _is_plain(name) else len(data)
        return None if data[end:] in {b"", b"\n"} else data[:end] + b"\n"

    def is_overridden(self, name: str) -> bool:
        """Whether the text of a file is not the one on the disk."""
        return name in self._overrides

    def forget(self, name: str) -> None:
        """Frees the memory of a text that will hardly be used again."""
        if name not in self._overrides:
            self._sources.pop(name, None)
            self._bytes.pop(name, None)

    def lines(self, name: str) -> Lines:
        """The lines of a file."""
        if name not in self._lines:
            self._lines[name] = Lines(self.text(name))
        return self._lines[name]

    def section(self, name: str, offset: int) -> Section:
        """The section of a file around an offset."""
        source = self.source(name)
        cell = source.cell(offset)
        key = (name, cell.number if cell else 0)
        if key not in self._sections:
            self._sections[key] = (
                Section(source.written[cell.start : cell.end], cell.start, cell.number)
                if cell
                else Section(source.written)
            )
        return self._sections[key]

    def file_rows(self, name: str, start: int, end: int) -> tuple[int, int]:
        """The first and last row in the file itself, as git counts them, of a span of its text."""
        source = self.source(name)
        return source.file_row(start), source.file_row(max(end - 1, start))

    def _read(self, name: str) -> bytes:
        try:
            # Joining ten thousand paths with pathlib takes longer than reading the files.
            self._bytes[name] = read_regular(f"{self._root}/{name}")
        except (OSError, ValueError) as error:  # a name from a forged cache may have a null character
            self._bytes[name] = b""
            self.unreadable[name] = reason_of(error) if isinstance(error, OSError) else str(error)
        else:
            self.digests[name] = digest_of(self._bytes[name])
        return self._bytes[name]


def code_of(text: Part, newline: Part, comment: Part, escape: Part) -> Part:
    """Strips the comments and blank lines after the last statement of a Python text.

    A text that ends inside a statement stays as it is, and so does one without a statement: a comment at the
    top may declare the encoding.
    """
    end = len(text)
    while end:
        start = text.rfind(newline, 0, end - 1) + 1
        line = text[start:end].strip()
        if line and not line.startswith(comment):
            break
        end = start
    code = text[:end].rstrip()
    return code if code and not code.endswith(escape) else text


def digest_of(*parts: bytes) -> bytes:
    """Hashes parts, so that moving bytes from one part to the next gives another hash."""
    digest = hashlib.blake2b(digest_size=DIGEST)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


def _is_plain(name: str) -> bool:
    """Whether the content of a file is Python, not a container of Python."""
    return name.endswith(".py")


def _mentions_wandb(data: bytes) -> bool:
    # Nearly all files contain neither common part, and each search costs half as much as hashing the file.
    return any(part in data and any(mention in data for mention in _MENTIONS) for part in _COMMON_PARTS)
