"""Abstract values and their scopes.

Values are immutable and compare by content, so that a loop can detect its fixpoint. A mutable object
(dictionary, list, instance) is a reference into the `Heap`.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import msgspec

from wandblint import facts
from wandblint.analysis.domain.identifiers import QualifiedName
from wandblint.index.walk import ByKind, is_yield, walk
from wandblint.model.control_flow import BranchKind, ControlContext, Loop
from wandblint.span import Span
from wandblint.template import SymbolId, Template

HYPOTHETICAL = "hypothetical"
"""The `external` of the value that a hypothetical run assumes for a variable that is always None."""

COUNTER, COMPUTED = "counter", "counted with"
"""The first parts of the symbols of counters, and of numbers that are computed from them."""


class Unknown(msgspec.Struct, frozen=True, eq=False):
    """An unknown value. `external` is the dotted path of the library call that returned it, if any."""

    symbol: SymbolId
    label: str = "..."
    """Its name for the reader, which equality ignores."""
    external: str = ""

    @property
    def is_counter(self) -> bool:
        """Whether it is an induction variable or computed from one."""
        return self.symbol.key[0] in {COUNTER, COMPUTED}

    @property
    def name(self) -> str:
        """The name of the attribute or parameter that it is; empty for other values."""
        last = self.symbol.key[-1]
        return last if isinstance(last, str) else ""

    def __eq__(self, other: object) -> bool:
        """Whether it is the same value, whatever its label."""
        return isinstance(other, Unknown) and self.symbol == other.symbol and self.external == other.external

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash((self.symbol, self.external))


class Scalar(msgspec.Struct, frozen=True):
    """A known number, bool or None. `kind` keeps `1`, `1.0` and `True` apart."""

    value: int | float | bool | None
    kind: str


def scalar(value: int | float | bool | None) -> Scalar:
    """The value of a literal."""
    return Scalar(value, type(value).__name__)


NONE = scalar(None)
TRUE = scalar(True)
FALSE = scalar(False)


class Ref(msgspec.Struct, frozen=True):
    """A dictionary, list or instance in the heap, identified by its allocation site and context."""

    address: int


class Function(msgspec.Struct, frozen=True, eq=False):
    """A project function, bound if it has a receiver.

    Each execution of its definition makes one: `frame` is the scope that it closes over, `context` the
    context of that scope then, `defaults` are the values of its parameters' defaults.
    """

    info: FunctionInfo
    receiver: Value | None = None
    frame: Frame | None = None
    context: int = 0
    defaults: tuple[tuple[str, Value], ...] = ()

    def __eq__(self, other: object) -> bool:
        """Whether it is the same function, made in the same context, of the same receiver."""
        return (
            isinstance(other, Function)
            and self.info is other.info
            and self.receiver == other.receiver
            and self.context == other.context
            and self.defaults == other.defaults
        )

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash((self.info, self.receiver, self.context))


class Class(msgspec.Struct, frozen=True):
    """A project class."""

    info: ClassInfo


class Member(msgspec.Struct, frozen=True):
    """A member of an enumeration whose members are not strings."""

    info: ClassInfo
    name: str
    value: Value


class Module(msgspec.Struct, frozen=True):
    """A module of the project, identified by its file."""

    path: str


class External(msgspec.Struct, frozen=True):
    """An external object, identified by its canonical dotted path: `wandb.init`, `os.environ`.

    `receiver` is the object that a library method is bound to: the dictionary of `dict.update`.
    """

    path: str
    receiver: Value | None = None


class Partial(msgspec.Struct, frozen=True):
    """`functools.partial(function, *args, **keywords)`."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


class Property(msgspec.Struct, frozen=True):
    """A property of a project class: its functions, None for those that it lacks."""

    getter: Value | None
    setter: Value | None = None
    deleter: Value | None = None


class Super(msgspec.Struct, frozen=True):
    """`super()`: the receiver, with attributes looked up after a class of its MRO."""

    receiver: Value
    after: ClassInfo


class Imported(msgspec.Struct, frozen=True):
    """A name imported from a project file, resolved at its first use."""

    path: str
    name: str


class Run(msgspec.Struct, frozen=True):
    """The run that the `wandb.init` at this site opens in a context: each call of a helper opens another."""

    site: Span
    context: int = 0


class Metric(msgspec.Struct, frozen=True):
    """The result of `define_metric`, which can be the `step_metric` of another definition."""

    name: Value


class Thunk(msgspec.Struct, frozen=True):
    """The result of a call that is evaluated when it is first needed."""

    key: int


class Union(msgspec.Struct, frozen=True):
    """One of several values: at least two, never nested."""

    options: tuple[Value, ...]


Value: TypeAlias = (
    Unknown
    | Template
    | Scalar
    | Ref
    | Function
    | Class
    | Member
    | Module
    | External
    | Partial
    | Property
    | Super
    | Imported
    | Run
    | Metric
    | Thunk
    | Union
)


EXIT_STACK = "contextlib.ExitStack()"
"""The path of an exit stack; its receiver is the list of what it calls at its end."""

MANY = Unknown(SymbolId("many"))
"""The top of the lattice: the join of too many values."""

CALLERS_RUN = Unknown(SymbolId("outside run"), "wandb.run", "wandb.Run")
"""The run that an unseen caller may have opened."""

CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
"""The decorators of generators that `with` runs."""


class FunctionInfo(msgspec.Struct, eq=False):
    """A function of the project."""

    path: str
    name: str
    node: facts.FunctionDef | facts.Lambda
    owner: ClassInfo | None = None
    decorators: tuple[str, ...] = ()
    """The last words of its decorators: `property`, `staticmethod`, `contextmanager`."""

    @property
    def id(self) -> tuple[str, int]:
        """Its file and its start in that file."""
        return self.path, self.node.start

    @property
    def qualified_name(self) -> QualifiedName:
        """Its file, and `name` or `Class.name`."""
        return self.path, self.name if self.owner is None else f"{self.owner.name}.{self.name}"

    @property
    def params(self) -> list[facts.Param]:
        """Its parameters, in order."""
        return self.node.params

    @property
    def facts_by_kind(self) -> ByKind:
        """All its facts, by kind."""
        return _facts_by_kind(self)

    @property
    def identifiers(self) -> frozenset[str]:
        """Every name, attribute and parameter in it."""
        return _identifiers(self)

    @property
    def yields(self) -> bool:
        """Whether it is a generator."""
        return _yields(self)

    @property
    def is_lazy(self) -> bool:
        """Whether its code runs when its items are used: that of a context manager runs at the `with`."""
        return self.yields and CONTEXT_MANAGERS.isdisjoint(self.decorators)


@cache
def _facts_by_kind(info: FunctionInfo) -> ByKind:
    return ByKind([info.node])


@cache
def _identifiers(info: FunctionInfo) -> frozenset[str]:
    return frozenset(info.facts_by_kind.identifiers())


@cache
def _yields(info: FunctionInfo) -> bool:
    # The cheap test first: most functions contain no `yield`, nested functions included.
    return any(map(is_yield, info.facts_by_kind.of(facts.Wrapped))) and (
        isinstance(info.node, facts.FunctionDef)
        and any(map(is_yield, walk(*info.node.body, into_scopes=False)))
    )


class ClassInfo(msgspec.Struct, eq=False):
    """A class of the project."""

    path: str
    name: str
    node: facts.ClassDef
    bases: list[Value] = msgspec.field(default_factory=list)
    attributes: dict[str, Value] = msgspec.field(default_factory=dict)
    fields: list[str] = msgspec.field(default_factory=list)
    """The annotated attributes, in order: the parameters of a dataclass."""
    annotations: dict[str, facts.Expr] = msgspec.field(default_factory=dict)
    is_dataclass: bool = False
    members: dict[str, Value] = msgspec.field(default_factory=dict)
    """The members of an enumeration, by name."""
    metaclass: ClassInfo | None = None
    """Its metaclass, if that is a class of the project."""
    subclasses: dict[ClassInfo, None] = msgspec.field(default_factory=dict)
    """The classes that have, or had, it among their bases."""
    mro: tuple[ClassInfo, ...] = ()
    """What `classes.mro` returns; empty until it is first asked for."""
    owner: object = None
    """The module slice that has defined it; None for the code of an entry point."""

    @property
    def id(self) -> tuple[str, int]:
        """Its file and its start in that file."""
        return self.path, self.node.start


class Branch(msgspec.Struct, eq=False):
    """Code that may not run although the code before it does, perhaps because of a `test`."""

    parent: Branch | None
    path: str = ""
    test: facts.Expr | None = None
    holds: bool = True
    scope: FunctionInfo | None = None
    """The function that contains the test."""
    frame: Frame | None = None
    """The scope in which the test is evaluated."""
    loop: Loop | None = None
    """The loop whose iteration it is."""
    kind: BranchKind = BranchKind.ALTERNATIVE
    """What decides whether it runs, if no test does."""
    number: int = 0
    """Distinguishes several branches of that kind."""
    text: str = ""
    """The decorator, for `BranchKind.DECORATOR`."""
    span: Span | None = None
    """Its location, for kinds that a file may have several of."""
    carried: tuple[Branch | None, ...] = ()
    """The branches on which the receiver was made and put into a container, for `BranchKind.ELEMENT`."""
    is_taken_once: bool = False
    """Whether a single iteration of a loop may take it: it ends the loop, or a counter selects it."""
    is_unconditional: bool = False
    """Whether the code nearly always runs: the body of a `try`."""
    handlers: tuple[facts.Handler, ...] = ()
    """The handlers of the `try` that contains it."""
    control_context: ControlContext | None = None
    """The loops and conditions around it, computed on first use."""


def branch_of(parent: Branch | None, frame: Frame | None, test: facts.Expr | None, *, holds: bool) -> Branch:
    """The branch that a test in a scope guards."""
    return Branch(
        parent, "" if frame is None else frame.path, test, holds, None if frame is None else frame.info, frame
    )


class LoopExits(msgspec.Struct):
    """The names at each `break` and each `continue` of an iteration."""

    breaks: list[dict[str, Value]] = msgspec.field(default_factory=list)
    continues: list[dict[str, Value]] = msgspec.field(default_factory=list)


class Frame(msgspec.Struct, eq=False):
    """The scope of a call, a module or a class body."""

    path: str
    context: int
    """Identifies the call stack: one allocation site makes one object per context."""
    names: dict[str, Value] = msgspec.field(default_factory=dict)
    outer: Frame | None = None
    info: FunctionInfo | None = None
    globals: Frame | None = None
    global_names: set[str] = msgspec.field(default_factory=set)
    outer_names: set[str] = msgspec.field(default_factory=set)
    returned: list[Value] = msgspec.field(default_factory=list)
    yielded: list[Value] = msgspec.field(default_factory=list)
    run_at_yield: Value | None = None
    """What `wandb.run` is at the `yield` of a context manager."""
    exits: list[LoopExits] = msgspec.field(default_factory=list)
    """For each active loop."""
    has_functions: bool = False
    """Whether functions were defined in it: they read its variables when they are called."""
    _snapshot: dict[str, Value] | None = None

    def snapshot(self) -> dict[str, Value]:
        """The names as they are now, in a dictionary that nobody changes; equal ones share it."""
        if self._snapshot != self.names:
            self._snapshot = dict(self.names)
        return self._snapshot

    @property
    def function(self) -> FunctionInfo | None:
        """The function whose code it runs; a comprehension belongs to the function around it."""
        scope: Frame | None = self
        while scope is not None and scope.info is None and scope is not scope.globals:
            scope = scope.outer
        return None if scope is None else scope.info

    def span(self, node: facts.Node) -> Span:
        """The span of a node in the file of this scope."""
        return Span(self.path, node.start, node.end)
