"""How the parts of the interpreter call each other without importing each other.

Generic over the interpreter, whose module imports this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import ActiveLoop
from wandblint.analysis.domain.values import ClassInfo, External, Frame, FunctionInfo, Unknown, Value
from wandblint.span import Span

M = TypeVar("M")


class Observers(msgspec.Struct, Generic[M]):
    """The callbacks of the part that knows wandb (`tracking/`)."""

    function_called: Callable[[M, FunctionInfo, Span], None]
    method_of_unknown_called: Callable[[M, Unknown, Arguments, Frame, Span], bool]
    """Returns whether it treats the call as one on a run."""
    attribute_read: Callable[[M, facts.Attr, Value, Frame], None]
    item_read: Callable[[M, Value, Value, Frame, Span], None]
    """An item of something of a library is read."""
    called: Callable[[M, Value, Arguments, Frame, Span], None]
    external_called: Callable[[M, str, Arguments, Span], None]
    """An external function without a handler is called, given its canonical name."""
    imported: Callable[[M, facts.Import | facts.ImportFrom, Frame], None]
    if_decided: Callable[[M, facts.If, Frame], Callable[[bool], None] | None]
    """The test of an `if` is decided. Returns a callback for the end of the body: did that reach wandb?"""
    context_left: Callable[[M, Value, Frame, Span], None]
    attribute_assigned: Callable[[M, Value, str, Value, Frame, Span], None]
    """An attribute of a run, or of something of a library, gets a value."""
    item_assigned: Callable[[M, Value, Value, Value, Frame, Span], None]
    """An item of something of a library gets a value."""
    loop_left: Callable[[M, ActiveLoop], None]


class Dispatch(msgspec.Struct, Generic[M]):
    """The parts of the interpreter that call each other, and the handlers by canonical name.

    `driver/dispatch_table.py` ties them together.
    """

    evaluators: dict[type[facts.Node], Callable[[M, Any, Frame], Value]]
    executors: dict[type[facts.Node], Callable[[M, Any, Frame], bool]]
    call: Callable[[M, Value, Arguments, Frame, Span], Value]
    attribute: Callable[[M, Value, str, Frame, Span], Value]
    escape: Callable[[M, Iterable[Value], Span], None]
    """Lets values escape to code about which nothing is known."""
    keep: Callable[[M, Iterable[Value], Span], None]
    """Lets values escape to an unknown object that keeps them; what it keeps does not change."""
    open_field: Callable[[M, ClassInfo, str], Value]
    handlers: dict[str, Callable[[M, Arguments, Frame, Span], Value]]
    """By canonical name: `builtins.zip`, `jax.jit`."""
    handlers_by_last_word: dict[str, Callable[[M, Arguments, Frame, Span], Value]]
    """For functions that many packages have under one name: `tqdm`."""
    function_wrappers: frozenset[str]
    """Canonical names of the decorators of libraries that have a handler."""
    namespaces: dict[str, Callable[[M, External, Arguments, Frame, Span], Value]]
    """By top-level package, for all that it contains: `wandb`."""
    observers: Observers[M]
