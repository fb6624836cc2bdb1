"""The state that the analysis persists for the next run."""

from __future__ import annotations

import msgspec

from wandblint.analysis.project.file_selection import CachedSelection
from wandblint.analysis.project.rank_table import CachedRankNames
from wandblint.analysis.project.stable_positions import PositionMap
from wandblint.infra.cache import UNDECODABLE


class PersistedState(msgspec.Struct, array_like=True):
    """The names of all files, the selection, the rank names, the stable positions, and the entry results."""

    names: list[str] = []
    selection: CachedSelection = msgspec.field(default_factory=CachedSelection)
    ranks: CachedRankNames = msgspec.field(default_factory=CachedRankNames)
    positions: dict[str, PositionMap] = {}
    results: bytes = b""

    @classmethod
    def decode(cls, written: bytes | None) -> PersistedState:
        """The decoded state; an empty one where there is none or the bytes are invalid."""
        try:
            return cls() if not written else msgspec.msgpack.decode(written, type=cls)
        except UNDECODABLE:
            return cls()

    def encode(self) -> bytes:
        """The state as bytes."""
        return msgspec.msgpack.encode(self)
