"""The moment to which the evaluation of a thunk goes back: that of its creation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from wandblint.analysis.domain.timeline import Timeline
from wandblint.analysis.domain.values import Frame, Value


class Moment:
    """The objects, and the variables of some scopes, as they are when it is made."""

    def __init__(self, time: Timeline, *innermost: Frame | None) -> None:
        """Keeps the variables of these scopes and outwards, as far as functions are defined in them."""
        self._time = time
        self._created_at = time.create_thunk()
        self._scopes: dict[Frame, dict[str, Value]] = {}
        for frame in innermost:
            scope = frame
            while scope is not None and scope not in self._scopes:
                if scope.has_functions:
                    self._scopes[scope] = scope.snapshot()
                scope = scope.outer or (scope.globals if scope.globals is not scope else None)

    @contextmanager
    def resumed(self) -> Iterator[None]:
        """Goes back to the moment. The timeline must be set right where this is cut off."""
        present = {scope: scope.names for scope in self._scopes}
        for scope, names in self._scopes.items():
            scope.names = dict(names)
        try:
            with self._time.evaluation(self._created_at):
                yield
        finally:
            for scope, names in present.items():
                scope.names = names
