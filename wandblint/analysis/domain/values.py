"""What an expression can be, as far as it matters for wandb.

Values are immutable and compare by content, so that a loop can tell when nothing new comes. What is
mutable (dictionaries, lists, instances) is a reference into the `Heap`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import msgspec

from wandblint.findings.finding import Span
from wandblint.template import Hole, ProvenanceStep, SymbolId, Template, TemplatePart, template

if TYPE_CHECKING:
    from wandblint.analysis.domain.heap import ClassInfo, Frame, FunctionInfo

Key = TypeVar("Key")

MAX_ALTERNATIVES = 48
"""More alternatives than this are no longer told apart: the value becomes unknown. Real projects have
a handful of stages, metrics and namespaces; 48 leaves room for a long literal list."""

MAX_PARTS, MAX_LENGTH = 64, 10_000
"""Pieces and characters of a string that is put together. A longer one is no key, and what doubles
itself over and over would fill the memory: it becomes unknown."""

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


def options(value: Value) -> tuple[Value, ...]:
    """The alternatives of a value."""
    return value.options if type(value) is Union else (value,)


def has_thunk(value: Value) -> bool:
    """Whether some alternative is still to be worked out."""
    kind = type(value)
    return kind is Thunk or (kind is Union and any(type(option) is Thunk for option in options(value)))


def join_two(left: Value, right: Value) -> Value:
    """One of two values, as `join` has it, which most often is one that is there."""
    if left is right or (left == right if type(left) is not Union else right in left.options):
        return left
    return join((left, right))


def join(values: Iterable[Value]) -> Value:
    """One of the values, in the order of first appearance: joining in what is there changes nothing.

    Raises ValueError where there are no values.
    """
    given = tuple(values)
    if given and all(value is given[0] for value in given):
        return given[0]
    found: dict[Value, None] = {}
    for value in given:
        for option in options(value):
            found.setdefault(option)
    if not found:
        raise ValueError("a join needs at least one value")
    if len(found) == 1:
        return next(iter(found))
    if len(found) > MAX_ALTERNATIVES or MANY in found:
        # What it is must not depend on which alternatives came last, or a loop would never settle.
        return MANY
    return Union(tuple(found))


def join_into(table: dict[Key, Value], key: Key, value: Value) -> None:
    """One thing more that may stand under a key."""
    known = table.get(key)
    table[key] = value if known is None else join_two(known, value)


def all_items(items: Iterable[Value], rest: Value | None) -> list[Value]:
    """All that an iteration over known items, and further ones, can meet."""
    return [*items, *(() if rest is None else (rest,))]


def hole_of(value: Value) -> Hole:
    """The hole that an unknown value leaves in a string."""
    if isinstance(value, Unknown):
        return Hole(value.symbol, value.label)
    return Hole(SymbolId("value", value))


def as_template(value: Value) -> Template:
    """How one alternative reads inside a string, as `str()` would write it."""
    if isinstance(value, Template):
        return value
    if isinstance(value, Scalar):
        return template(str(value.value))
    if isinstance(value, Member):
        return template(f"{value.info.name}.{value.name}")
    return template(hole_of(value))


def concatenate(pieces: Iterable[Value], span: Span | None) -> Value:
    """The strings that the pieces make when written one after the other, over all their alternatives."""
    products: list[tuple[tuple[TemplatePart, ...], tuple[ProvenanceStep, ...]]] = [((), ())]
    for piece in pieces:
        choices = [as_template(option) for option in options(piece)]
        if len(products) * len(choices) > MAX_ALTERNATIVES:
            choices = [template(hole_of(MANY))]
        products = [
            (_bounded(parts + choice.parts), trail + choice.provenance)
            for parts, trail in products
            for choice in choices
        ]
    return join(Template(parts, span, _unique_steps(trail)) for parts, trail in products)


def _bounded(parts: tuple[TemplatePart, ...]) -> tuple[TemplatePart, ...]:
    """The parts, neighbouring literals merged; one hole in place of too many."""
    parts = template(*parts).parts
    length = sum(len(part) for part in parts if isinstance(part, str))
    return (hole_of(MANY),) if len(parts) > MAX_PARTS or length > MAX_LENGTH else parts


def _unique_steps(trail: tuple[ProvenanceStep, ...]) -> tuple[ProvenanceStep, ...]:
    return tuple(dict.fromkeys(trail)) if trail else trail


def strings(value: Value) -> Iterator[Template]:
    """The alternatives that are strings, an unknown one as a string of one hole."""
    for option in options(value):
        if isinstance(option, Template):
            yield option
        elif isinstance(option, Unknown):
            yield template(hole_of(option))
