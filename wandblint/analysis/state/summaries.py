"""Properties of functions, loops and files that are computed once and used at every call."""

from __future__ import annotations

import enum

import msgspec

from wandblint import facts
from wandblint.analysis.domain.heap_objects import Range
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.index.assignments import Assignments
from wandblint.index.definitions import Definitions
from wandblint.model.step_values import InductionVariable
from wandblint.span import Span
from wandblint.template import SymbolId


class SideEffect(enum.IntEnum):
    """Which objects a function may change."""

    NONE = 0
    """Only those that it allocates."""
    ARGUMENTS = 1
    """Its arguments, the receiver, and objects that these contain."""
    ANY = 2
    """Any object."""


class FunctionSummary(msgspec.Struct, eq=False):
    """What a function, with those of its file that it calls, mentions and may change, without running it."""

    code: tuple[FunctionInfo, ...]
    """The function first, then those of its file that it may call, transitively."""
    names: frozenset[str]
    """Every name, attribute and parameter in the code."""
    assigned: frozenset[str]
    """The attributes that the code assigns."""
    calls: dict[FunctionInfo, tuple[tuple[str, str], ...]]
    """By function: the calls `name()` and `name.attribute()`; the attribute may be empty."""
    passed_to: frozenset[str]
    """The names through which the code gives something to other code: `f(x)`, `module.f(x)`, `x.f()`."""
    side_effect: SideEffect


class Summaries(msgspec.Struct):
    """Properties that depend only on the code, by function, file or loop."""

    process_starts: dict[FunctionInfo, tuple[int, int, bool] | None] = msgspec.field(default_factory=dict)
    """Where a function starts processes or checks the rank: start, end, whether it certainly starts any."""
    consecutive_calls: dict[FunctionInfo | str, dict[Span, Span]] = msgspec.field(default_factory=dict)
    """By function or file: each call that follows others of its kind in a block, with the first of them."""
    functions: dict[FunctionInfo, FunctionSummary] = msgspec.field(default_factory=dict)
    own_side_effects: dict[FunctionInfo, SideEffect] = msgspec.field(default_factory=dict)
    """What the body of a function may change, apart from what it calls."""
    constructor_effects: dict[FunctionInfo, SideEffect] = msgspec.field(default_factory=dict)
    """The same for a constructor, whose receiver is a new object."""
    mentions_wandb: dict[FunctionInfo, bool] = msgspec.field(default_factory=dict)
    """Whether the body of a function mentions what reaches wandb."""
    loop_assignments: dict[int, tuple[list[str], set[str]]] = msgspec.field(default_factory=dict)
    """By the identity of a loop's body: the names that it assigns, and those that it only adds to."""
    assignments: dict[tuple[str, int | None], Assignments] = msgspec.field(default_factory=dict)
    """What a function, a class with all inside it, or (None) a module assigns, by file and start."""
    assigned_values: dict[str | tuple[str, int], dict[str, list[facts.Expr]]] = msgspec.field(
        default_factory=dict
    )
    """What the top level of a module, or a function with the class around it, assigns to each name."""
    definitions: dict[str, Definitions] = msgspec.field(default_factory=dict)
    """By file: the functions that its names may stand for."""
    loop_variants: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """By file: the names and attributes that its loops assign."""
    exclusive_options: dict[str, frozenset[str]] = msgspec.field(default_factory=dict)
    """By file: the options of a command line of which only one of a group may be given."""
    loop_bodies: dict[str, tuple[list[int], list[int]]] = msgspec.field(default_factory=dict)
    """By file: where the bodies of its outermost loops start and end."""
    selecting_tests: dict[tuple[str, int, int, bool], bool] = msgspec.field(default_factory=dict)
    """By file, start, end and outcome of a test: whether it may let a single iteration through."""
    groupless_tests: dict[tuple[str, int, int, bool], bool] = msgspec.field(default_factory=dict)
    """By the same: whether a rank check has this outcome on every process while no process group exists."""
    node_rank_tests: dict[tuple[str, int, int], bool] = msgspec.field(default_factory=dict)
    """By file, start and end of a rank check: whether it asks for the rank within the node only."""


class InductionState(msgspec.Struct):
    """The induction variables found so far."""

    ranges: dict[int, Range] = msgspec.field(default_factory=dict)
    """Each `range` and `enumerate`, by the number of its induction variable."""
    variables: dict[SymbolId, InductionVariable] = msgspec.field(default_factory=dict)
    """By the symbol of the unknown value."""
