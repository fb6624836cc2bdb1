"""Queries about single files: module slices, the names that they bind, the text."""

from __future__ import annotations

import re
from collections.abc import Collection

from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.domain.identifiers import Query
from wandblint.analysis.project.callees import FileCallees
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.import_graph import ImportGraph
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.analysis.project.module_slices import ModuleSlices, slice_module
from wandblint.analysis.project.stable_positions import StablePositions
from wandblint.facts import FileFacts
from wandblint.index.references import is_seed
from wandblint.semantics.frameworks import logs_by_itself
from wandblint.sources.text import digest_of

_FILE_QUERIES = frozenset(
    {
        "callees",
        "definition",
        "file",
        "globals called",
        "selected",
        "slice",
        "module",
        "name",
        "names",
        "text",
    }
)


def file_of_query(query: Query) -> str | None:
    """The file that determines the answer together with what its names mean; None where the project does."""
    return str(query[1]) if query[0] in _FILE_QUERIES else None


class FileQueries:
    """Answers queries about single files.

    `reaches_wandb` are the names that reach wandb, `opening` the files whose import may, `selected` the files
    that are read in any case.
    """

    def __init__(
        self,
        files: ProjectFiles,
        positions: StablePositions,
        index: ModuleIndex,
        graph: ImportGraph,
        reaches_wandb: Collection[str],
        opening: Collection[str],
        selected: Collection[str],
    ) -> None:
        self.positions = positions
        self.index = index
        self.graph = graph
        self._files = files
        self._reaching_names = reaches_wandb
        self._opening = opening
        self._selected = selected
        self._slices: dict[str, ModuleSlices | None] = {}
        self._fingerprints: dict[str, frozenset[int]] = {}
        self._matches: dict[tuple[str, str], bool] = {}
        self._callees: dict[str, FileCallees] = {}

    def facts(self, path: str) -> FileFacts | None:
        """A file's facts; None where it cannot be read or parsed."""
        return self.positions.facts(path)

    def slices(self, path: str) -> ModuleSlices | None:
        """The slices of a module; None where it cannot be read or parsed."""
        if path not in self._slices:
            file = self.positions.facts(path)
            self._slices[path] = (
                None
                if file is None
                else ModuleSlices.of(slice_module(file, self.index, self._reaches_wandb, self.opens_run))
            )
        return self._slices[path]

    def _known_slices(self, path: str) -> ModuleSlices:
        return self.slices(path) or ModuleSlices([], [], {})

    def _reaches_wandb(self, name: str) -> bool:
        return name in self._reaching_names or is_seed(name) or logs_by_itself(name)

    def opens_run(self, path: str) -> bool:
        """Whether the import of a file may reach wandb."""
        return path in self._opening

    def is_selected(self, path: str) -> bool:
        """Whether a file is read in any case, because it may reach wandb."""
        return path in self._selected

    def callees(self, path: str) -> FileCallees:
        """The functions that the functions of a file call."""
        if path not in self._callees:
            self._callees[path] = FileCallees(self.positions.facts(path) or FileFacts(path, []), self.index)
        return self._callees[path]

    def text_matches(self, path: str, pattern: str) -> bool:
        """Whether a regular expression matches anywhere in a file."""
        if (path, pattern) not in self._matches:
            self._matches[path, pattern] = re.search(pattern, self._files.code(path)) is not None
        return self._matches[path, pattern]

    def fingerprint(self, query: Query) -> int:
        """A hash of the answer to a query about a single file."""
        answer: object
        match query:
            case "file", str(path):
                answer = self._files.digest(path).hex()
            case "slice", str(path), int(number):
                answer = number in self._slice_fingerprints(path)
            case "module", str(path):
                answer = [part.fingerprint for part in self._known_slices(path).eager]
            case "name", str(path), str(name):
                answer = name in self._known_slices(path).by_name
            case "names", str(path):
                answer = [sorted(part.names) for part in self._known_slices(path).parts]
            case "callees", str(path), int(start):
                answer = digest_of(self.callees(path).encoded(start)).hex()
            case "globals called", str(path), int(start):
                answer = self.callees(path).globals_called(start)
            case "definition", str(path), str(name):
                answer = self.callees(path).definition(name)
            case "selected", str(path):
                answer = self.is_selected(path)
            case "text", str(path), str(pattern):
                answer = self.text_matches(path, pattern)
            case _:
                raise ValueError(query)
        return stable_hash(answer)

    def _slice_fingerprints(self, path: str) -> frozenset[int]:
        if path not in self._fingerprints:
            self._fingerprints[path] = frozenset(part.fingerprint for part in self._known_slices(path).parts)
        return self._fingerprints[path]
