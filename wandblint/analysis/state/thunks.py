"""Calls whose evaluation waits until somebody needs the result."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wandblint.analysis.domain.values import Thunk, Value


class Thunks(msgspec.Struct):
    """All thunks by their keys, and the effects that wait for them."""

    deferred: dict[int, Callable[[], Value]] = msgspec.field(default_factory=dict)
    """What evaluates each thunk."""
    forced: dict[int, Value] = msgspec.field(default_factory=dict)
    """The values of the thunks that were evaluated."""
    owners: dict[int, int] = msgspec.field(default_factory=dict)
    """For a thunk that is an attribute of another thunk: that one's key."""
    pending_effects: dict[int, list[Callable[[], Value]]] = msgspec.field(default_factory=dict)
    """Method calls on thunks that run as soon as the thunk is forced."""

    def add(self, key: int, evaluate: Callable[[], Value]) -> Thunk:
        """A new thunk under this key, which replaces an earlier one."""
        self.deferred[key] = evaluate
        self.forced.pop(key, None)
        self.pending_effects.pop(key, None)
        return Thunk(key)

    def owner(self, thunk: Thunk) -> int:
        """The key of the thunk that an attribute belongs to; its own key where it is no attribute."""
        return self.owners.get(thunk.key, thunk.key)
