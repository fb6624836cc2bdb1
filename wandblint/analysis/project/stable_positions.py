"""Places that do not move: where code stands, told so that changes elsewhere in its file make no difference.

All that linking says of code it says by places, and what came of call paths is kept for the next run. So a
statement at the top of a file keeps the place that it had when its file was linked first, wherever it stands
now, and a new one gets a place that none ever had. What is reported is told by real places.
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
from wandblint.index import FileIndex, moved_index
from wandblint.sources.text import code_of
from wandblint.span import Span

_OFFSETS = frozenset({"start", "end", "name_at"})


class PositionMap(msgspec.Struct, array_like=True):
    """How the places of a file were told: where each statement at its top is said to start, in order, with a
    number for its text. `end` lies behind all that was ever told, `code` is the hash of the file's code."""

    code: bytes
    is_moved: bool
    end: int
    statements: list[tuple[int, int]]


class _Shift:
    """Real starts and ends of statements, with the places where they are said to start."""

    def __init__(self, extents: list[tuple[int, int]], said: list[int]) -> None:
        self._source = extents
        self._starts = [start for start, _ in extents]
        self._stable = sorted(zip(said, self._starts, strict=True))
        self._stable_starts = [place for place, _ in self._stable]
        self.offsets = {start: place - start for start, place in zip(self._starts, said, strict=True)}
        """By the real start of a statement, how far it is said to be behind that."""

    def to_stable(self, offset: int) -> int | None:
        """How a real place is told; None where it is in no statement."""
        number = bisect_right(self._starts, offset) - 1
        if number < 0 or offset >= self._source[number][1]:
            return None
        return offset + self.offsets[self._starts[number]]

    def to_source(self, place: int) -> int:
        """How far behind what is said the real place is."""
        number = bisect_right(self._stable_starts, place) - 1
        return 0 if number < 0 else self._stable[number][1] - self._stable_starts[number]


class StablePositions:
    """The files of a project, with places as they were told before."""

    def __init__(self, files: ProjectFiles, before: Mapping[str, PositionMap]) -> None:
        self._files = files
        self._before = before
        self._position_maps: dict[str, PositionMap] = {}
        self._shifts: dict[str, _Shift | None] = {}
        self._facts: dict[str, FileFacts | None] = {}
        self._opened: set[str] = set()
        self._moved = {
            path for path, layout in before.items() if layout.is_moved or not self.is_unchanged(path)
        }
        """The files that may have places that are not the real ones."""

    def is_unchanged(self, path: str) -> bool:
        """Whether the code of a file is what it was when its places were told before."""
        layout = self._before.get(path)
        return layout is not None and layout.code == self._files.digest(path)

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        self._opened.add(path)
        shift = self._shift(path)
        if shift is None:
            return self._files.facts(path)
        if path not in self._facts:
            found = self._files.facts(path)
            self._facts[path] = None if found is None else _moved_file(found, shift)
        return self._facts[path]

    def index(self, path: str) -> FileIndex | None:
        """What a file says without being run; None where it cannot be read or parsed."""
        found = self._files.index(path)
        shift = None if found is None else self._shift(path)
        return found if found is None or shift is None else moved_index(found, shift.to_stable)

    def text(self, path: str, start: int, end: int) -> str:
        """The text between two places of one statement."""
        shift = self._shift(path)
        by = 0 if shift is None else shift.to_source(start)
        return self._files.code(path)[start + by : end + by]

    def to_source(self, path: str, start: int, end: int) -> Span:
        """Where a place really is."""
        shift = self._shift(path) if end > 0 else None
        by = 0 if shift is None else shift.to_source(start)
        return Span(path, start + by, end + by)

    def source_order(self, path: str, start: int) -> tuple[str, int]:
        """Places in the order in which they stand."""
        shift = self._shift(path)
        return path, start if shift is None else start + shift.to_source(start)

    @property
    def has_moved(self) -> bool:
        """Whether there may be places that are not the real ones."""
        return any(self._before[path].is_moved or self._shifts.get(path) for path in self._moved)

    def position_maps(self, paths: Iterable[str]) -> dict[str, PositionMap]:
        """How the places of files were told, for the next run."""
        return {path: layout for path in sorted(paths) if (layout := self._position_map(path)) is not None}

    def in_child(self) -> Callable[[], bytes]:
        """Told in a copy of the process; gives how places were told of files that the copy opened."""
        self._opened.clear()
        return lambda: msgspec.msgpack.encode(self.position_maps(self._opened))

    def merge_child(self, told: bytes) -> None:
        """What a copy of the process has told."""
        for path, layout in msgspec.msgpack.decode(told, type=dict[str, PositionMap]).items():
            self._position_maps.setdefault(path, layout)

    def _position_map(self, path: str) -> PositionMap | None:
        if self.is_unchanged(path):
            return self._before[path]
        if path not in self._position_maps and self._shift(path) is None:
            found = self._files.facts(path)
            if found is None:
                return None
            code = self._files.code(path)
            extents, numbers = _statements(found, code)
            told = [(start, number) for (start, _), number in zip(extents, numbers, strict=True)]
            self._position_maps[path] = PositionMap(self._files.digest(path), False, len(code) + 1, told)
        return self._position_maps.get(path)

    def _shift(self, path: str) -> _Shift | None:
        """How far the statements of a file are from where they are said to be; None where they are there."""
        if path not in self._moved:
            return None
        if path not in self._shifts:
            self._shifts[path] = None
            found = self._files.facts(path)
            if found is not None:
                self._shifts[path] = self._assign_positions(path, found)
        return self._shifts[path]

    def _assign_positions(self, path: str, file: FileFacts) -> _Shift | None:
        """Tells the places of a file: those of statements that it had before as before."""
        before = self._before[path]
        extents, numbers = _statements(file, self._files.code(path))
        known: dict[int, list[int]] = defaultdict(list)
        for start, number in reversed(before.statements):
            known[number].append(start)
        end = before.end
        told: list[tuple[int, int]] = []
        for (start, stop), number in zip(extents, numbers, strict=True):
            if known[number]:
                told.append((known[number].pop(), number))
            else:
                place = max(start, end)
                told.append((place, number))
                end = place + stop - start + 1
        is_moved = any(place != start for (place, _), (start, _) in zip(told, extents, strict=True))
        self._position_maps[path] = PositionMap(self._files.digest(path), is_moved, end, told)
        return _Shift(extents, [place for place, _ in told]) if is_moved else None


def _statements(file: FileFacts, code: str) -> tuple[list[tuple[int, int]], list[int]]:
    """The statements at the top of a file: where each starts and ends, and a number for its text.

    Two on one line that start at one place (`import a, b`) count as one.
    """
    starts = sorted({statement.start for statement in file.body})
    extents: list[tuple[int, int]] = []
    numbers: list[int] = []
    for start, following in pairwise([*starts, len(code)]):
        text = code_of(code[start:following], "\n", "#", "\\")
        extents.append((start, start + len(text)))
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=7).digest()
        numbers.append(int.from_bytes(digest, "big"))
    return extents, numbers


def _moved_file(file: FileFacts, shift: _Shift) -> FileFacts:
    return FileFacts(
        file.path, [_moved(statement, shift.offsets[statement.start]) for statement in file.body]
    )


def _moved(made: Any, by: int) -> Any:  # noqa: ANN401 (whatever facts are made of)
    """Facts that many characters further on."""
    if not by:
        return made
    if isinstance(made, list):
        return [*map(partial(_moved, by=by), made)]
    if not isinstance(made, facts.Node):
        return made
    return type(made)(
        *(
            value + by if name in _OFFSETS else _moved(value, by)
            for name in made.__struct_fields__
            for value in [getattr(made, name)]
        )
    )
