"""Resolves imports to the project's files."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Collection, Sequence


class ModuleIndex:
    """Resolves dotted names to files, as Python does with the project's usual import roots.

    It tries in order the folder of the importing file if that is no package (a script's folder is on
    `sys.path`), the project's root, the configured source roots and `src`, then any folder that contains the
    whole dotted name (`sys.path.insert`); of several it takes the nearest to the importer. A single name is
    not looked for deep in another part of the project.
    """

    def __init__(self, names: Sequence[str], source_roots: Sequence[str] = ()) -> None:
        self._files = frozenset(names)
        folders = [posixpath.normpath(root.strip("/")) for root in source_roots]
        self._roots = ["", *(f"{folder}/" for folder in folders if folder != "."), "src/"]
        self._by_last: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, str] = {}
        """By path without the suffix: a module takes precedence over a package of the same name."""
        self._cache: dict[tuple[str, str], str | None] = {}
        self._packages: set[str] = set()
        self._first: set[str] = set()
        """The possible first parts of a file's dotted name."""
        for name in names:
            self._first.update(_without_suffix(name).split("/"))
            folder = name.rpartition("/")[0]
            while folder and folder not in self._packages:
                self._packages.add(folder)
                folder = folder.rpartition("/")[0]
            self._by_last[_module_stem(name)].append(name)
            if name.endswith(".py"):
                self._by_stem[name.removesuffix(".py")] = name
            if name.endswith("/__init__.py"):
                self._by_stem.setdefault(name.removesuffix("/__init__.py"), name)

    def is_package(self, folder: str) -> bool:
        """Whether the folder or a folder in it contains Python files."""
        return folder in self._packages

    def is_external(self, dotted: str) -> bool:
        """Whether no absolute import of this module, or of a module in it, can be a file of the project."""
        return dotted.partition(".")[0] not in self._first

    def find(self, dotted: str, importer: str) -> str | None:
        """The file of an absolute import; None where the project has none."""
        last = dotted.rpartition(".")[2]
        if last not in self._by_last and last != "__init__":
            return None  # most imports: no file has the name
        key = (dotted, importer)
        if key not in self._cache:
            self._cache[key] = self._find(dotted, importer)
        return self._cache[key]

    def _find(self, dotted: str, importer: str) -> str | None:
        tail = dotted.replace(".", "/")
        folder = _folder(importer)
        # An absolute import in a package never means a sibling: `stores/wandb.py` may import the real wandb,
        # as may a file of that name anywhere.
        own = () if f"{folder}__init__.py" in self._files else (folder,)
        for root in (*own, *self._roots):
            file = self._file_at(root + tail)
            if file is not None and file != importer:
                return file
        # `import wandb` never means a `wandb` in a distant folder.
        candidates = [
            name
            for name in self._by_last.get(tail.rpartition("/")[2], ())
            if _without_suffix(name).endswith("/" + tail)
        ]
        if not candidates or ("." not in dotted and len(candidates) > 1):
            return None
        if "." not in dotted and (dotted in _NOT_BY_SUFFIX or _is_of_another_part(candidates[0], importer)):
            return None
        return max(candidates, key=lambda name: (_shared_folders(name, importer), -len(name), name))

    def matching(self, pattern: str, importer: str) -> tuple[str, ...]:
        """The files of the modules whose dotted names match a regular expression; of the nearest folder."""
        folders = [importer[: match.end()] for match in re.finditer("/", importer)][::-1]
        own = [folder for folder in folders if f"{folder}__init__.py" not in self._files]
        dotted = re.compile(pattern)
        for root in dict.fromkeys((*own, *self._roots)):
            found = [
                file
                for stem, file in self._by_stem.items()
                if stem.startswith(root) and dotted.fullmatch(stem[len(root) :].replace("/", "."))
            ]
            if found:
                return tuple(sorted(found))
        return ()

    def relative(self, level: int, dotted: str, importer: str) -> str | None:
        """The file of a relative import with `level` dots."""
        base = _folder(importer)
        for _ in range(level - 1):
            base = _folder(base.rstrip("/"))
        if not dotted:
            return self._file_at(base.rstrip("/")) if base else None
        return self._file_at(base + dotted.replace(".", "/"))

    def submodule(self, package: str, name: str) -> str | None:
        """The file of `name` inside a package, given the package's `__init__.py`."""
        if not package.endswith("__init__.py"):
            return None
        return self._file_at(_folder(package) + name)

    def folder_submodule(self, dotted: str, name: str, importer: str) -> str | None:
        """The file of `name` inside a namespace package."""
        return self.find(f"{dotted}.{name}", importer)

    def _file_at(self, stem: str) -> str | None:
        return self._by_stem.get(stem)


def may_import(importer: str, text: str, names: Collection[str]) -> bool:
    """Whether the imports in a file's text may resolve differently after files of these `names` came or went.

    An import mentions the stem of its file. Where `__init__.py` comes or goes, any import in the folder may
    change. Dynamic imports are queries of their own (`ProjectQueries.find_module`).
    """
    return any(importer.startswith(_folder(name)) for name in names if name.endswith("__init__.py")) or any(
        stem in text and re.search(rf"\b{re.escape(stem)}\b", text)
        for stem in {_module_stem(name) for name in names}
    )


_NOT_BY_SUFFIX = frozenset({"wandb", "logging", "torch", "json", "time", "types", "random", "math"})


def _folder(name: str) -> str:
    head, slash, _ = name.rpartition("/")
    return head + slash


def _without_suffix(name: str) -> str:
    stem = name.removesuffix(".py").removesuffix("/__init__")
    return "/" + stem


def _module_stem(name: str) -> str:
    return _without_suffix(name).rpartition("/")[2]


def _is_of_another_part(name: str, importer: str) -> bool:
    """Whether a module lies deep in a part of the project that has nothing in common with the importer's.

    There `import evaluate` more likely means an installed package of this name.
    """
    is_deep = name.count("/") > 1
    return is_deep and "/" in importer and _shared_folders(name, importer) == 0


def _shared_folders(left: str, right: str) -> int:
    count = 0
    for left_folder, right_folder in zip(left.split("/")[:-1], right.split("/")[:-1], strict=False):
        if left_folder != right_folder:
            break
        count += 1
    return count
