"""What comes of reading a file, as plain data: it crosses to other processes and days."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wandblint.facts import FileFacts
from wandblint.index import FileIndex, index_file
from wandblint.infra.stack import preallocate_frames
from wandblint.reading import SyntaxProblem, read


class Refusal(msgspec.Struct, array_like=True, frozen=True):
    """That a file cannot be read, as `SyntaxProblem` says it."""

    message: str
    row: int
    column: int
    is_python: bool


class Reading(msgspec.Struct, array_like=True):
    """What came of reading a file: facts, a refusal or a mistake, which is one of ours, on one line.

    `packed` are the facts as bytes: a run after a change looks at few of them. The outline is made where it
    will be asked for.
    """

    packed: bytes = b""
    outline: FileIndex | None = None
    refusal: Refusal | None = None
    mistake: str = ""

    def facts(self, name: str) -> FileFacts | None:
        """The facts, of a file that is called so now; None where there are none."""
        if not self.packed:
            return None
        # A decoder that is made beforehand would cost milliseconds in runs that decode nothing.
        found = msgspec.msgpack.decode(self.packed, type=FileFacts)
        found.path = name
        return found


def attempt(name: str, text: str, *, with_outline: bool = False) -> tuple[Reading, FileFacts | None]:
    """Reads a file; whatever goes wrong is a result. The facts also come as they are."""
    try:
        facts = read(name, text)
        return Reading(_ENCODER.encode(facts), index_file(facts, text) if with_outline else None), facts
    except SyntaxProblem as problem:
        refusal = Refusal(problem.message, problem.row, problem.column, problem.is_python)
        return Reading(refusal=refusal), None
    except Exception as error:
        # A mistake of the reader costs one file, not the run.
        return Reading(mistake=" ".join(f"{type(error).__name__}: {error}".split())), None


def attempt_all(files: Sequence[tuple[str, str]]) -> list[bytes]:
    """What comes of reading files, each encoded: what another process is asked for."""
    read_one = preallocate_frames(attempt)
    return [encode(read_one(name, text, with_outline=True)[0]) for name, text in files]


def encode(reading: Reading) -> bytes:
    """A result as MessagePack."""
    return _ENCODER.encode(reading)


def decode(data: bytes) -> Reading:
    """The inverse of `encode`. Raises `msgspec.MsgspecError` where the data are no result."""
    return msgspec.msgpack.decode(data, type=Reading)


_ENCODER = msgspec.msgpack.Encoder()
