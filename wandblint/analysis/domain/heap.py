"""What changes while the project is run abstractly: dictionaries, lists, instances and scopes.

A write replaces the old value only where it certainly happens whenever the object exists: on the
branch that made the object. Elsewhere it adds an alternative. So the heap needs no copies at branches.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from wandblint import facts
from wandblint.analysis.domain.lattice import join_two
from wandblint.analysis.domain.values import Branch, ClassInfo, Frame, Ref, Unknown, Value
from wandblint.model.events import Init
from wandblint.span import Span
from wandblint.template import SymbolId, Template


class Range(msgspec.Struct, frozen=True):
    """The numbers that a `range` or `enumerate` counts."""

    span: Span
    first: Value
    stride: Value
    stop: Value | None = None
    """None where there is none, or none that is known."""


class ActiveLoop(msgspec.Struct, eq=False):
    """A loop that is being run."""

    node: facts.For | facts.While
    frame: Frame
    """Where it stands."""
    branch: Branch | None
    """The branch that it stands on."""
    is_unrolled: bool
    """Whether its items are known, so that each has a pass of its own."""
    depth: int
    """How many calls lead to it."""
    iterations: int = 0
    """How many passes were run."""
    opened_runs: dict[Init, None] = msgspec.field(default_factory=dict)
    """Runs that the last pass opens. The first may be told from the others: `if run is None`."""
    may_close_run: bool = False
    """Whether a pass may close a run."""
    may_close_unseen: bool = False
    """Whether code that is not seen may close it."""


class DictEntry(msgspec.Struct):
    """What a dictionary holds under one key; `span` is where the key was put in."""

    key: Value
    value: Value
    span: Span
    is_must: bool


class Dictionary(msgspec.Struct):
    """A dictionary: its entries by key. A key that is one hole makes it open."""

    allocation_branch: Branch | None
    entries: dict[Value, DictEntry] = msgspec.field(default_factory=dict)
    allocated_at: int = 0
    factory: Value | None = None
    """What makes a missing item, of a `defaultdict`."""
    is_table: bool = False
    """Whether it was written out as a literal: who looks something up in it means one of its items."""
    module: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may hold keys about which nothing is known."""
        return any(isinstance(key, Template) and key.is_open for key in self.entries)


class SequenceObject(msgspec.Struct):
    """A list, tuple, set or iterator. `rest` is what further items may be."""

    allocation_branch: Branch | None
    items: list[Value] = msgspec.field(default_factory=list)
    tail: Value | None = None
    allocated_at: int = 0
    module: str = ""


class Instance(msgspec.Struct):
    """An instance of a project class; a `symbolic` one stands for any, with attributes that are not seen."""

    allocation_branch: Branch | None
    cls: ClassInfo
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    is_symbolic: bool = False
    allocated_at: int = 0
    module: str = ""


HeapObject = Dictionary | SequenceObject | Instance


class HeapObserver(Protocol):
    """Hears of changes on the heap."""

    @property
    def current_module(self) -> str:
        """The module whose top level is being run; empty for code of the entry point."""

    def note_change(self, module: str) -> None:
        """An object that was allocated while this module was loaded is changed."""

    def mark_path_dependent(self) -> None:
        """Something is done that depends on the entry point."""


class Heap:
    """All objects, by reference.

    `born` of an object counts the objects before it; `oldest_change` is that of the oldest object to which
    a write brought something new since somebody set it back. `home` of an object is the module whose loading
    made it.
    """

    def __init__(self, observer: HeapObserver) -> None:
        self._observer = observer
        self._objects: dict[int, HeapObject] = {}
        self._partial_mappings: dict[SymbolId, Dictionary] = {}
        self._tracked: list[SymbolId] = []
        self.clock = 0
        self.allocation_time: int | None = None
        """The time at which a call was put off that is carried out now: what it makes is as old."""
        self.oldest_change = 0

    def start(self) -> None:
        """A call path begins."""
        self._tracked.clear()

    def abandon(self) -> None:
        """What this call path has seen put into unknown mappings is forgotten."""
        for origin in self._tracked:
            self._partial_mappings.pop(origin, None)

    def put(self, at: int, made: HeapObject) -> Ref:
        """Places a new object; a loop that comes back to its place starts it anew."""
        self.clock += 1
        made.allocated_at = self.clock if self.allocation_time is None else self.allocation_time
        made.module = self._observer.current_module
        self._objects[at] = made
        return Ref(at)

    def __getitem__(self, ref: Ref) -> HeapObject:
        """The object of a reference."""
        return self._objects[ref.address]

    def partial_mapping(self, value: Unknown) -> Dictionary | None:
        """What is known of an unknown mapping: the items that were put into it where that was seen."""
        return self._partial_mappings.get(value.symbol)

    def track_partial(self, value: Unknown, why: Template, span: Span, branch: Branch | None) -> Dictionary:
        """The same, made where nothing was known of the mapping yet."""
        made = self._partial_mappings.get(value.symbol)
        if made is None:
            # Whose the mapping is is not known: who is loaded now may have got it from another module.
            self._observer.mark_path_dependent()
            made = self._partial_mappings[value.symbol] = Dictionary(branch)
            self._tracked.append(value.symbol)
            self.widen(made, why, span)
        return made

    def note_change(self, made: HeapObject | None) -> None:
        """Notes that an object (None: something older than all) has something new."""
        self.oldest_change = min(self.oldest_change, 0 if made is None else made.allocated_at)
        if made is not None:
            self._observer.note_change(made.module)

    def set_attribute(self, instance: Instance, name: str, value: Value, branch: Branch | None) -> None:
        """`instance.name = value` on a branch."""
        old = instance.attributes.get(name)
        new = value if old is None or instance.allocation_branch is branch else join_two(old, value)
        if new != old:
            instance.attributes[name] = new
            self.note_change(instance)

    def set_item(
        self, target: Dictionary, key: Value, value: Value, span: Span, branch: Branch | None
    ) -> None:
        """`target[key] = value` on a branch."""
        certain = target.allocation_branch is branch
        old = target.entries.get(key)
        if old is None:
            target.entries[key] = DictEntry(key, value, span, certain)
            self.note_change(target)
            return
        new = value if certain else join_two(old.value, value)
        if new != old.value:
            old.value = new
            self.note_change(target)
        old.is_must = old.is_must or certain

    def remove_item(self, target: Dictionary, key: Value, branch: Branch | None) -> None:
        """`del target[key]`: certain only on the branch that made the dictionary."""
        entry = target.entries.get(key)
        if entry is None:
            return
        self._observer.note_change(target.module)
        if target.allocation_branch is branch:
            del target.entries[key]
        entry.is_must = False

    def widen(self, target: Dictionary, why: Template, span: Span) -> None:
        """From here on the dictionary may hold anything."""
        if not target.is_open:
            value = Unknown(SymbolId("value of", why))
            target.entries[why] = DictEntry(why, value, span, is_must=False)
            self.note_change(target)

    def append(self, target: SequenceObject, value: Value, branch: Branch | None, *, in_loop: bool) -> None:
        """`target.append(value)`. In a loop the number of items is not known."""
        if target.allocation_branch is branch and not in_loop and target.tail is None:
            target.items.append(value)
            self.note_change(target)
            return
        rest = value if target.tail is None else join_two(target.tail, value)
        if rest != target.tail:
            target.tail = rest
            self.note_change(target)
