"""The text of Python files, with their own line endings, and its rows and columns."""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

DIGEST = 16
_LINE_ENDING = re.compile(r"\r\n?|\n")
_DECLARATION = re.compile(rb"\A(?:[^\r\n]*(?:\r\n?|\n))?[^\r\n]*coding[:=]")
_NAMES_CODING = re.compile(r"(?:[^\r\n]*(?:\r\n?|\n))?[^\r\n]*coding[:=]")
_MENTIONS = (b"wandb", b"Wandb", "wandb".encode("utf-16-be")[1:], "Wandb".encode("utf-16-be")[1:])
"""`WandbLogger` of a framework is wandb as much as `import wandb` is. UTF-16 is no encoding of Python files,
which has to be said of those that meant wandb."""


class Undecodable(Exception):  # noqa: N818 (a state of the bytes, not a mistake of the program)
    """Bytes that are no text of a Python file; the message says why in a few words."""


def decode(data: bytes) -> str:
    """The text of a Python file (PEP 263), without a byte order mark, its line endings kept.

    Raises `Undecodable`.
    """
    encoding = declared_encoding(data)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = len(_LINE_ENDING.findall(data[: error.start].decode("latin-1"))) + 1
        raise Undecodable(f"byte 0x{data[error.start]:02x} in line {row} is not {encoding}") from error
    except (LookupError, UnicodeError) as error:
        raise Undecodable(f"the encoding {encoding} is none of text") from error
    if encoding != "utf-8" and not _NAMES_CODING.match(text):
        raise Undecodable(f"it says that it is {encoding}, and is not")
    return text


def declared_encoding(data: bytes) -> str:
    """The encoding that the bytes of a Python file say they have. Raises `Undecodable`."""
    if not _DECLARATION.match(data):
        return "utf-8"
    import tokenize  # noqa: PLC0415 (few files declare an encoding)

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise Undecodable(str(error.msg)) from error
    return "utf-8" if encoding == "utf-8-sig" else encoding


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


class Texts:
    """The texts of a project's files, read on demand and once; `given` ones stand for those on the disk."""

    def __init__(self, root: Path, given: Mapping[str, str] | None = None) -> None:
        self._root = root
        self._given = frozenset(given or ())
        self._texts: dict[str, str] = dict(given or {})
        self._mentions = {
            name: _mentions_wandb(text.encode("utf-8", "replace")) for name, text in self._texts.items()
        }
        self._bytes: dict[str, bytes] = {}
        self._lines: dict[str, Lines] = {}
        self.digests: dict[str, bytes] = {}
        """The hash of what was read from a file last."""
        self.unreadable: dict[str, str] = {}
        """What could not be read, and why in a few words."""

    def mentions_wandb(self, name: str) -> bool:
        """Whether the file says `wandb` somewhere; a file that cannot be read may."""
        if name not in self._mentions:
            self._mentions[name] = _mentions_wandb(self._read(name)) or name in self.unreadable
        return self._mentions[name]

    def text(self, name: str) -> str:
        """The text of a file; empty where it cannot be read."""
        if name not in self._texts:
            data = self._bytes.pop(name) if name in self._bytes else self._read(name)
            try:
                self._texts[name] = decode(data)
            except Undecodable as error:
                self._texts[name] = ""
                self.unreadable[name] = str(error)
            self._bytes.pop(name, None)
        return self._texts[name]

    def data(self, name: str) -> bytes:
        """What the file holds; empty where it cannot be read."""
        if name in self._given:
            data = self._texts[name].encode("utf-8", "surrogatepass")
            self.digests[name] = digest_of(data)
            return data
        return self._bytes[name] if name in self._bytes else self._read(name)

    def is_given(self, name: str) -> bool:
        """Whether its text is not from the disk."""
        return name in self._given

    def forget(self, name: str) -> None:
        """Lets go of a text that few will ask for again."""
        if name not in self._given:
            self._texts.pop(name, None)
            self._bytes.pop(name, None)

    def lines(self, name: str) -> Lines:
        """The lines of a file."""
        if name not in self._lines:
            self._lines[name] = Lines(self.text(name))
        return self._lines[name]

    def _read(self, name: str) -> bytes:
        try:
            self._bytes[name] = (self._root / name).read_bytes()
        except OSError as error:
            self._bytes[name] = b""
            self.unreadable[name] = (error.strerror or type(error).__name__).lower()
        else:
            self.digests[name] = digest_of(self._bytes[name])
        return self._bytes[name]


def digest_of(*parts: bytes) -> bytes:
    """The hash of parts, each told apart from the next."""
    made = hashlib.blake2b(digest_size=DIGEST)
    for part in parts:
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.digest()


def _mentions_wandb(data: bytes) -> bool:
    return any(mention in data for mention in _MENTIONS)
