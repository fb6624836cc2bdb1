"""Files with another text: whole or not at all, and nothing else about them changed."""

from __future__ import annotations

import codecs
import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.sources.decoding import Undecodable, declared_encoding, decode
from wandblint.sources.edits import UnplaceableError, applied, edits
from wandblint.sources.extraction import source_of
from wandblint.sources.source import Source, is_notebook

if TYPE_CHECKING:
    from typing_extensions import Self

CHANGED = "it changed in the meantime"


class UnwritableError(Exception):
    """A file that keeps its old text; the message says why."""


class _Beside(msgspec.Struct, frozen=True):
    """A new file beside the one whose place it is to take, and what that one holds."""

    path: Path
    target: Path
    held: bytes


class Replacement:
    """New texts of files. Each is written beside its file first, so that several can change together.

    Whatever happens, a file holds its old text or its new one, and nothing is left beside it.
    """

    def __init__(self) -> None:
        self._made: dict[Path, _Beside] = {}

    def __enter__(self) -> Self:
        """Nothing is prepared yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Removes what has not been put in a place."""
        for made in self._made.values():
            _remove(made)

    def prepare(self, file: Path, old: str, new: str) -> None:
        """Writes beside a file whose Python is `old` what gives it the Python `new`, in its own encoding.

        A link stays one: what it leads to is meant. Raises `UnwritableError`.
        """
        with _unwritable():
            target = Path(os.path.realpath(file))
            data = target.read_bytes()
            content = decode(data, file.name)
            source = source_of(file.name, content)
            if source.text != old:
                raise UnwritableError(CHANGED)
            changed = _changed(file.name, content, source, new)
            if not os.access(target, os.W_OK):
                # Its folder may be writable, which would be enough to put another file in its place.
                raise PermissionError(0, "permission denied")
            # The name is known before there is a file of it: an interrupt finds all that there is to remove.
            beside = target.with_name(f".wandblint-{os.urandom(8).hex()}")
            self._made[file] = made = _Beside(beside, target, data)
            try:
                _write(made, _encoded(changed, data, file.name))
            except OSError:
                # Of a disk that is full the next file gets the room.
                _remove(made)
                raise

    def put(self, file: Path) -> None:
        """Puts what was prepared for a file in its place. Raises `UnwritableError`."""
        made = self._made[file]
        with _unwritable():
            if made.target.read_bytes() != made.held:
                raise UnwritableError(CHANGED)
            os.replace(made.path, made.target)


@contextlib.contextmanager
def _unwritable() -> Iterator[None]:
    """Says in a few words what goes wrong with a file."""
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
        raise UnwritableError((error.strerror or type(error).__name__).lower()) from error


def replace_text(file: Path, old: str, new: str) -> None:
    """Gives a file whose Python is `old` the Python `new`, or leaves it alone. Raises `UnwritableError`."""
    with Replacement() as replacement:
        replacement.prepare(file, old, new)
        replacement.put(file)


def data_with(name: str, data: bytes, new: str) -> bytes:
    """The bytes of a file whose Python becomes `new`, in its own encoding. Raises `UnwritableError`."""
    with _unwritable():
        content = decode(data, name)
        return _encoded(_changed(name, content, source_of(name, content), new), data, name)


def content_with(name: str, content: str, new: str) -> str:
    """The content of a file whose Python becomes `new`. Raises `UnwritableError`."""
    source = source_of(name, content)
    try:
        return _changed(name, content, source, new)
    except UnplaceableError as error:
        raise UnwritableError(str(error)) from error


def _changed(name: str, content: str, source: Source, new: str) -> str:
    """The content of a file whose Python becomes `new`."""
    if source.text == content:
        return new
    changes = list(edits(source.text, new))
    for edit in changes:
        if source.written[edit.start : edit.end] != source.text[edit.start : edit.end]:
            raise UnplaceableError("the change is outside the Python code")
    if not is_notebook(name):
        return applied(source.written, changes)
    from wandblint.sources.notebook import rewritten  # noqa: PLC0415 (few projects have any)

    return rewritten(content, source, changes)


def _encoded(text: str, like: bytes, name: str) -> bytes:
    """The bytes of a text in the encoding of others, with a byte order mark if these have one."""
    mark = codecs.BOM_UTF8 if like.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode(declared_encoding(like, name))


def _remove(made: _Beside) -> None:
    with contextlib.suppress(OSError):
        # What made the writing fail may keep this file too; the error that counts is the first.
        made.path.unlink(missing_ok=True)


def _write(made: _Beside, data: bytes) -> None:
    """Writes a new file that has the permissions and, if it can be given away, the owner of another."""
    like = made.target.stat()
    with open(os.open(made.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    if hasattr(os, "chown"):
        with contextlib.suppress(PermissionError):
            # Only root gives files away. Of others it becomes theirs, as when git checks it out.
            os.chown(made.path, like.st_uid, like.st_gid)
    made.path.chmod(stat.S_IMODE(like.st_mode))
