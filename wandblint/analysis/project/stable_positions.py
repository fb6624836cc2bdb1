"""Stable positions: offsets in a file that edits elsewhere in the file do not change.

Cached results refer to code by position. So a top-level statement keeps the stable position that it got when
the project was first analyzed, and a new statement gets a position that was never used. Reports translate
stable positions to source positions.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec

from wandblint import facts
from wandblint.analysis.project.files import ProjectFiles
from wandblint.facts import FileFacts
from wandblint.index import FileIndex, translate_index
from wandblint.sources.text import code_of
from wandblint.span import Span

_OFFSETS = frozenset({"start", "end", "name_at"})


class PositionMap(msgspec.Struct, array_like=True):
    """The stable start of each top-level statement of a file, in order, with a hash of its text.

    `end` lies after every position ever used; `code` is the hash of the file's code; `is_moved` says whether
    some stable start differs from the source.
    """

    code: bytes
    is_moved: bool
    end: int
    statements: list[tuple[int, int]]


class _Shift:
    """Maps between source and stable positions of a file."""

    def __init__(self, extents: list[tuple[int, int]], stable: list[int]) -> None:
        """`extents` are the source extents of the statements, `stable` their stable starts."""
        self._source = extents
        self._starts = [start for start, _ in extents]
        self._stable = sorted(zip(stable, self._starts, strict=True))
        self._stable_starts = [start for start, _ in self._stable]
        self.offsets = {start: moved - start for start, moved in zip(self._starts, stable, strict=True)}
        """By source start of a statement, the distance to its stable start."""

    def to_stable(self, offset: int) -> int | None:
        """The stable position of a source position; None where it is in no statement."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0 or offset >= self._source[number][1]:
            return None
        return offset + self.offsets[self._starts[number]]

    def to_source(self, position: int) -> int:
        """The distance from a stable position to its source position."""
        number = bisect_right(self._stable_starts, position) - 1
        return 0 if number < 0 else self._stable[number][1] - self._stable_starts[number]


class StablePositions:
    """The facts and indexes of the project's files, in stable positions."""

    def __init__(self, files: ProjectFiles, before: Mapping[str, PositionMap]) -> None:
        self._files = files
        self._before = before
        self._position_maps: dict[str, PositionMap] = {}
        self._shifts: dict[str, _Shift | None] = {}
        self._facts: dict[str, FileFacts | None] = {}
        self._opened: set[str] = set()
        self._moved = {
            path for path, positions in before.items() if positions.is_moved or not self.is_unchanged(path)
        }
        """The files in which stable and source positions may differ."""

    def is_unchanged(self, path: str) -> bool:
        """Whether the code of a file is the same as in the run before."""
        positions = self._before.get(path)
        return positions is not None and positions.code == self._files.digest(path)

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        self._opened.add(path)
        shift = self._shift(path)
        if shift is None:
            return self._files.facts(path)
        if path not in self._facts:
            file = self._files.facts(path)
            self._facts[path] = None if file is None else _moved_file(file, shift)
        return self._facts[path]

    def index(self, path: str) -> FileIndex | None:
        """A file's index; None where it cannot be read or parsed."""
        index = self._files.index(path)
        shift = None if index is None else self._shift(path)
        return index if index is None or shift is None else translate_index(index, shift.to_stable)

    def text(self, path: str, start: int, end: int) -> str:
        """The text between two positions of one statement."""
        shift = self._shift(path)
        by = 0 if shift is None else shift.to_source(start)
        return self._files.code(path)[start + by : end + by]

    def to_source(self, path: str, start: int, end: int) -> Span:
        """The source span of a stable one."""
        shift = self._shift(path) if end > 0 else None
        by = 0 if shift is None else shift.to_source(start)
        return Span(path, start + by, end + by)

    def source_order(self, path: str, start: int) -> tuple[str, int]:
        """A sort key that orders stable positions as in the source."""
        shift = self._shift(path)
        return path, start if shift is None else start + shift.to_source(start)

    @property
    def has_moved(self) -> bool:
        """Whether some stable position may differ from the source position."""
        return any(self._before[path].is_moved or self._shifts.get(path) for path in self._moved)

    def position_maps(self, paths: Iterable[str]) -> dict[str, PositionMap]:
        """The stable positions of files, for the next run."""
        return {path: found for path in sorted(paths) if (found := self._position_map(path)) is not None}

    def in_child(self) -> Callable[[], bytes]:
        """Prepares a forked child; returns what encodes the position maps of the files that it opens."""
        self._opened.clear()
        return lambda: msgspec.msgpack.encode(self.position_maps(self._opened))

    def merge_child(self, data: bytes) -> None:
        """Adds the position maps of a forked child."""
        for path, positions in msgspec.msgpack.decode(data, type=dict[str, PositionMap]).items():
            self._position_maps.setdefault(path, positions)

    def _position_map(self, path: str) -> PositionMap | None:
        if self.is_unchanged(path):
            return self._before[path]
        if path not in self._position_maps and self._shift(path) is None:
            file = self._files.facts(path)
            if file is None:
                return None
            code = self._files.code(path)
            extents, hashes = _statements(file, code)
            starts = [(start, text_hash) for (start, _), text_hash in zip(extents, hashes, strict=True)]
            self._position_maps[path] = PositionMap(self._files.digest(path), False, len(code) + 1, starts)
        return self._position_maps.get(path)

    def _shift(self, path: str) -> _Shift | None:
        """The map between the positions of a file; None where stable and source positions agree."""
        if path not in self._moved:
            return None
        if path not in self._shifts:
            self._shifts[path] = None
            file = self._files.facts(path)
            if file is not None:
                self._shifts[path] = self._assign_positions(path, file)
        return self._shifts[path]

    def _assign_positions(self, path: str, file: FileFacts) -> _Shift | None:
        """Assigns stable positions to a file's statements: the former one to each that it had before."""
        before = self._before[path]
        extents, hashes = _statements(file, self._files.code(path))
        known: dict[int, list[int]] = defaultdict(list)
        for start, text_hash in reversed(before.statements):
            known[text_hash].append(start)
        end = before.end
        stable: list[tuple[int, int]] = []
        for (start, stop), text_hash in zip(extents, hashes, strict=True):
            if known[text_hash]:
                stable.append((known[text_hash].pop(), text_hash))
            else:
                position = max(start, end)
                stable.append((position, text_hash))
                end = position + stop - start + 1
        is_moved = any(position != start for (position, _), (start, _) in zip(stable, extents, strict=True))
        self._position_maps[path] = PositionMap(self._files.digest(path), is_moved, end, stable)
        return _Shift(extents, [position for position, _ in stable]) if is_moved else None


def _statements(file: FileFacts, code: str) -> tuple[list[tuple[int, int]], list[int]]:
    """The start and end of each top-level statement of a file, and a hash of its text.

    Facts with the same start (`import a, b`) count as one statement.
    """
    starts = sorted({statement.start for statement in file.body})
    extents: list[tuple[int, int]] = []
    hashes: list[int] = []
    for start, following in pairwise([*starts, len(code)]):
        text = code_of(code[start:following], "\n", "#", "\\")
        extents.append((start, start + len(text)))
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest()
        hashes.append(int.from_bytes(digest, "big"))
    return extents, hashes


def _moved_file(file: FileFacts, shift: _Shift) -> FileFacts:
    return FileFacts(
        file.path, [_moved(statement, shift.offsets[statement.start]) for statement in file.body]
    )


def _moved(part: Any, by: int) -> Any:  # noqa: ANN401 (a node, or the value of any of its fields)
    """A part of facts, moved by a number of characters."""
    if not by:
        return part
    if isinstance(part, list):
        return [*map(partial(_moved, by=by), part)]
    if not isinstance(part, facts.Node):
        return part
    return type(part)(
        *(
            value + by if name in _OFFSETS else _moved(value, by)
            for name in part.__struct_fields__
            for value in [getattr(part, name)]
        )
    )
