"""What linking leaves for the next run."""

from __future__ import annotations

import msgspec

from wandblint.linking.places import Layout
from wandblint.linking.ranks import Ranks
from wandblint.linking.relevance import Choice


class Memory(msgspec.Struct, array_like=True):
    """All of it: the names of all files, those that are read, the words that stand for the rank, how places
    were told, and what came of call paths."""

    names: list[str] = []
    choice: Choice = msgspec.field(default_factory=Choice)
    ranks: Ranks = msgspec.field(default_factory=Ranks)
    layouts: dict[str, Layout] = {}
    outcomes: bytes = b""

    @classmethod
    def of(cls, written: bytes | None) -> Memory:
        """What was written; nothing where that holds none."""
        try:
            return cls() if not written else msgspec.msgpack.decode(written, type=cls)
        except msgspec.MsgspecError:
            return cls()

    def written(self) -> bytes:
        """It as bytes."""
        return msgspec.msgpack.encode(self)
