"""Abstract values (what an expression can be, as far as it matters for wandb) and their scopes.

Values are immutable and compare by content, so that a loop can tell when an iteration brings nothing new.
What is mutable (dictionaries, lists, instances) is a reference into the `Heap`.
"""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import msgspec

from wandblint import facts
from wandblint.index.walk import ByKind, walk
from wandblint.model.control_flow import BranchKind, ControlContext, Loop
from wandblint.span import Span
from wandblint.template import SymbolId, Template

HYPOTHETICAL = "hypothetical"
"""The `library` of what a shadow run supposes in place of a variable that is always None."""


class Unknown(msgspec.Struct, frozen=True, eq=False):
    """A value that is not known. `library` is the dotted path of the library call that made it, if any."""

    symbol: SymbolId
    label: str = "..."
    """How people call it, which makes no other value of it."""
    external: str = ""

    def __eq__(self, other: object) -> bool:
        """Whether it is the same value, whatever it is called."""
        return isinstance(other, Unknown) and self.symbol == other.symbol and self.external == other.external

    def __hash__(self) -> int:
        """As equality has it."""
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
    """A dictionary, list or instance in the heap, identified by the place and call path that make it."""

    address: int


class Function(msgspec.Struct, frozen=True, eq=False):
    """A project function, perhaps bound to a receiver; `frame` is the scope that it closes over."""

    info: FunctionInfo
    receiver: Value | None = None
    frame: Frame | None = None

    def __eq__(self, other: object) -> bool:
        """Whether it is the same function of the same receiver, in whatever scope it was made."""
        return isinstance(other, Function) and self.info is other.info and self.receiver == other.receiver

    def __hash__(self) -> int:
        """As equality has it."""
        return hash((self.info, self.receiver))


class Class(msgspec.Struct, frozen=True):
    """A project class."""

    info: ClassInfo


class Member(msgspec.Struct, frozen=True):
    """A member of an enumeration whose members are not strings themselves."""

    info: ClassInfo
    name: str
    value: Value


class Module(msgspec.Struct, frozen=True):
    """A module of the project, by its file."""

    path: str


class External(msgspec.Struct, frozen=True):
    """Something outside the project, by its canonical dotted path: `wandb.init`, `os.environ`.

    `receiver` is what a library method is bound to: `dict.update` of a dictionary.
    """

    path: str
    receiver: Value | None = None


class Partial(msgspec.Struct, frozen=True):
    """`functools.partial(function, *args, **keywords)`."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


class Super(msgspec.Struct, frozen=True):
    """`super()`: the receiver, seen from behind a class."""

    receiver: Value
    after: ClassInfo


class Imported(msgspec.Struct, frozen=True):
    """A name imported from a project file, resolved when it is used."""

    path: str
    name: str


class Run(msgspec.Struct, frozen=True):
    """The run that an init site opens."""

    site: Span


class Metric(msgspec.Struct, frozen=True):
    """What `define_metric` returns: it can be the `step_metric` of another definition."""

    name: Value


class Thunk(msgspec.Struct, frozen=True):
    """The result of a call that is worked out when somebody needs it."""

    key: int


class Union(msgspec.Struct, frozen=True):
    """One of several values. Never nested, never with fewer than two."""

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
    | Super
    | Imported
    | Run
    | Metric
    | Thunk
    | Union
)


DATACLASS_FIELD = External("dataclasses.field")
"""What a `Partial` of a default factory is of."""

MANY = Unknown(SymbolId("many"))
"""One of too many values to tell apart."""


CALLERS_RUN = Unknown(SymbolId("outside run"), "wandb.run", "wandb.Run")
"""The run that a caller who is not seen may have opened."""


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
    """The loop of which it is an iteration."""
    kind: BranchKind = BranchKind.TEST
    """What decides whether it runs."""
    number: int = 0
    """Which of several branches of that kind it is."""
    text: str = ""
    """The source of the decorator, for `BranchKind.DECORATOR`."""
    span: Span | None = None
    """Where it stands, for kinds of which a file has several."""
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
    outer: Frame | None = None
    info: FunctionInfo | None = None
    globals: Frame | None = None
    global_names: set[str] = msgspec.field(default_factory=set)
    outer_names: set[str] = msgspec.field(default_factory=set)
    returned: list[Value] = msgspec.field(default_factory=list)
    yielded: list[Value] = msgspec.field(default_factory=list)
    exits: list[list[dict[str, Value]]] = msgspec.field(default_factory=list)
    """A list a loop: the names at each `break` and `continue`."""
