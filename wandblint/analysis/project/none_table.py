"""Names and attributes of the project that can only be None."""

from __future__ import annotations

from collections.abc import Mapping

from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.stable_positions import StablePositions
from wandblint.index import FileIndex
from wandblint.index.bindings import MODULE, Bindings, Bound
from wandblint.span import Span


class NoneTable:
    """The bindings of the project's names and private attributes, to None and to other values."""

    def __init__(
        self, files: ProjectFiles, positions: StablePositions, indexes: Mapping[str, FileIndex]
    ) -> None:
        """Other files than those of `indexes` are read where a name may be bound in any file."""
        self._files = files
        self._positions = positions
        self._by_path: dict[str, Bindings] = {}
        self._attributes = Bound()
        self._assigned: dict[str, Span] = {}
        """The first assignment of None to each private attribute."""
        self._shared: set[str] = set()
        self._complete: set[str] = set()
        """Names for which every file of the project was searched."""
        for path, index in indexes.items():
            self._add(path, index.bindings)

    def _add(self, path: str, bindings: Bindings) -> None:
        self._by_path[path] = bindings
        self._attributes.others |= bindings.attributes.others
        for attr, extent in bindings.attributes.to_none.items():
            self._assigned.setdefault(attr, Span(path, *extent))
        self._shared |= bindings.shared

    def _read_all_files(self, name: str) -> None:
        """Reads the other files of the project whose text contains a name."""
        if name not in self._complete:
            self._complete.add(name)
            for path in self._files.names:
                if path not in self._by_path and name in self._files.code(path):
                    index = self._positions.index(path)
                    if index is not None:
                        self._add(path, index.bindings)

    def of_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """The scope and the assignment of a name that can only be None; None for any other name."""
        bindings = self._by_path.get(path)
        if bindings is None or not bindings.rebound.isdisjoint({name, ""}):
            return None
        for start in (scope, MODULE):
            bound = bindings.scopes.get(start)
            if bound is None or not (name in bound.others or name in bound.to_none):
                continue
            if name in bound.others:
                return None
            if start == MODULE:
                self._read_all_files(name)
                if name in self._shared:
                    return None
            # Only the scope's first character: an empty span at the start of a file means the whole file.
            return Span(path, start, start + 1), Span(path, *bound.to_none[name])
        return None

    def of_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """The same for an attribute that is None on every object."""
        others = self._attributes.others
        if "" in others or attr in others:
            return None
        self._read_all_files(attr)
        if attr not in self._assigned or not others.isdisjoint({attr, ""}):
            return None
        return Span("", MODULE, MODULE), self._assigned[attr]
