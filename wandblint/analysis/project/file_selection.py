"""Selects the files to index, and the names that reach wandb.

It selects the files that mention wandb and, along the import graph, those that import such a name from a
selected file. The interpreter reads other files when it needs one of their values.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

import msgspec

from wandblint.analysis.domain.identifiers import QualifiedName
from wandblint.analysis.project.call_graph import ByName, CallGraphNode, Global, Member, Method, Ref, nodes_of
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.import_graph import ImportGraph
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index import FileIndex
from wandblint.semantics.heuristics import COMMON_SPECIAL_METHODS
from wandblint.sources.text import digest_of

MANY_DEFINITIONS = 4
"""Where more classes than this define a method, `x.method()` says little about its target: only code that
names the class reaches wandb through it."""


class FileSelection(msgspec.Struct):
    """The indexed files, the unreadable ones, and the functions and classes that reach wandb."""

    read: dict[str, FileIndex] = msgspec.field(default_factory=dict)
    unreadable: list[str] = msgspec.field(default_factory=list)
    reaching: set[QualifiedName] = msgspec.field(default_factory=set)
    """The functions, methods and classes that reach wandb."""

    @property
    def reaches_wandb(self) -> frozenset[str]:
        """Their names."""
        return names_of(self.reaching)


class CachedSelection(msgspec.Struct, array_like=True):
    """The same for the next run, if all files were readable; `fingerprint` hashes all that it depends on."""

    fingerprint: bytes = b""
    read: list[str] = []
    reaching: list[QualifiedName] = []


def names_of(reaching: Iterable[QualifiedName]) -> frozenset[str]:
    """The names of functions, methods and classes, apart from those that nearly every class has."""
    parts = (part for _, name in reaching for part in name.split("."))
    return frozenset(parts) - COMMON_SPECIAL_METHODS


def methods(
    indexes: Mapping[str, FileIndex], names: Collection[str]
) -> dict[str, list[tuple[str, str, int]]]:
    """The methods with one of the names: file, class and start, by name."""
    by_name: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for path, index in indexes.items():
        for owner in index.classes:
            for name, start in owner.methods:
                if name in names:
                    by_name[name].append((path, owner.name, start))
    return dict(by_name)


def subclasses(indexes: Mapping[str, FileIndex]) -> dict[str, list[tuple[str, str]]]:
    """The classes: file and name, by the last words of their bases."""
    by_base: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, index in indexes.items():
        for cls in index.classes:
            for base in cls.bases:
                by_base[base].append((path, cls.name))
    return dict(by_base)


def select_files(
    files: ProjectFiles, graph: ImportGraph, index: ModuleIndex, before: CachedSelection
) -> FileSelection:
    """Selects the files; restores the selection of the run `before` where its fingerprint still holds."""
    if before.read and frozenset(files.names).issuperset(before.read):
        files.prefetch(before.read)
        with suppress(Exception):  # `_selected` reports the file that fails
            read = {name: file for name in before.read if (file := files.index(name)) is not None}
            if len(read) == len(before.read) and _fingerprint(files, read) == before.fingerprint:
                return FileSelection(read, [], set(before.reaching))
    return _selected(files, graph, index)


def cached_selection(files: ProjectFiles, selection: FileSelection) -> CachedSelection:
    """The selection for the next run."""
    if selection.unreadable:
        return CachedSelection()
    fingerprint = _fingerprint(files, selection.read)
    return CachedSelection(fingerprint, [*selection.read], sorted(selection.reaching))


def _fingerprint(files: ProjectFiles, read: Mapping[str, FileIndex]) -> bytes:
    public = (part for name in files.names for part in (_name(name), files.public_fingerprint(name)))
    references = (msgspec.msgpack.encode((_name(name), file.references)) for name, file in read.items())
    return digest_of(*public, *references)


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _selected(files: ProjectFiles, graph: ImportGraph, index: ModuleIndex) -> FileSelection:
    selection = FileSelection()
    nodes: list[CallGraphNode] = []
    waiting = [name for name in files.names if files.mentions_wandb(name)]
    while waiting:
        files.prefetch(waiting)
        # Now, because other processes may be reading the prefetched files.
        graph.scan()
        for name in waiting:
            try:
                file = files.index(name)
                new_nodes = [] if file is None else list(nodes_of(name, file.references, index))
            except Exception as error:
                # An internal error costs only this file.
                files.report_crash(name, error)
                file = None
            if file is None:
                selection.unreadable.append(name)
            else:
                selection.read[name] = file
                nodes += new_nodes
        reaching = {name: set[str]() for name in selection.read}
        for path, name in _propagate(nodes, selection):
            reaching[path].add(name)
        waiting = sorted(graph.importers_of(reaching).difference(selection.unreadable))
    return selection


def _propagate(nodes: list[CallGraphNode], selection: FileSelection) -> set[Global]:
    """Adds all that reaches wandb to the selection; returns the globals among it."""
    users = _Users(nodes, selection.read)
    waiting = [
        node
        for node in nodes
        if node.reaches_wandb or any(target.path in selection.unreadable for target in node.globals)
    ]
    done: set[CallGraphNode] = set()
    reaching: set[Global] = set()
    while waiting:
        node = waiting.pop()
        if node in done or not node.propagates:
            continue
        done.add(node)
        if not node.is_part:
            selection.reaching.add((node.path, ".".join((*node.classes[-1:], node.name))))
            selection.reaching.update((node.path, name) for name in node.classes)
        reaching.add(node.outermost)
        waiting += users.of(node)
    return reaching


class _Users:
    """Which functions, methods and variables mention which others."""

    def __init__(self, nodes: list[CallGraphNode], read: Collection[str]) -> None:
        """`read` are the files that the nodes are from."""
        self._read = read
        self._defined = {node.outermost for node in nodes if not node.classes}
        self._methods = Counter(node.name for node in nodes if node.classes)
        self._plain = {
            (node.path, node.classes[-1], node.name)
            for node in nodes
            if node.classes and node.kind in {"function", "class"}
        }
        """By file and class: methods that create no instance, and nested classes."""
        self._users: dict[Ref, list[CallGraphNode]] = defaultdict(list)
        self._users_of_members: dict[Ref, list[tuple[str, CallGraphNode]]] = defaultdict(list)
        for node in nodes:
            for ref in node.refs:
                if isinstance(ref, Member):
                    self._users_of_members[self._resolved(ref.owner)].append((ref.attr, node))
                else:
                    self._users[self._resolved(ref)].append(node)

    def of(self, node: CallGraphNode) -> Iterator[CallGraphNode]:
        """The nodes that mention a node, so that they may run it."""
        for attr in (*node.classes[1:], node.name) if node.classes else ():
            if not self._is_common(attr):
                yield from self._users[Method(attr)]
        if not node.classes or self._is_common(node.name):
            # The users of the class stand for the callers of a method with a common name.
            for target in (node.outermost, ByName(node.outermost.name)):
                yield from self._users[target]
                for attr, user in self._users_of_members[target]:
                    if self._is_use(node, attr):
                        yield user

    def _resolved(self, ref: Ref) -> Ref:
        """A reference, by name where its module gets a name that it does not define through a star import."""
        if isinstance(ref, Global) and ref.path in self._read and ref not in self._defined:
            return ByName(ref.name)
        return ref

    def _is_common(self, name: str) -> bool:
        return self._methods[name] > MANY_DEFINITIONS or name in COMMON_SPECIAL_METHODS

    def _is_use(self, owner: CallGraphNode, attr: str) -> bool:
        """Whether code that mentions an attribute of a class or variable may run what reaches wandb."""
        if owner.kind == "variable":
            # A method that is not of the project may be one of a run.
            return self._is_common(attr) or not self._methods[attr]
        return (owner.path, owner.outermost.name, attr) not in self._plain
