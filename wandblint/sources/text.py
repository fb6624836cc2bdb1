"""The text of Python files, with their own line endings, and its rows and columns."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from wandblint.sources.decoding import Undecodable, decode
from wandblint.sources.extraction import source_of
from wandblint.sources.source import Source

Part = TypeVar("Part", str, bytes)

DIGEST = 16
_LINE_ENDING = re.compile(r"\r\n?|\n")
_MENTIONS = (b"wandb", b"Wandb", "wandb".encode("utf-16-be")[1:], "Wandb".encode("utf-16-be")[1:])
"""`WandbLogger` of a framework is wandb as much as `import wandb` is. UTF-16 is no encoding of Python files,
which has to be said of those that meant wandb."""
_RESTS = (b"andb", "andb".encode("utf-16-be")[1:])
"""What they have in common."""


class Lines:
    """The lines of a text, which LF, CRLF or CR ends. Rows and columns are 1-based and count characters."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(ending.end() for ending in _LINE_ENDING.finditer(self._text))]

    def __len__(self) -> int:
        """How many rows there are; a line ending at the end of the text begins one more."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset; one beyond the text is at its end."""
        offset = max(0, min(offset, len(self._text)))
        row = bisect_right(self._starts, offset)
        return row, offset - self._starts[row - 1] + 1

    def offset(self, row: int, column: int) -> int:
        """The character offset of a row and column; one beyond the text is at its end."""
        if row > len(self._starts):
            return len(self._text)
        return min(self._starts[row - 1] + column - 1, len(self._text))

    def line(self, row: int) -> str:
        """The text of a row, without its line ending; empty for a row that there is not."""
        if not 1 <= row <= len(self._starts):
            return ""
        end = self._starts[row] if row < len(self._starts) else len(self._text)
        return self._text[self._starts[row - 1] : end].rstrip("\r\n")


class Section(Lines):
    """The lines that readers see around a place: those of the file, or of one cell of a notebook."""

    def __init__(self, text: str, start: int = 0, cell: int | None = None) -> None:
        super().__init__(text)
        self._start = start
        self.cell = cell

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of an offset of the whole text; one beyond the section is at its end."""
        return super().position(offset - self._start)


class Texts:
    """The texts of a project's files, read on demand and once; `given` ones stand for those on the disk."""

    def __init__(self, root: Path, given: Mapping[str, str] | None = None) -> None:
        self._root = str(root)
        self._given = frozenset(given or ())
        self._contents: dict[str, str] = dict(given or {})
        self._sources: dict[str, Source] = {}
        self._mentions = {
            name: _mentions_wandb(text.encode("utf-8", "replace")) for name, text in self._contents.items()
        }
        self._bytes: dict[str, bytes] = {}
        self._code: dict[str, str] = {}
        self._lines: dict[str, Lines] = {}
        self._sections: dict[tuple[str, int], Section] = {}
        self.digests: dict[str, bytes] = {}
        """The hash of what was read from a file last."""
        self.unreadable: dict[str, str] = {}
        """What could not be read, and why in a few words."""

    def mentions_wandb(self, name: str) -> bool:
        """Whether the file says `wandb` somewhere; a file that cannot be read may."""
        if name not in self._mentions:
            self._mentions[name] = _mentions_wandb(self.data(name)) or name in self.unreadable
        return self._mentions[name]

    def text(self, name: str) -> str:
        """The Python of a file; empty where it cannot be read."""
        return self.source(name).text

    def source(self, name: str) -> Source:
        """The Python of a file, and where it stands in it."""
        if name not in self._sources:
            try:
                self._sources[name] = source_of(name, self._content(name))
            except Undecodable as error:
                self._sources[name] = Source("", "")
                self.unreadable[name] = str(error)
            self._bytes.pop(name, None)
        return self._sources[name]

    def _content(self, name: str) -> str:
        if name in self._given:
            return self._contents[name]
        return decode(self._bytes.pop(name) if name in self._bytes else self._read(name), name)

    def data(self, name: str) -> bytes:
        """What the file holds; empty where it cannot be read."""
        if name in self._given:
            data = self._contents[name].encode("utf-8", "surrogatepass")
            self.digests[name] = digest_of(data)
            return data
        return self._bytes[name] if name in self._bytes else self._read(name)

    def code(self, name: str) -> str:
        """The Python of a file without the comments behind its last statement."""
        if name not in self._code:
            text = self.text(name)
            self._code[name] = code_of(text, "\n", "#", "\\") if _is_plain(name) else text
        return self._code[name]

    def code_apart(self, name: str) -> bytes | None:
        """The bytes of a file without the comments behind its last statement; None where there are none."""
        data = self.data(name)
        end = len(code_of(data, b"\n", b"#", b"\\")) if _is_plain(name) else len(data)
        return None if data[end:] in {b"", b"\n"} else data[:end] + b"\n"

    def is_given(self, name: str) -> bool:
        """Whether its text is not from the disk."""
        return name in self._given

    def forget(self, name: str) -> None:
        """Lets go of a text that few will ask for again."""
        if name not in self._given:
            self._sources.pop(name, None)
            self._bytes.pop(name, None)

    def lines(self, name: str) -> Lines:
        """The lines of a file."""
        if name not in self._lines:
            self._lines[name] = Lines(self.text(name))
        return self._lines[name]

    def section(self, name: str, offset: int) -> Section:
        """What readers see of a file around a place."""
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
        """The first and last row of the file itself, as git counts them, of a place in its text."""
        source = self.source(name)
        return source.file_row(start), source.file_row(max(end - 1, start))

    def _read(self, name: str) -> bytes:
        try:
            # Ten thousand paths put together with pathlib take longer than reading the files.
            with open(f"{self._root}/{name}", "rb", buffering=0) as file:
                self._bytes[name] = file.readall()
        except OSError as error:
            self._bytes[name] = b""
            self.unreadable[name] = (error.strerror or type(error).__name__).lower()
        else:
            self.digests[name] = digest_of(self._bytes[name])
        return self._bytes[name]


def code_of(text: Part, newline: Part, comment: Part, escape: Part) -> Part:
    """A text of Python without the comments and blank lines behind its last statement.

    One that ends in the middle of a statement is left as it is, and so is one that holds no statement: a
    comment on top may tell the encoding.
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
    """The hash of parts, each told apart from the next."""
    made = hashlib.blake2b(digest_size=DIGEST)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def _is_plain(name: str) -> bool:
    """Whether the bytes of a file are its Python."""
    return name.endswith(".py")


def _mentions_wandb(data: bytes) -> bool:
    # Nearly all files hold neither, and each look takes as long as half of a hash.
    return any(rest in data and any(mention in data for mention in _MENTIONS) for rest in _RESTS)
