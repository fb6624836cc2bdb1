"""TODO."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.module_index import ModuleIndex


class ImportGraph:
    """Who imports what of the project, as a scan of every file's text finds."""

    def __init__(self, files: ProjectFiles, index: ModuleIndex) -> None:
        self._files = files
        self._index = index
        self._importers: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        self._imported: dict[str, set[str]] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def scan(self) -> None:
        """Looks at the imports of all files, if that was not done."""
        for importer in () if self._imported else self._files.names:
            imported = self._imported[importer] = set()
            for level, module, names in self._files.imports(importer):
                for target, wanted in import_targets(level, module, names, importer, self._index):
                    self._importers[target].append((importer, wanted))
                    imported.add(target)

    def closure(self, path: str) -> frozenset[str]:
        """A file and all that its imports lead to."""
        if path not in self._closures:
            self.scan()
            met, waiting = set[str](), [path]
            while waiting:
                new = waiting.pop()
                if new in self._closures:
                    met |= self._closures[new]
                elif new not in met:
                    met.add(new)
                    waiting += self._imported[new]
            self._closures[path] = frozenset(met)
        return self._closures[path]

    def importers_of(self, interesting: Mapping[str, set[str]]) -> set[str]:
        """Files outside `interesting` that import one of its files, or an interesting name from it."""
        self.scan()
        return {
            importer
            for target, names in interesting.items()
            for importer, wanted in self._importers.get(target, ())
            if importer not in interesting and names and (wanted is None or wanted == "*" or wanted in names)
        }


def import_targets(
    level: int, module: str, names: Iterable[str], importer: str, index: ModuleIndex
) -> Iterator[tuple[str, str | None]]:
    """The files that an import touches, each with the name taken from it (None: the module itself)."""
    if not level and index.is_external(module):
        return
    base = index.relative(level, module, importer) if level else index.find(module, importer)
    for name in names:
        if base is not None:
            yield base, name
            inner = index.submodule(base, name)
        elif level:
            inner = index.relative(level, f"{module}.{name}".lstrip("."), importer)
        else:
            inner = index.folder_submodule(module, name, importer)
        if inner:
            yield inner, None
    if not names and base is not None:
        yield base, None
