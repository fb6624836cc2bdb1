"""Thunks: calls that are evaluated when their result is first needed."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wandblint.analysis.domain.values import Thunk, Value
from wandblint.span import Span


class Thunks(msgspec.Struct):
    """All thunks by key, and the effects that are pending until a thunk is forced."""

    deferred: dict[int, Callable[[], Value]] = msgspec.field(default_factory=dict)
    """The computation of each thunk."""
    or_else: dict[int, Callable[[], None] | None] = msgspec.field(default_factory=dict)
    """What to do where the computation is cut off, if anything."""
    forced: dict[int, Value] = msgspec.field(default_factory=dict)
    """The values of the thunks that were forced."""
    owners: dict[int, int] = msgspec.field(default_factory=dict)
    """For an attribute of a thunk, the key of that thunk."""
    pending_effects: dict[int, list[Callable[[], Value]]] = msgspec.field(default_factory=dict)
    """The method calls to run as soon as a thunk is forced."""

    escapes: dict[int, dict[Span, Callable[[Value], None]]] = msgspec.field(default_factory=dict)
    """What happens to the value of a thunk that has escaped, by the place where it did."""

    def add(self, key: int, evaluate: Callable[[], Value], or_else: Callable[[], None] | None) -> Thunk:
        """A new thunk, which replaces an earlier one with this key."""
        self.deferred[key] = evaluate
        self.or_else[key] = or_else
        self.forced.pop(key, None)
        self.pending_effects.pop(key, None)
        self.escapes.pop(key, None)
        return Thunk(key)

    def attach(self, owner: int, call: Thunk) -> None:
        """Lets forcing the owner evaluate a call, with what is attached to it in turn."""
        work = self.deferred[call.key]
        # A later call may have replaced the thunk.
        self.pending_effects.setdefault(owner, []).append(
            lambda: call if self.deferred[call.key] is work else work()
        )

    def owner(self, thunk: Thunk) -> int:
        """The key of the thunk that an attribute belongs to; the key of any other thunk."""
        return self.owners.get(thunk.key, thunk.key)
