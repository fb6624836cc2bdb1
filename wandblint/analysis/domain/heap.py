"""What changes while the project is run abstractly: dictionaries, lists, instances and scopes.

A write replaces the old value only where it certainly happens whenever the object exists: on the
branch that made the object. Elsewhere it adds an alternative. So the heap needs no copies at branches.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import Ref, Unknown, Value, join_two
from wandblint.findings.finding import Span
from wandblint.index.walk import ByKind, walk
from wandblint.model.control_flow import ControlContext, Loop
from wandblint.model.tracking_model import Init
from wandblint.template import SymbolId, Template

if TYPE_CHECKING:
    from wandblint.analysis.project.module_slices import ModuleSlice
    from wandblint.analysis.state.dependencies import ModuleInitState
    from wandblint.analysis.state.module_cache import ModuleCache


class FunctionInfo(msgspec.Struct, eq=False):
    """A function of the project: where it stands and what it belongs to."""

    path: str
    name: str
    node: facts.Function | facts.Lambda
    owner: ClassInfo | None = None
    decorators: tuple[str, ...] = ()
    """The last words of its decorators: `property`, `staticmethod`, `contextmanager`."""

    @property
    def id(self) -> tuple[str, int]:
        """Its file and where it starts there."""
        return self.path, self.node.start

    @property
    def params(self) -> list[facts.Param]:
        """Its parameters, in order."""
        return self.node.params

    @property
    def facts_by_kind(self) -> ByKind:
        """All facts of it, by their kind."""
        return _facts_by_kind(self)

    @property
    def yields(self) -> bool:
        """Whether it is a generator."""
        return _yields(self)


@cache
def _facts_by_kind(info: FunctionInfo) -> ByKind:
    return ByKind([info.node])


@cache
def _yields(info: FunctionInfo) -> bool:
    # Most functions hold none, those inside of them included.
    return any(node.kind != "await" for node in info.facts_by_kind.of(facts.Wrapped)) and (
        isinstance(info.node, facts.Function)
        and any(
            isinstance(node, facts.Wrapped) and node.kind != "await"
            for node in walk(*info.node.body, into_scopes=False)
        )
    )


class ClassInfo(msgspec.Struct, eq=False):
    """A class of the project."""

    path: str
    name: str
    node: facts.Class
    bases: list[Value] = msgspec.field(default_factory=list)
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    fields: list[str] = msgspec.field(default_factory=list)
    """Names of annotated attributes, in order: the parameters of a dataclass."""
    annotations: dict[str, facts.Expr] = msgspec.field(default_factory=dict)
    is_dataclass: bool = False
    members: dict[str, Value] = msgspec.field(default_factory=dict)
    """The members of an enumeration, by name."""

    @property
    def id(self) -> tuple[str, int]:
        """Its file and where it starts there."""
        return self.path, self.node.start


class Branch(msgspec.Struct, eq=False):
    """A stretch of code that may not run although the code before it does, perhaps under a `test`."""

    parent: Branch | None
    path: str = ""
    test: facts.Expr | None = None
    holds: bool = True
    scope: FunctionInfo | None = None
    """The function in which the test stands."""
    loop: Loop | None = None
    """The loop of which it is a pass."""
    label: str = ""
    """Which of several ways it is, where no test decides."""
    span: Span | None = None
    """Where that is, if there are several with this label."""
    is_unconditional: bool = False
    """Whether the code nearly always runs: the body of a `try`."""
    handlers: tuple[facts.Handler, ...] = ()
    """The handlers of the `try` that it is a part of."""
    control_context: ControlContext | None = None
    """The loops and conditions that lead here, once somebody asked."""


def branch_of(parent: Branch | None, frame: Frame | None, test: facts.Expr | None, *, holds: bool) -> Branch:
    """The code behind a test in a scope."""
    return Branch(
        parent, "" if frame is None else frame.path, test, holds, None if frame is None else frame.info
    )


class Frame(msgspec.Struct, eq=False):
    """The names of one call, one module or one class body."""

    path: str
    context: int
    """Identity of the call path: what is made here in one context is one object."""
    names: dict[str, Value] = msgspec.field(default_factory=dict)
    initialized: dict[str, Value] = msgspec.field(default_factory=dict)
    """Of a module: the variables of the parts that have been run."""
    pending: dict[str, ModuleSlice] = msgspec.field(default_factory=dict)
    """Of a module: the parts that nobody has needed yet, by the names that they bind."""
    outer: Frame | None = None
    info: FunctionInfo | None = None
    globals: Frame | None = None
    init_state: ModuleInitState | None = None
    """Of an imported module: what it depends on."""
    global_names: set[str] = msgspec.field(default_factory=set)
    outer_names: set[str] = msgspec.field(default_factory=set)
    returned: list[Value] = msgspec.field(default_factory=list)
    yielded: list[Value] = msgspec.field(default_factory=list)
    exits: list[list[dict[str, Value]]] = msgspec.field(default_factory=list)
    """A list a loop: the names at each `break` and `continue`."""


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


class Heap:
    """All objects, by reference.

    `born` of an object counts the objects before it; `oldest_change` is that of the oldest object to which
    a write brought something new since somebody set it back. `home` of an object is the module whose loading
    made it.
    """

    def __init__(self, sharing: ModuleCache) -> None:
        self.observer = sharing
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
        made.module = self.observer.current_deps.module
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
            self.observer.mark_path_dependent()
            made = self._partial_mappings[value.symbol] = Dictionary(branch)
            self._tracked.append(value.symbol)
            self.widen(made, why, span)
        return made

    def note_change(self, made: HeapObject | None) -> None:
        """Notes that an object (None: something older than all) has something new."""
        self.oldest_change = min(self.oldest_change, 0 if made is None else made.allocated_at)
        if made is not None:
            self.observer.note_change(made.module)

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
        self.observer.note_change(target.module)
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
