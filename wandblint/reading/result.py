"""What comes of reading a file, as plain data: it crosses to other processes and days."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wandblint.facts import FileFacts
from wandblint.reading import SyntaxProblem, read
from wandblint.stack import with_room


class Refusal(msgspec.Struct, array_like=True, frozen=True):
    """That a file cannot be read, as `SyntaxProblem` says it."""

    message: str
    row: int
    column: int
    is_python: bool


class Reading(msgspec.Struct, array_like=True):
    """What came of reading a file: one of the three. A `mistake` is one of ours, on one line."""

    facts: FileFacts | None = None
    refusal: Refusal | None = None
    mistake: str = ""


def attempt(name: str, text: str) -> Reading:
    """Reads a file; whatever goes wrong is a result."""
    try:
        return Reading(facts=read(name, text))
    except SyntaxProblem as problem:
        return Reading(refusal=Refusal(problem.message, problem.row, problem.column, problem.is_python))
    except Exception as error:
        # A mistake of the reader costs one file, not the run.
        return Reading(mistake=" ".join(f"{type(error).__name__}: {error}".split()))


def attempt_all(files: Sequence[tuple[str, str]]) -> list[bytes]:
    """What comes of reading files, each encoded: what another process is asked for."""
    read_one = with_room(attempt)
    return [encode(read_one(name, text)) for name, text in files]


def encode(reading: Reading) -> bytes:
    """A result as MessagePack."""
    return _ENCODER.encode(reading)


def decode(data: bytes) -> Reading:
    """The inverse of `encode`. Raises `msgspec.MsgspecError` where the data are no result."""
    return _DECODER.decode(data)


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Reading)
