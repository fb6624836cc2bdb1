"""What is on the heap: dictionaries, sequences and instances; and what loops count."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import NamedTuple, TypeAlias

import msgspec

from wandblint import facts
from wandblint.analysis.domain.lattice import join, join_into, join_two
from wandblint.analysis.domain.values import Branch, ClassInfo, Frame, Value
from wandblint.model.events import Init, Repeats
from wandblint.span import Span
from wandblint.template import Template


class Range(msgspec.Struct, frozen=True):
    """The numbers that a `range` or `enumerate` yields."""

    span: Span
    first: Value
    stride: Value
    stop: Value | None = None
    """None where there is no end or it is unknown."""
    is_iterator: bool = False
    """Whether a second loop goes on where the first has stopped."""


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
    max_iterations: int | None = None
    """How often it certainly repeats at most; None if that is unknown."""
    iterations: int = 0
    """The number of iterations run so far."""
    opened_runs: dict[Init, None] = msgspec.field(default_factory=dict)
    """The runs that the last iteration opens. The first iteration may differ: `if run is None`."""
    opened_before: set[Span] = msgspec.field(default_factory=set)
    """The inits of the runs that the iteration before the last one has opened."""
    may_close_run: bool = False
    """Whether an iteration may close a run."""
    may_finish_at: Span | None = None
    """What may close a run, judging by its name."""
    may_close_unseen: bool = False
    """Whether unseen code may close a run."""
    repeats: Repeats = Repeats.LOOP
    """What it repeats."""

    def start_iteration(self) -> None:
        """Begins another iteration."""
        self.iterations += 1
        self.opened_before = {init.span for init in self.opened_runs}
        self.opened_runs.clear()


class Past(NamedTuple):
    """A former state of an object, and when it ended."""

    end: int
    state: HeapObject


class DictEntry(msgspec.Struct):
    """A key of a dictionary with its value; `span` is where the code first sets the key."""

    key: Value
    value: Value
    span: Span
    is_must: bool


class _OnHeap(msgspec.Struct, kw_only=True):
    """What the heap keeps of every object."""

    entry: int = 0
    is_kept: bool = False
    """Whether another object holds it."""
    is_summary: bool = False
    """Whether it stands for several objects, so that a write adds an alternative."""
    allocated_at: int = 0
    changed_at: int = 0
    past: list[Past] | None = None
    """Its former states, the first one first."""
    present: HeapObject | None = None
    """For a former state: the object itself."""
    owner: object = None
    """The module slice that allocated it; None for the code of an entry point."""
    kept_for: int = 0
    """The number of the last entry point after which it gets back the state that its owner has left."""


class Dictionary(_OnHeap):
    """A dictionary. A key that is a single hole makes it open."""

    allocation_branch: Branch | None
    entries: dict[Value, DictEntry] = msgspec.field(default_factory=dict)
    factory: Value | None = None
    """The default factory of a `defaultdict`."""
    is_table: bool = False
    """Whether it is a literal, so that a lookup gives one of its items."""
    on_write: Callable[[Value, Value], None] | None = None
    """For a view of attributes or variables, such as `vars(x)`: sets one of them, given key and value."""

    @property
    def is_open(self) -> bool:
        """Whether it may hold any key."""
        return any(isinstance(key, Template) and key.is_open for key in self.entries)


class SequenceObject(_OnHeap):
    """A list, tuple, set or iterator. `tail` is the value of any further item."""

    allocation_branch: Branch | None
    items: list[Value] = msgspec.field(default_factory=list)
    tail: Value | None = None
    is_tuple: bool = False
    is_unordered: bool = False
    """Whether the order of the items is not known, as of a set or after sorting."""
    may_lack_items: bool = False
    """Whether code has taken out items, perhaps all: what happens to each item is not certain."""
    sources: tuple[HeapObject, ...] = ()
    """For a view or a lazy iterator: the objects whose items it yields when it is used."""
    active_runs: tuple[Value, Value] | None = None
    """For a generator that is a context manager: `wandb.run` at its `yield`, and at its end."""


class Instance(_OnHeap):
    """An instance of a project class. A symbolic one stands for any: it may have unseen attributes."""

    allocation_branch: Branch | None
    cls: ClassInfo
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    is_symbolic: bool = False
    put_on: tuple[Branch | None, ...] = ()
    """The branches on which it was put into a list or dictionary."""
    is_open: bool = False
    """Whether unseen code, or code that is not followed, may have set any attribute to anything."""


HeapObject: TypeAlias = "Dictionary | SequenceObject | Instance"


def copied(target: HeapObject) -> HeapObject:
    """An object with the present content of another one."""
    state = copy(target)
    state.past = None
    if isinstance(state, Dictionary):
        state.entries = {key: copy(entry) for key, entry in state.entries.items()}
    elif isinstance(state, SequenceObject):
        state.items = [*state.items]
    else:
        state.attributes = {**state.attributes}
    return state


def summarize(old: HeapObject, new: HeapObject) -> None:
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
