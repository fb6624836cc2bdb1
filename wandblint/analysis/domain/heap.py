"""The heap: the mutable dictionaries, sequences and instances.

A write on the branch that allocated the object happens whenever the object exists, so it replaces the old
value (a strong update). On any other branch it adds an alternative (a weak update). Branches therefore need
no copy of the heap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

from wandblint.analysis.domain.heap_objects import (
    DictEntry,
    Dictionary,
    HeapObject,
    Instance,
    Past,
    SequenceObject,
    copied,
    summarize,
)
from wandblint.analysis.domain.lattice import has_news, hole_of, join, join_two, options
from wandblint.analysis.domain.timeline import Timeline
from wandblint.analysis.domain.values import MANY, Branch, Ref, Unknown, Value
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

MAX_ITEMS = 10_000
"""Items of a list, which `x = x + x` in a loop doubles again and again."""


_NO_SPAN = Span("", 0, 0)


class HeapObserver(Protocol):
    """Receives the changes of the heap."""

    @property
    def current_owner(self) -> object:
        """The module slice that is running; None for code of the entry point."""

    def note_change(self, owner: object) -> bool:
        """Records a change of what an owner has; returns whether that has to be undone."""

    def undo_later(self, undo: Callable[[], None]) -> None:
        """Records how to undo a change before the next entry point."""

    def mark_path_dependent(self) -> None:
        """Records an effect that depends on the entry point."""


class Heap:
    """All objects, by reference.

    `allocated_at` and `changed_at` of an object are moments of `time`. Where thunks were created in between,
    its former states are its `past`: what is evaluated as of an earlier moment sees the object as it was, and
    `present` leads from that state to the object. `oldest_change` is the lowest `allocated_at` of the objects
    changed since the caller last reset it.
    """

    def __init__(self, observer: HeapObserver) -> None:
        self._observer = observer
        self._objects: dict[int, HeapObject] = {}
        self._partial_mappings: dict[SymbolId, Dictionary] = {}
        self._tracked: list[SymbolId] = []
        self.time = Timeline()
        self._entry = 0
        """The number of the entry point that runs."""
        self.oldest_change = 0
        self.changes: set[object] = set()
        """The changes since the caller last reset it."""
        self.widened_before = -1
        """Where a loop reaches no fixpoint, the moment at which its last iteration starts: a change of an
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
        instance.allocated_at = instance.changed_at = self.time.tick()
        instance.owner = self._observer.current_owner
        instance.entry = self._entry
        old = self._objects.get(address)
        if old is not None and old.is_kept and old.entry == self._entry:
            summarize(old, instance)
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
        """The object of a reference, in its state at the present moment of the timeline."""
        target = self._objects[ref.address]
        if isinstance(target, SequenceObject) and target.sources:
            self._follow_sources(target)
        if target.past is not None and self.time.is_evaluation:
            now = self.time.now
            return next((state for end, state in target.past if end > now), target)
        return target

    def _follow_sources(self, target: SequenceObject) -> None:
        """Lets an iterator yield anything, too, if what it takes its items from has changed meanwhile."""
        if any(source.changed_at > target.allocated_at for source in target.sources):
            target.sources = ()
            self.havoc(target, MANY)

    def _before_change(self, target: HeapObject) -> None:
        """Keeps the present state of an object, for thunks that may read it and for the next entry point."""
        if self._observer.note_change(target.owner) and target.kept_for != self._entry:
            self._observer.undo_later(partial(_restore, target, copied(target), target.past))
            target.kept_for = self._entry
        if target.present is not None:
            self._open(target.present)
        elif target.changed_at <= self.time.last_thunk:
            state = copied(target)
            state.present = target
            target.past = [*(target.past or ()), Past(self.time.tick(), state)]
        target.changed_at = self.time.tick()

    def _open(self, target: HeapObject) -> None:
        """Lets an object hold anything, after a change of a former state of it."""
        if isinstance(target, Dictionary):
            self.widen(target, template(hole_of(MANY)), _NO_SPAN)
        elif isinstance(target, SequenceObject):
            self.havoc(target, MANY)
        else:
            for name, value in list(target.attributes.items()):
                self.set_attribute(target, name, join_two(value, MANY), None)

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
        # What a module has made was there before all loops, also if this one was the first to ask for it.
        is_own = instance is not None and instance.owner is self._observer.current_owner
        self.oldest_change = min(self.oldest_change, instance.allocated_at if instance and is_own else 0)

    def _note_new_value(self, target: HeapObject, place: object, old: Value | None, new: Value) -> None:
        """Records that a place in an object holds a new value, if that says more than the old one."""
        if has_news(old, new):
            self.note_change(target, (place, new))

    def set_attribute(self, instance: Instance, name: str, value: Value, branch: Branch | None) -> None:
        """`instance.name = value` on a branch."""
        old = instance.attributes.get(name)
        is_strong = instance.allocation_branch is branch and not instance.is_summary
        new = self.keep(value) if old is None or is_strong else join_two(old, self.keep(value))
        if new != old:
            self._before_change(instance)
            instance.attributes[name] = self._widened(instance, new)
            self._note_new_value(instance, name, old, new)

    def remove_attribute(self, instance: Instance, name: str, branch: Branch | None) -> None:
        """`del instance.name`; only the branch that allocated the instance certainly removes it."""
        if name in instance.attributes and instance.allocation_branch is branch:
            self._before_change(instance)
            del instance.attributes[name]
        self.note_change(instance)

    def set_item(
        self, target: Dictionary, key: Value, value: Value, span: Span, branch: Branch | None
    ) -> None:
        """`target[key] = value` on a branch."""
        is_must = target.allocation_branch is branch
        self._put(value, branch)
        if target.on_write is not None:
            target.on_write(key, value)
        old = target.entries.get(key)
        if old is None:
            self._before_change(target)
            target.entries[key] = DictEntry(key, self._widened(target, self.keep(value)), span, is_must)
            self.note_change(target, (key, value))
            if target.allocated_at <= self.widened_before:
                self.widen(target, template(hole_of(MANY)), span)
            return
        new = self.keep(value) if is_must and not target.is_summary else join_two(old.value, self.keep(value))
        if new != old.value:
            self._before_change(target)
            before, old.value = old.value, self._widened(target, new)
            self._note_new_value(target, key, before, new)
        if is_must and not old.is_must:
            self._before_change(target)
            old.is_must = True

    def remove_item(self, target: Dictionary, key: Value, branch: Branch | None) -> None:
        """`del target[key]`; only the branch that allocated the dictionary certainly removes the key."""
        entry = target.entries.get(key)
        if entry is None:
            return
        self._before_change(target)
        if target.allocation_branch is branch:
            del target.entries[key]
        entry.is_must = False

    def widen(self, target: Dictionary, key: Template, span: Span) -> None:
        """Makes the dictionary open: from here on it may hold any key, represented by `key`."""
        if not target.is_open:
            if target.on_write is not None:
                target.on_write(key, MANY)
            value = Unknown(SymbolId("value of", key))
            self._before_change(target)
            target.entries[key] = DictEntry(key, value, span, is_must=False)
            self.note_change(target, key)

    def widen_attributes(
        self, instance: Instance, dictionaries: Callable[[Value], Iterable[Dictionary]]
    ) -> None:
        """Makes the `dictionaries` among the attributes of an instance open, after unknown changes."""
        span = Span(instance.cls.path, instance.cls.node.start, instance.cls.node.end)
        key = template(Hole(SymbolId("changed by", span), "..."))
        widened: set[str] = set()
        # A thunk among the attributes may add attributes to the instance when it is forced.
        while added := [name for name in instance.attributes if name not in widened]:
            widened.update(added)
            for name in added:
                for dictionary in dictionaries(instance.attributes[name]):
                    self.widen(dictionary, key, span)

    def open_attributes(self, instance: Instance) -> None:
        """Lets any attribute of an instance have any value."""
        if not instance.is_open:
            self._before_change(instance)
            instance.is_open = True
            self.note_change(instance)

    def havoc(self, target: SequenceObject, value: Value | None = None) -> None:
        """Forgets the order and number of the items; `value` may be among them."""
        choices = [*target.items, *([] if target.tail is None else [target.tail])]
        choices += [] if value is None else [value]
        tail = join(choices) if choices else None
        if not target.is_unordered or target.items or tail != target.tail:
            self._before_change(target)
        target.is_unordered = True
        if tail is not None and (target.items or tail != target.tail):
            before = None if target.items else target.tail
            target.items, target.tail = [], tail
            self._note_new_value(target, "tail", before, tail)

    def replace_item(
        self, target: SequenceObject, position: int, value: Value, branch: Branch | None
    ) -> None:
        """`target[position] = value` on a branch, for an item that is there."""
        old = target.items[position]
        is_strong = target.allocation_branch is branch and not target.is_summary
        new = self.keep(value) if is_strong else join_two(old, self.keep(value))
        if new != old:
            self._before_change(target)
            target.items[position] = self._widened(target, new)
            self._note_new_value(target, position, old, new)

    def pop(self, target: SequenceObject, position: int) -> Value:
        """`target.pop(position)` on the branch that allocated the list."""
        self._before_change(target)
        self.note_change(target)
        return target.items.pop(position)

    def clear(self, target: SequenceObject) -> None:
        """`target.clear()` on the branch that allocated the list."""
        self._before_change(target)
        self.note_change(target)
        target.items, target.tail = [], None

    def append(self, target: SequenceObject, value: Value, branch: Branch | None, *, in_loop: bool) -> None:
        """`target.append(value)`. In a loop the number of items is unknown."""
        self._put(self.keep(value), branch)
        is_strong = target.allocation_branch is branch and not target.is_summary
        if len(target.items) >= MAX_ITEMS:
            self.havoc(target, MANY)
            return
        if is_strong and not in_loop and target.tail is None:
            self._before_change(target)
            target.items.append(value)
            self.note_change(target, value)
            return
        tail = value if target.tail is None else join_two(target.tail, value)
        if tail != target.tail:
            self._before_change(target)
            before, target.tail = target.tail, self._widened(target, tail)
            self._note_new_value(target, "tail", before, tail)

    def _put(self, value: Value, branch: Branch | None) -> None:
        """Notes for the instances among the alternatives on which branch a container gets them."""
        for option in options(value):
            instance = self._objects.get(option.address) if type(option) is Ref else None
            if isinstance(instance, Instance) and branch not in instance.put_on:
                instance.put_on = (*instance.put_on, branch)

    def _widened(self, target: HeapObject, value: Value) -> Value:
        """A new value as an object keeps it: its join with the unknown while a loop is widened."""
        return join_two(value, MANY) if target.allocated_at <= self.widened_before else value


def _restore(target: HeapObject, state: HeapObject, past: list[Past] | None) -> None:
    """Gives an object back the state of a copy."""
    for name in target.__struct_fields__:
        setattr(target, name, getattr(state, name))
    target.past = past
