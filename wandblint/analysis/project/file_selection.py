"""Which files are read, and which names lead to wandb.

Read are the files that mention wandb, and over the import graph those that reach an interesting name
of a file that is read; others are read when a value of theirs is needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from wandblint.analysis.project.call_graph import ByName, CallGraphNode, Global, Method, Ref, nodes_of
from wandblint.analysis.project.files import ProjectFiles
from wandblint.analysis.project.import_graph import ImportGraph
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index import FileIndex
from wandblint.semantics.heuristics import COMMON_SPECIAL_METHODS
from wandblint.sources.text import digest_of

MANY_DEFINITIONS = 4
"""A method that more classes than this define says little about what `x.method()` calls: it leads to wandb
for those who name the class or hold an instance, not for everybody who calls a method of that name."""


class FileSelection(msgspec.Struct):
    """What is read, what could not be, and the names of functions and classes that lead to wandb."""

    read: dict[str, FileIndex] = msgspec.field(default_factory=dict)
    unreadable: list[str] = msgspec.field(default_factory=list)
    reaches_wandb: set[str] = msgspec.field(default_factory=set)


class CachedSelection(msgspec.Struct, array_like=True):
    """The same for the next run, where all could be read; `about` is a hash of all that it depends on."""

    fingerprint: bytes = b""
    read: list[str] = []
    reaches_wandb: list[str] = []


def methods(read: Mapping[str, FileIndex], interesting: set[str]) -> dict[str, list[tuple[str, str, int]]]:
    """The interesting methods of the classes that are read: file, class and start, by name."""
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for path, outline in read.items():
        for owner in outline.classes:
            for name, start in owner.methods:
                if name in interesting:
                    found[name].append((path, owner.name, start))
    return dict(found)


def subclasses(read: Mapping[str, FileIndex]) -> dict[str, list[tuple[str, str]]]:
    """The classes of the files that are read: file and name, by the last words of their bases."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, outline in read.items():
        for made in outline.classes:
            for word in made.bases:
                found[word].append((path, made.name))
    return dict(found)


def select_files(
    files: ProjectFiles, graph: ImportGraph, index: ModuleIndex, before: CachedSelection
) -> FileSelection:
    """Reads what matters. If nothing that tells has changed, that is what it was `before`."""
    if before.read and frozenset(files.names).issuperset(before.read):
        files.prefetch(before.read)
        with suppress(Exception):  # the long way tells over which file
            read = {name: outline for name in before.read if (outline := files.index(name)) is not None}
            if len(read) == len(before.read) and _fingerprint(files, read) == before.fingerprint:
                return FileSelection(read, [], set(before.reaches_wandb))
    return _selected(files, graph, index)


def cached_selection(files: ProjectFiles, chosen: FileSelection) -> CachedSelection:
    """What was chosen, for the next run."""
    if chosen.unreadable:
        return CachedSelection()
    return CachedSelection(_fingerprint(files, chosen.read), [*chosen.read], sorted(chosen.reaches_wandb))


def _fingerprint(files: ProjectFiles, read: Mapping[str, FileIndex]) -> bytes:
    looks = (part for name in files.names for part in (_name(name), files.public_fingerprint(name)))
    mentions = (msgspec.msgpack.encode((_name(name), outline.references)) for name, outline in read.items())
    return digest_of(*looks, *mentions)


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _selected(files: ProjectFiles, graph: ImportGraph, index: ModuleIndex) -> FileSelection:
    out = FileSelection()
    units: list[CallGraphNode] = []
    waiting = [name for name in files.names if files.mentions_wandb(name)]
    while waiting:
        files.prefetch(waiting)
        # Meanwhile other processes may be reading.
        graph.scan()
        for name in waiting:
            try:
                outline = files.index(name)
                made = [] if outline is None else list(nodes_of(name, outline.references, index))
            except Exception as error:
                # A mistake of ours over one file costs this file.
                files.report_crash(name, error)
                outline = None
            if outline is None:
                out.unreadable.append(name)
            else:
                out.read[name] = outline
                units += made
        known = {name: set[str]() for name in out.read}
        for path, name in _propagate(units, out):
            known[path].add(name)
        waiting = sorted(graph.importers_of(known).difference(out.unreadable))
    return out


def _propagate(units: list[CallGraphNode], out: FileSelection) -> set[tuple[str, str]]:
    """Closes the interesting names over who mentions whom; returns files and names of interesting globals."""
    defined = {(unit.path, unit.name) for unit in units if not unit.classes}
    methods = Counter(unit.name for unit in units if unit.classes)
    vague = {name for name, count in methods.items() if count > MANY_DEFINITIONS} | COMMON_SPECIAL_METHODS
    users: dict[Ref, list[CallGraphNode]] = defaultdict(list)
    waiting: list[CallGraphNode] = []
    for unit in units:
        if unit.reaches_wandb or any(made.path in out.unreadable for made in unit.globals):
            waiting.append(unit)
        for ref in unit.refs:
            if isinstance(ref, Global) and ref.path in out.read and (ref.path, ref.name) not in defined:
                # What is not defined where it is imported from comes there by a star import.
                users[ByName(ref.name)].append(unit)
            else:
                users[ref].append(unit)
    done: set[CallGraphNode] = set()
    found: set[tuple[str, str]] = set()
    while waiting:
        unit = waiting.pop()
        if unit in done or not unit.propagates:
            continue
        done.add(unit)
        out.reaches_wandb.update({unit.name, *unit.classes} - COMMON_SPECIAL_METHODS)
        name, *inside = (*unit.classes, unit.name)
        found.add((unit.path, name))
        for attr in inside:
            waiting += users[Method(attr)] if attr not in vague else ()
        if not inside or unit.name in vague:
            # Who calls a method of a common name is told by naming the class.
            waiting += [*users[Global(unit.path, name)], *users[ByName(name)]]
    return found
