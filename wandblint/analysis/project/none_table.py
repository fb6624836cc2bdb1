"""TODO."""

from __future__ import annotations

from collections.abc import Mapping

from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.stable_positions import StablePositions
from wandblint.index import FileIndex
from wandblint.index.bindings import MODULE, Bindings, Bound
from wandblint.span import Span


class NoneTable:
    """Every binding of the project's names and private attributes, as far as None is concerned."""

    def __init__(self, files: ProjectFiles, places: StablePositions, read: Mapping[str, FileIndex]) -> None:
        """`read` are the outlines of files; others are looked at where a name has to be known in all."""
        self._files = files
        self._places = places
        self._by_path: dict[str, Bindings] = {}
        self._attributes = Bound()
        self._assigned: dict[str, Span] = {}
        """Where private attributes are set to None first."""
        self._shared: set[str] = set()
        self._complete: set[str] = set()
        """Names for which every file of the project has been looked at."""
        for path, outline in read.items():
            self._add(path, outline.bindings)

    def _add(self, path: str, bindings: Bindings) -> None:
        self._by_path[path] = bindings
        self._attributes.others |= bindings.attributes.others
        for attr, place in bindings.attributes.to_none.items():
            self._assigned.setdefault(attr, Span(path, *place))
        self._shared |= bindings.shared

    def _read_all_files(self, name: str) -> None:
        """Reads the other files of the project whose text holds a name."""
        if name not in self._complete:
            self._complete.add(name)
            for path in self._files.names:
                if path not in self._by_path and name in self._files.code(path):
                    outline = self._places.index(path)
                    if outline is not None:
                        self._add(path, outline.bindings)

    def of_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """For a name of a scope that can only be None: the scope it belongs to and where it is assigned."""
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
            # The scope's first character: an empty place at the start of a file would stand for all of it.
            return Span(path, start, start + 1), Span(path, *bound.to_none[name])
        return None

    def of_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """For an attribute that can only be None on any object, the same."""
        others = self._attributes.others
        if "" in others or attr in others:
            return None
        self._read_all_files(attr)
        if attr not in self._assigned or not others.isdisjoint({attr, ""}):
            return None
        return Span("", MODULE, MODULE), self._assigned[attr]
