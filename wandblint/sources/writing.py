"""Replaces the text of files atomically; their encoding, permissions and owner stay."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.infra.files import read_regular, reason_of
from wandblint.sources.decoding import Undecodable, declared_encoding, decode
from wandblint.sources.edits import UnplaceableError, apply_edits, diff_edits
from wandblint.sources.extraction import extract_python
from wandblint.sources.source import Source, is_notebook

if TYPE_CHECKING:
    from typing_extensions import Self

CHANGED = "it changed in the meantime"


class UnwritableError(Exception):
    """The file cannot be written and keeps its old text; the message says why."""


class _PreparedFile(msgspec.Struct, frozen=True):
    """A temporary file, the file that it will replace, and that file's present content."""

    path: Path
    target: Path
    old_data: bytes


class Replacement:
    """Replaces the texts of several files together: each is first written to a temporary file next to it.

    Whatever happens, a file has its old text or its new one, and no temporary file stays.
    """

    def __init__(self) -> None:
        self._prepared: dict[Path, _PreparedFile] = {}

    def __enter__(self) -> Self:
        """Returns the replacement itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the temporary files that `put` has not used."""
        for prepared in self._prepared.values():
            _remove(prepared)

    def prepare(self, file: Path, old: str, new: str) -> None:
        """Writes the temporary file that changes a file's Python from `old` to `new`, in the same encoding.

        If `file` is a link, its target is replaced. Raises `UnwritableError`.
        """
        with _unwritable():
            target = Path(os.path.realpath(file))
            data = read_regular(target)
            content = decode(data, file.name)
            source = extract_python(file.name, content)
            if source.text != old:
                raise UnwritableError(CHANGED)
            changed = _replace_python(file.name, content, source, new)
            if not os.access(target, os.W_OK):
                # `os.replace` would succeed if only the folder is writable.
                raise PermissionError(0, "permission denied")
            # The name is recorded before the file exists, so an interrupt leaves no file.
            temporary = target.with_name(f".wandblint-{os.urandom(8).hex()}")
            self._prepared[file] = prepared = _PreparedFile(temporary, target, data)
            try:
                _write(prepared, _encode(changed, data, file.name))
            except OSError:
                # On a full disk this makes room for the next file.
                _remove(prepared)
                raise

    def put(self, file: Path) -> None:
        """Replaces a file by its prepared one. Raises `UnwritableError`."""
        prepared = self._prepared[file]
        with _unwritable():
            if prepared.target.read_bytes() != prepared.old_data:
                raise UnwritableError(CHANGED)
            os.replace(prepared.path, prepared.target)


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


def replace_text(file: Path, old: str, new: str) -> None:
    """Changes the Python of a file from `old` to `new`. Raises `UnwritableError`."""
    with Replacement() as replacement:
        replacement.prepare(file, old, new)
        replacement.put(file)


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


def _remove(prepared: _PreparedFile) -> None:
    with contextlib.suppress(OSError):
        # The cause of a failed write may also prevent this; the first error is the one to report.
        prepared.path.unlink(missing_ok=True)


def _write(prepared: _PreparedFile, data: bytes) -> None:
    """Writes a temporary file with the permissions and, where allowed, the owner of its target."""
    status = prepared.target.stat()
    with open(os.open(prepared.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            # Only root may change the owner. Otherwise the user owns the file, as after a checkout by git.
            os.chown(prepared.path, status.st_uid, status.st_gid)
    prepared.path.chmod(stat.S_IMODE(status.st_mode))
