"""The heap: the mutable dictionaries, sequences and instances.

A write on the branch that allocated the object happens whenever the object exists, so it replaces the old
value (a strong update). On any other branch it adds an alternative (a weak update). Branches therefore need
no copy of the heap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from wandblint import facts
from wandblint.analysis.domain.lattice import hole_of, join, join_into, join_two, options
from wandblint.analysis.domain.values import MANY, Branch, ClassInfo, Frame, Ref, Unknown, Value
from wandblint.model.events import Init
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template

MAX_ITEMS = 10_000
"""Items of a list, which `x = x + x` in a loop doubles again and again."""


class Range(msgspec.Struct, frozen=True):
    """The numbers that a `range` or `enumerate` yields."""

    span: Span
    first: Value
    stride: Value
    stop: Value | None = None
    """None where there is no end or it is unknown."""


class ActiveLoop(msgspec.Struct, eq=False):
    """A loop that the interpreter is running."""

    node: facts.For | facts.While
    frame: Frame
    """The scope that contains it."""
    branch: Branch | None
    is_unrolled: bool
    """Whether its items are known, so that each gets its own iteration."""
    depth: int
    """The size of the call stack at the loop."""
    iterations: int = 0
    """The number of iterations run so far."""
    opened_runs: dict[Init, None] = msgspec.field(default_factory=dict)
    """The runs that the last iteration opens. The first iteration may differ: `if run is None`."""
    may_close_run: bool = False
    """Whether an iteration may close a run."""
    may_close_unseen: bool = False
    """Whether unseen code may close a run."""


class DictEntry(msgspec.Struct):
    """A key of a dictionary with its value; `span` is where the code first sets the key."""

    key: Value
    value: Value
    span: Span
    is_must: bool


class Dictionary(msgspec.Struct):
    """A dictionary. A key that is a single hole makes it open."""

    allocation_branch: Branch | None
    entries: dict[Value, DictEntry] = msgspec.field(default_factory=dict)
    entry: int = 0
    is_kept: bool = False
    """Whether another object holds it."""
    is_summary: bool = False
    """Whether it stands for several objects, so that a write adds an alternative."""
    allocated_at: int = 0
    factory: Value | None = None
    """The default factory of a `defaultdict`."""
    is_table: bool = False
    """Whether it is a literal, so that a lookup gives one of its items."""
    on_write: Callable[[Value, Value], None] | None = None
    """For a view of attributes or variables, such as `vars(x)`: sets one of them, given key and value."""
    module: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may hold any key."""
        return any(isinstance(key, Template) and key.is_open for key in self.entries)


class SequenceObject(msgspec.Struct):
    """A list, tuple, set or iterator. `tail` is the value of any further item."""

    allocation_branch: Branch | None
    items: list[Value] = msgspec.field(default_factory=list)
    tail: Value | None = None
    is_tuple: bool = False
    is_unordered: bool = False
    """Whether the order of the items is not known, as of a set or after sorting."""
    active_runs: tuple[Value, Value] | None = None
    """For a generator that is a context manager: `wandb.run` at its `yield`, and at its end."""
    entry: int = 0
    is_kept: bool = False
    """Whether another object holds it."""
    is_summary: bool = False
    """Whether it stands for several objects, so that a write adds an alternative."""
    allocated_at: int = 0
    module: str = ""


class Instance(msgspec.Struct):
    """An instance of a project class. A symbolic one stands for any: it may have unseen attributes."""

    allocation_branch: Branch | None
    cls: ClassInfo
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    is_symbolic: bool = False
    is_open: bool = False
    """Whether unseen code, or code that is not followed, may have set any attribute to anything."""
    entry: int = 0
    is_kept: bool = False
    """Whether another object holds it."""
    is_summary: bool = False
    """Whether it stands for several objects, so that a write adds an alternative."""
    allocated_at: int = 0
    module: str = ""


HeapObject = Dictionary | SequenceObject | Instance


def _summarize(old: HeapObject, new: HeapObject) -> None:
    """Lets a new object stand for the old one, too, which another object still holds."""
    new.is_kept = new.is_summary = True
    if isinstance(old, Dictionary) and isinstance(new, Dictionary):
        for key, entry in old.entries.items():
            new.entries.setdefault(key, DictEntry(key, entry.value, entry.span, is_must=False))
    elif isinstance(old, Instance) and isinstance(new, Instance):
        for name, value in old.attributes.items():
            join_into(new.attributes, name, value)
        new.is_open |= old.is_open
    elif isinstance(old, SequenceObject) and isinstance(new, SequenceObject):
        if len(old.items) == len(new.items) and old.tail is None and new.tail is None:
            new.items = [join_two(*pair) for pair in zip(old.items, new.items, strict=True)]
        else:
            choices = [*old.items, *new.items, *(tail for tail in (old.tail, new.tail) if tail is not None)]
            new.items, new.tail = [], join(choices) if choices else None


class HeapObserver(Protocol):
    """Receives the changes of the heap."""

    @property
    def current_module(self) -> str:
        """The module whose top level is running; empty for code of the entry point."""

    def note_change(self, module: str) -> None:
        """Records a change of an object that the loading of `module` allocated."""

    def mark_path_dependent(self) -> None:
        """Records an effect that depends on the entry point."""


class Heap:
    """All objects, by reference.

    `allocated_at` of an object is the value of `clock` at its allocation; `module` is the module whose
    loading allocated it. `oldest_change` is the lowest `allocated_at` of the objects changed since the caller
    last reset it.
    """

    def __init__(self, observer: HeapObserver) -> None:
        self._observer = observer
        self._objects: dict[int, HeapObject] = {}
        self._partial_mappings: dict[SymbolId, Dictionary] = {}
        self._tracked: list[SymbolId] = []
        self.clock = 0
        self._entry = 0
        """The number of the entry point that runs."""
        self.allocation_time: int | None = None
        """While a thunk is evaluated, the `clock` at its creation: what it allocates is that old."""
        self.oldest_change = 0
        self.changes: set[object] = set()
        """The changes since the caller last reset it."""
        self.widened_before = -1
        """Where a loop reaches no fixpoint, the `clock` at the start of its last iteration: a change of an
        object that is older makes it unknown."""

    def start(self) -> None:
        """Starts an entry point."""
        self._entry += 1
        self._tracked.clear()

    def abandon(self) -> None:
        """Drops the partial mappings that this entry point has tracked."""
        for symbol in self._tracked:
            self._partial_mappings.pop(symbol, None)

    def put(self, address: int, instance: HeapObject) -> Ref:
        """Allocates an object; it replaces the one that an earlier iteration has put at this address."""
        self.clock += 1
        instance.allocated_at = self.clock if self.allocation_time is None else self.allocation_time
        instance.module = self._observer.current_module
        instance.entry = self._entry
        old = self._objects.get(address)
        if old is not None and old.is_kept and old.entry == self._entry:
            _summarize(old, instance)
        self._objects[address] = instance
        return Ref(address)

    def sequence(self, branch: Branch | None, items: Sequence[Value], tail: Value | None) -> SequenceObject:
        """A list that is not allocated yet; more than `MAX_ITEMS` items are joined into an unknown tail."""
        if len(items) > MAX_ITEMS:
            items, tail = (), MANY
        for item in (*items, *(() if tail is None else (tail,))):
            self.keep(item)
        return SequenceObject(branch, list(items), tail)

    def keep(self, value: Value) -> Value:
        """Records that an object holds a value, and returns that value."""
        for option in options(value):
            if type(option) is Ref and option.address in self._objects:
                self._objects[option.address].is_kept = True
        return value

    def __getitem__(self, ref: Ref) -> HeapObject:
        """The object of a reference."""
        return self._objects[ref.address]

    def partial_mapping(self, value: Unknown) -> Dictionary | None:
        """The items that code has put into an unknown mapping; None where it has put none."""
        return self._partial_mappings.get(value.symbol)

    def track_partial(self, value: Unknown, key: Template, span: Span, branch: Branch | None) -> Dictionary:
        """The same; where there is none yet, a new one that is open under `key`."""
        mapping = self._partial_mappings.get(value.symbol)
        if mapping is None:
            # The mapping may belong to another module than the one that is being loaded.
            self._observer.mark_path_dependent()
            mapping = self._partial_mappings[value.symbol] = Dictionary(branch)
            self._tracked.append(value.symbol)
            self.widen(mapping, key, span)
        return mapping

    def note_change(self, instance: HeapObject | None, what: object = None) -> None:
        """Records that an object (None: something older than all objects) holds a new value.

        `what` tells changes apart, so that a loop sees that an iteration brings nothing but what one did.
        """
        self.changes.add((type(instance), what))
        self.oldest_change = min(self.oldest_change, 0 if instance is None else instance.allocated_at)
        if instance is not None:
            self._observer.note_change(instance.module)

    def set_attribute(self, instance: Instance, name: str, value: Value, branch: Branch | None) -> None:
        """`instance.name = value` on a branch."""
        old = instance.attributes.get(name)
        is_strong = instance.allocation_branch is branch and not instance.is_summary
        new = self.keep(value) if old is None or is_strong else join_two(old, self.keep(value))
        if new != old:
            instance.attributes[name] = self._widened(instance, new)
            self.note_change(instance, (name, new))

    def remove_attribute(self, instance: Instance, name: str, branch: Branch | None) -> None:
        """`del instance.name`; only the branch that allocated the instance certainly removes it."""
        if name in instance.attributes and instance.allocation_branch is branch:
            del instance.attributes[name]
        self.note_change(instance)

    def set_item(
        self, target: Dictionary, key: Value, value: Value, span: Span, branch: Branch | None
    ) -> None:
        """`target[key] = value` on a branch."""
        is_must = target.allocation_branch is branch
        if target.on_write is not None:
            target.on_write(key, value)
        old = target.entries.get(key)
        if old is None:
            target.entries[key] = DictEntry(key, self._widened(target, self.keep(value)), span, is_must)
            self.note_change(target, (key, value))
            if target.allocated_at <= self.widened_before:
                self.widen(target, template(hole_of(MANY)), span)
            return
        new = self.keep(value) if is_must and not target.is_summary else join_two(old.value, self.keep(value))
        if new != old.value:
            old.value = self._widened(target, new)
            self.note_change(target, (key, new))
        old.is_must = old.is_must or is_must

    def remove_item(self, target: Dictionary, key: Value, branch: Branch | None) -> None:
        """`del target[key]`; only the branch that allocated the dictionary certainly removes the key."""
        entry = target.entries.get(key)
        if entry is None:
            return
        self._observer.note_change(target.module)
        if target.allocation_branch is branch:
            del target.entries[key]
        entry.is_must = False

    def widen(self, target: Dictionary, key: Template, span: Span) -> None:
        """Makes the dictionary open: from here on it may hold any key, represented by `key`."""
        if not target.is_open:
            if target.on_write is not None:
                target.on_write(key, MANY)
            value = Unknown(SymbolId("value of", key))
            target.entries[key] = DictEntry(key, value, span, is_must=False)
            self.note_change(target, key)

    def havoc(self, target: SequenceObject, value: Value | None = None) -> None:
        """Forgets the order and number of the items; `value` may be among them."""
        choices = [*target.items, *([] if target.tail is None else [target.tail])]
        choices += [] if value is None else [value]
        tail = join(choices) if choices else None
        target.is_unordered = True
        if target.items or tail != target.tail:
            target.items, target.tail = [], tail
            self.note_change(target, tail)

    def replace_item(
        self, target: SequenceObject, position: int, value: Value, branch: Branch | None
    ) -> None:
        """`target[position] = value` on a branch, for an item that is there."""
        old = target.items[position]
        is_strong = target.allocation_branch is branch and not target.is_summary
        new = self.keep(value) if is_strong else join_two(old, self.keep(value))
        if new != old:
            target.items[position] = self._widened(target, new)
            self.note_change(target, (position, new))

    def pop(self, target: SequenceObject, position: int) -> Value:
        """`target.pop(position)` on the branch that allocated the list."""
        self.note_change(target)
        return target.items.pop(position)

    def clear(self, target: SequenceObject) -> None:
        """`target.clear()` on the branch that allocated the list."""
        self.note_change(target)
        target.items, target.tail = [], None

    def append(self, target: SequenceObject, value: Value, branch: Branch | None, *, in_loop: bool) -> None:
        """`target.append(value)`. In a loop the number of items is unknown."""
        self.keep(value)
        is_strong = target.allocation_branch is branch and not target.is_summary
        if len(target.items) >= MAX_ITEMS:
            self.havoc(target, MANY)
            return
        if is_strong and not in_loop and target.tail is None:
            target.items.append(value)
            self.note_change(target, value)
            return
        tail = value if target.tail is None else join_two(target.tail, value)
        if tail != target.tail:
            target.tail = self._widened(target, tail)
            self.note_change(target, tail)

    def _widened(self, target: HeapObject, value: Value) -> Value:
        """A new value as an object keeps it: its join with the unknown while a loop is widened."""
        return join_two(value, MANY) if target.allocated_at <= self.widened_before else value
