"""Files with another text: whole or not at all, and nothing else about them changed."""

from __future__ import annotations

import codecs
import contextlib
import os
import tempfile
from pathlib import Path

from wandblint.sources.decoding import Undecodable, declared_encoding, decode
from wandblint.sources.edits import Edit, UnplaceableError, applied, edits
from wandblint.sources.source import Source, is_notebook, source_of


class UnwritableError(Exception):
    """A file that keeps its old text; the message says why."""


def replace_text(file: Path, old: str, new: str) -> None:
    """Gives a file whose Python is `old` the Python `new`, in its own encoding and with its permissions.

    A link stays one: what it leads to is written. Whatever happens, the file holds one of the texts. Raises
    `UnwritableError`.
    """
    target = Path(os.path.realpath(file))
    try:
        data = target.read_bytes()
        content = decode(data, file.name)
        source = source_of(file.name, content)
        if source.text != old:
            raise UnwritableError("it has changed meanwhile")
        changed = _changed(file.name, content, source, list(edits(old, new)))
        _replace(target, _encoded(changed, data, file.name))
    except UnplaceableError as error:
        raise UnwritableError(str(error)) from error
    except Undecodable as error:
        raise UnwritableError("it has changed meanwhile") from error
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        raise UnwritableError(f"its encoding {error.encoding} has no `{character}`") from error
    except OSError as error:
        raise UnwritableError((error.strerror or type(error).__name__).lower()) from error


def content_with(name: str, content: str, new: str) -> str:
    """The content of a file whose Python becomes `new`. Raises `UnwritableError`."""
    source = source_of(name, content)
    try:
        return _changed(name, content, source, list(edits(source.text, new)))
    except UnplaceableError as error:
        raise UnwritableError(str(error)) from error


def _changed(name: str, content: str, source: Source, changes: list[Edit]) -> str:
    """The content of a file whose Python has been edited."""
    for edit in changes:
        if source.written[edit.start : edit.end] != source.text[edit.start : edit.end]:
            raise UnplaceableError("the change is in what is no Python")
    if not is_notebook(name):
        return applied(source.written, changes)
    from wandblint.sources.notebook import rewritten  # noqa: PLC0415 (few projects have any)

    return rewritten(content, source, changes)


def _encoded(text: str, like: bytes, name: str) -> bytes:
    """The bytes of a text in the encoding of others, with a byte order mark if these have one."""
    mark = codecs.BOM_UTF8 if like.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode(declared_encoding(like, name))


def _replace(target: Path, data: bytes) -> None:
    """Writes the bytes beside the file and puts them in its place."""
    if not os.access(target, os.W_OK):
        # Its folder may be writable, which would be enough to put another file in its place.
        raise PermissionError(0, "permission denied")
    handle, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(beside, target.stat().st_mode)
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            # What made the writing fail may keep this file too; the error that counts is the first.
            os.unlink(beside)
        raise
