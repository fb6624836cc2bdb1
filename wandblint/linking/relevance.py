"""Which files are read, and which names lead to wandb.

Read are the files that mention wandb, and over the import graph those that reach an interesting name
of a file that is read; others are read when a value of theirs is needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from wandblint.linking.modules import Files, ImportGraph, ModuleIndex
from wandblint.linking.units import ByName, Global, Method, Ref, Unit, units_of
from wandblint.outline import Outline
from wandblint.sources.text import digest_of

MANY_DEFINITIONS = 4
"""A method that more classes than this define says little about what `x.method()` calls: it leads to wandb
for those who name the class or hold an instance, not for everybody who calls a method of that name."""


class Relevance(msgspec.Struct):
    """What is read, what could not be, and the names of functions and classes that lead to wandb."""

    read: dict[str, Outline] = msgspec.field(default_factory=dict)
    unreadable: list[str] = msgspec.field(default_factory=list)
    interesting: set[str] = msgspec.field(default_factory=set)


class Choice(msgspec.Struct, array_like=True):
    """The same for the next run, where all could be read; `about` is a hash of all that it depends on."""

    about: bytes = b""
    read: list[str] = []
    interesting: list[str] = []


def methods(read: Mapping[str, Outline], interesting: set[str]) -> dict[str, list[tuple[str, str, int]]]:
    """The interesting methods of the classes that are read: file, class and start, by name."""
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for path, outline in read.items():
        for owner in outline.classes:
            for name, start in owner.methods:
                if name in interesting:
                    found[name].append((path, owner.name, start))
    return dict(found)


def subclasses(read: Mapping[str, Outline]) -> dict[str, list[tuple[str, str]]]:
    """The classes of the files that are read: file and name, by the last words of their bases."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path, outline in read.items():
        for made in outline.classes:
            for word in made.bases:
                found[word].append((path, made.name))
    return dict(found)


def choose(files: Files, graph: ImportGraph, index: ModuleIndex, before: Choice) -> Relevance:
    """Reads what matters. If nothing that tells has changed, that is what it was `before`."""
    if before.read and frozenset(files.names).issuperset(before.read):
        files.expect(before.read)
        with suppress(Exception):  # the long way tells over which file
            read = {name: outline for name in before.read if (outline := files.outline(name)) is not None}
            if len(read) == len(before.read) and _about(files, read) == before.about:
                return Relevance(read, [], set(before.interesting))
    return _chosen(files, graph, index)


def choice(files: Files, chosen: Relevance) -> Choice:
    """What was chosen, for the next run."""
    if chosen.unreadable:
        return Choice()
    return Choice(_about(files, chosen.read), [*chosen.read], sorted(chosen.interesting))


def _about(files: Files, read: Mapping[str, Outline]) -> bytes:
    looks = (part for name in files.names for part in (_name(name), files.look(name)))
    mentions = (msgspec.msgpack.encode((_name(name), outline.mentions)) for name, outline in read.items())
    return digest_of(*looks, *mentions)


def _name(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _chosen(files: Files, graph: ImportGraph, index: ModuleIndex) -> Relevance:
    out = Relevance()
    units: list[Unit] = []
    waiting = [name for name in files.names if files.mentions_wandb(name)]
    while waiting:
        files.expect(waiting)
        # Meanwhile other processes may be reading.
        graph.scan()
        for name in waiting:
            try:
                outline = files.outline(name)
                made = [] if outline is None else list(units_of(name, outline.mentions, index))
            except Exception as error:
                # A mistake of ours over one file costs this file.
                files.crashed(name, error)
                outline = None
            if outline is None:
                out.unreadable.append(name)
            else:
                out.read[name] = outline
                units += made
        known = {name: set[str]() for name in out.read}
        for path, name in _spread(units, out):
            known[path].add(name)
        waiting = sorted(graph.reaching(known).difference(out.unreadable))
    return out


def _spread(units: list[Unit], out: Relevance) -> set[tuple[str, str]]:
    """Closes the interesting names over who mentions whom; returns files and names of interesting globals."""
    defined = {(unit.path, unit.name) for unit in units if not unit.classes}
    methods = Counter(unit.name for unit in units if unit.classes)
    vague = {name for name, count in methods.items() if count > MANY_DEFINITIONS} | _TOO_COMMON
    users: dict[Ref, list[Unit]] = defaultdict(list)
    waiting: list[Unit] = []
    for unit in units:
        if unit.reaches_wandb or any(made.path in out.unreadable for made in unit.globals):
            waiting.append(unit)
        for ref in unit.refs:
            if isinstance(ref, Global) and ref.path in out.read and (ref.path, ref.name) not in defined:
                # What is not defined where it is imported from comes there by a star import.
                users[ByName(ref.name)].append(unit)
            else:
                users[ref].append(unit)
    done: set[Unit] = set()
    found: set[tuple[str, str]] = set()
    while waiting:
        unit = waiting.pop()
        if unit in done or not unit.spreads:
            continue
        done.add(unit)
        out.interesting.update({unit.name, *unit.classes} - _TOO_COMMON)
        name, *inside = (*unit.classes, unit.name)
        found.add((unit.path, name))
        for attr in inside:
            waiting += users[Method(attr)] if attr not in vague else ()
        if not inside or unit.name in vague:
            # Who calls a method of a common name is told by naming the class.
            waiting += [*users[Global(unit.path, name)], *users[ByName(name)]]
    return found


_TOO_COMMON = frozenset(
    {"", "__init__", "__call__", "__enter__", "__exit__", "__post_init__", "__setattr__", "__getattr__"}
)
