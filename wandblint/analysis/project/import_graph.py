"""The import graph of the project."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from wandblint import facts
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.semantics.frameworks import opens_no_run


class ImportGraph:
    """The imports among the project's files, found by a scan of their text."""

    def __init__(self, files: ProjectFiles, index: ModuleIndex) -> None:
        self._files = files
        self._index = index
        self._importers: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        self._imported: dict[str, set[str]] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def scan(self) -> None:
        """Scans the imports of all files, once."""
        for importer in () if self._imported else self._files.names:
            imported = self._imported[importer] = set()
            for level, module, names in self._files.imports(importer):
                for target, wanted in import_targets(level, module, names, importer, self._index):
                    self._importers[target].append((importer, wanted))
                    imported.add(target)

    def closure(self, path: str) -> frozenset[str]:
        """A file and its transitive imports."""
        if path not in self._closures:
            self.scan()
            closure, waiting = set[str](), [path]
            while waiting:
                file = waiting.pop()
                if file in self._closures:
                    closure |= self._closures[file]
                elif file not in closure:
                    closure.add(file)
                    waiting += self._imported[file]
            self._closures[path] = frozenset(closure)
        return self._closures[path]

    def runs_unseen_code(self, path: str) -> bool:
        """Whether the imports of a script may run code of which nothing is known, or it replaces modules."""
        return any(map(self._imports_unseen, self.closure(path)))

    def _imports_unseen(self, path: str) -> bool:
        is_seen = (
            any(import_targets(level, module, names, path, self._index)) or opens_no_run(module)
            for level, module, names in self._files.imports(path)
        )
        return "sys.modules" in self._files.code(path) or not all(is_seen)

    def with_importers(self, paths: Iterable[str]) -> frozenset[str]:
        """Files, and those that import one of them, transitively."""
        closure, waiting = set[str](), [*paths]
        if waiting:
            self.scan()
        while waiting:
            file = waiting.pop()
            if file not in closure:
                closure.add(file)
                waiting += [importer for importer, _ in self._importers.get(file, ())]
        return frozenset(closure)

    def importers_of(self, wanted: Mapping[str, set[str]]) -> set[str]:
        """Files outside `wanted` that import one of its modules, or one of the wanted names from it."""
        self.scan()
        return {
            importer
            for target, names in wanted.items()
            for importer, imported in self._importers.get(target, ())
            if importer not in wanted and names and (imported is None or imported == "*" or imported in names)
        }


def targets_of(statement: facts.Stmt, importer: str, index: ModuleIndex) -> Iterator[str]:
    """The files that an import statement loads; none for any other statement."""
    if isinstance(statement, facts.Import):
        yield from (path for path, _ in import_targets(0, statement.module, (), importer, index))
    elif isinstance(statement, facts.ImportFrom):
        names = [name for name, _ in statement.names]
        yield from (
            path for path, _ in import_targets(statement.level, statement.module, names, importer, index)
        )


def import_targets(
    level: int, module: str, names: Iterable[str], importer: str, index: ModuleIndex
) -> Iterator[tuple[str, str | None]]:
    """The files that an import reaches, each with the name that it imports (None: the module itself)."""
    if not level and index.is_external(module):
        return
    base = index.relative(level, module, importer) if level else index.find(module, importer)
    for name in names:
        if base is not None:
            yield base, name
            submodule = index.submodule(base, name)
        elif level:
            submodule = index.relative(level, f"{module}.{name}".lstrip("."), importer)
        else:
            submodule = index.folder_submodule(module, name, importer)
        if submodule:
            yield submodule, None
    if not names and base is not None:
        yield base, None
