"""What linking leaves for the next run."""

from __future__ import annotations

import msgspec

from wandblint.analysis.project.file_selection import CachedSelection
from wandblint.analysis.project.rank_table import CachedRankNames
from wandblint.analysis.project.stable_positions import PositionMap


class PersistedState(msgspec.Struct, array_like=True):
    """All of it: the names of all files, those that are read, the words that stand for the rank, how places
    were told, and what came of call paths."""

    names: list[str] = []
    selection: CachedSelection = msgspec.field(default_factory=CachedSelection)
    ranks: CachedRankNames = msgspec.field(default_factory=CachedRankNames)
    positions: dict[str, PositionMap] = {}
    results: bytes = b""

    @classmethod
    def decode(cls, written: bytes | None) -> PersistedState:
        """What was written; nothing where that holds none."""
        try:
            return cls() if not written else msgspec.msgpack.decode(written, type=cls)
        except msgspec.MsgspecError:
            return cls()

    def encode(self) -> bytes:
        """It as bytes."""
        return msgspec.msgpack.encode(self)
