"""What comes of reading a file, as plain data: it crosses to other processes and days."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wandblint.facts import FileFacts, NewerSyntax
from wandblint.index import FileIndex, index_file
from wandblint.infra.stack import preallocate_frames
from wandblint.syntax import read
from wandblint.syntax.errors import ParseError


class ParseFailure(msgspec.Struct, array_like=True, frozen=True):
    """That a file cannot be parsed, as `ParseError` says it."""

    message: str
    offset: int
    is_python: bool


class ParseResult(msgspec.Struct, array_like=True):
    """The result of reading a file: its facts, a failure, or an internal error of the reader on one line.

    `packed` are the facts as bytes: a run after a change looks at few of them. The index is made where it
    will be asked for.
    """

    packed: bytes = b""
    index: FileIndex | None = None
    failure: ParseFailure | None = None
    internal_error: str = ""
    newer_syntax: NewerSyntax | None = None
    """The first place that only a newer Python can read."""

    def facts(self, name: str) -> FileFacts | None:
        """The facts, of a file that is called so now; None where there are none."""
        if not self.packed:
            return None
        # A decoder that is made beforehand would cost milliseconds in runs that decode nothing.
        found = msgspec.msgpack.decode(self.packed, type=FileFacts)
        found.path = name
        return found


def attempt(name: str, text: str, *, with_index: bool = False) -> tuple[ParseResult, FileFacts | None]:
    """Reads a file; whatever goes wrong is a result. The facts also come as they are."""
    try:
        facts = read(name, text)
        index = index_file(facts, text) if with_index else None
        newer = next(iter(facts.newer_syntax), None)
        return ParseResult(_ENCODER.encode(facts), index, newer_syntax=newer), facts
    except ParseError as error:
        return ParseResult(failure=ParseFailure(error.message, error.offset, error.is_python)), None
    except Exception as error:
        # A mistake of the reader costs one file, not the run.
        return ParseResult(internal_error=" ".join(f"{type(error).__name__}: {error}".split())), None


def attempt_all(files: Sequence[tuple[str, str]]) -> list[bytes]:
    """What comes of reading files, each encoded: what another process is asked for."""
    read_one = preallocate_frames(attempt)
    return [encode(read_one(name, text, with_index=True)[0]) for name, text in files]


def encode(reading: ParseResult) -> bytes:
    """A result as MessagePack."""
    return _ENCODER.encode(reading)


def decode(data: bytes) -> ParseResult:
    """The inverse of `encode`. Raises `msgspec.MsgspecError` where the data are no result."""
    return msgspec.msgpack.decode(data, type=ParseResult)


_ENCODER = msgspec.msgpack.Encoder()
