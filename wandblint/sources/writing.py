"""Replaces the text of files atomically; their encoding, permissions and owner stay."""

from __future__ import annotations

import codecs
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.infra.files import NewContent, read_regular, reason_of
from wandblint.sources.decoding import Undecodable, declared_encoding, decode
from wandblint.sources.discovery import OUTSIDE, is_inside
from wandblint.sources.edits import UnplaceableError, apply_edits, diff_edits
from wandblint.sources.extraction import extract_python
from wandblint.sources.source import Source, is_notebook

if TYPE_CHECKING:
    from typing_extensions import Self

CHANGED = "it changed in the meantime"


class UnwritableError(Exception):
    """The file cannot be written and keeps its old text; the message says why."""


class _PreparedFile(msgspec.Struct, frozen=True):
    """The new content of a file, and the content that it replaces."""

    new: NewContent
    old_data: bytes


class Replacement:
    """Replaces the texts of several files of a project together: each is first written next to its file.

    Whatever happens, a file has its old text or its new one, and no temporary file stays. Nothing outside the
    project's `root` is written, whatever the links in it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prepared: dict[str, _PreparedFile] = {}

    def __enter__(self) -> Self:
        """Returns the replacement itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the temporary files that `put` has not used."""
        for prepared in self._prepared.values():
            prepared.new.discard()

    def prepare(self, name: str, old: str, new: str) -> None:
        """Writes the temporary file that changes a file's Python from `old` to `new`, in the same encoding.

        If the file is a link, its target is replaced. Raises `UnwritableError`.
        """
        file = self._root / name
        with _unwritable():
            if not is_inside(file, self._root):
                raise UnwritableError(OUTSIDE)
            content = NewContent(file)
            data = read_regular(content.target)
            text = decode(data, file.name)
            source = extract_python(file.name, text)
            if source.text != old:
                raise UnwritableError(CHANGED)
            changed = _encode(_replace_python(file.name, text, source, new), data, file.name)
            self._prepared[name] = _PreparedFile(content, data)
            content.write(changed)

    def put(self, name: str) -> None:
        """Replaces a file by its prepared one. Raises `UnwritableError`."""
        prepared = self._prepared[name]
        with _unwritable():
            if prepared.new.target.read_bytes() != prepared.old_data:
                raise UnwritableError(CHANGED)
            prepared.new.put()


@contextlib.contextmanager
def _unwritable() -> Iterator[None]:
    """Turns all errors of reading and writing a file into `UnwritableError`."""
    try:
        yield
    except UnplaceableError as error:
        raise UnwritableError(str(error)) from error
    except Undecodable as error:
        raise UnwritableError(CHANGED) from error
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        raise UnwritableError(f"its encoding {error.encoding} has no `{character}`") from error
    except OSError as error:
        raise UnwritableError(reason_of(error)) from error


def replace_text(root: Path, name: str, old: str, new: str) -> None:
    """Changes the Python of a project's file from `old` to `new`. Raises `UnwritableError`."""
    with Replacement(root) as replacement:
        replacement.prepare(name, old, new)
        replacement.put(name)


def data_with(name: str, data: bytes, new: str) -> bytes:
    """The bytes of a file once its Python is `new`, in the same encoding. Raises `UnwritableError`."""
    with _unwritable():
        content = decode(data, name)
        return _encode(_replace_python(name, content, extract_python(name, content), new), data, name)


def content_with(name: str, content: str, new: str) -> str:
    """The content of a file once its Python is `new`. Raises `UnwritableError`."""
    source = extract_python(name, content)
    with _unwritable():
        return _replace_python(name, content, source, new)


def _replace_python(name: str, content: str, source: Source, new: str) -> str:
    """The content of a file once its Python is `new`. Raises `UnplaceableError`."""
    if source.text == content:
        return new
    edits = list(diff_edits(source.text, new))
    for edit in edits:
        if source.written[edit.start : edit.end] != source.text[edit.start : edit.end]:
            raise UnplaceableError("the change is outside the Python code")
    if not is_notebook(name):
        return apply_edits(source.written, edits)
    from wandblint.sources.notebook import edit_notebook  # noqa: PLC0415 (few projects have any)

    return edit_notebook(content, source, edits)


def _encode(text: str, old_data: bytes, name: str) -> bytes:
    """Encodes the new text of a file like its old data, byte order mark included."""
    mark = codecs.BOM_UTF8 if old_data.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode(declared_encoding(old_data, name))
