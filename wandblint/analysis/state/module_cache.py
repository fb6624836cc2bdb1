"""Reuses the slices of modules that have run for the next entry point.

The scripts of a project import the same modules, and to run those is most of the work on a large project. A
slice is reused if it asked no query that depends on the entry point, had no effect on one that cannot be
repeated, and neither read nor changed what another slice has changed; and if the same holds for the slices
that it uses. Changes of what a slice owns are undone before the next entry point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.module_frame import ModuleFrame


class ModuleCache(msgspec.Struct):
    """The module slices that have run, and the dependencies of the code that runs now."""

    entry_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    current_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    """The same, or those of the module slice that runs now."""
    _count: int = 0
    """The number of slices that have run so far, again or for the first time."""
    _changed: dict[Dependencies, int] = msgspec.field(default_factory=dict)
    """The slices that other code has changed since this entry point began: those that use one, and that have
    run after this number of slices, may have read the change."""
    _path_dependent: set[Dependencies] = msgspec.field(default_factory=set)
    """The slices that hold for this entry point only. Among them are those that did not run to their end, and
    those with changes that cannot be undone."""
    _undo: list[Callable[[], None]] = msgspec.field(default_factory=list)
    """What undoes the changes since this entry point began."""

    def mark_path_dependent(self) -> None:
        """Records an effect, or a query, that depends on the entry point."""
        if self.current_deps.module:
            self._path_dependent.add(self.current_deps)

    @property
    def current_module(self) -> str:
        """The module whose top level is running; empty for code of the entry point."""
        return self.current_deps.module

    @property
    def current_owner(self) -> Dependencies | None:
        """The module slice that is running; None for code of the entry point."""
        return self.current_deps if self.current_deps.module else None

    def start_slice(self, module: str, part: ModuleSlice) -> Dependencies:
        """The dependencies of a module slice that starts."""
        self._count += 1
        query = ("slice", module, part.fingerprint)
        return Dependencies(module, {query: None}, part.names, part.is_eager, self._count)

    def apply(self, key: object, effect: Callable[[], object]) -> None:
        """Applies an effect on the state of the entry point.

        If a module is being loaded, each entry point that reuses it gets the effect, once for a `key`.
        """
        effect()
        if self.current_deps.module:
            self.current_deps.effects.setdefault(key, effect)

    def is_defined(self, function: FunctionId) -> bool:
        """Whether this entry point, or the loading of the module, executed the definition of a function."""
        return any(
            function in deps.defined
            for deps in self.entry_deps.transitive()
            if deps.module in {"", function[0]}
        )

    def is_path_dependent(self, slices: Iterable[Dependencies]) -> bool:
        """Whether one of the slices holds for this entry point only."""
        return not self._path_dependent.isdisjoint(slices)

    def note_change(self, owner: object) -> bool:
        """Records a change of what a module slice owns; returns whether the caller has to say how to undo it.

        An eager slice runs whenever its module is loaded: what it changes there belongs to both.
        """
        current = self.current_deps
        if not isinstance(owner, Dependencies) or owner is current:
            return False
        if current.is_eager and current.module == owner.module:
            owner.use(current)
            return False
        number = 0 if current.module else self._count
        self._changed[owner] = min(number, self._changed.get(owner, number))
        return True

    def undo_later(self, undo: Callable[[], None]) -> None:
        """Records how to undo a change before the next entry point."""
        self._undo.append(undo)

    def give_up(self, owner: Dependencies) -> None:
        """Records a change of what a module slice owns that cannot be undone."""
        self._path_dependent.add(owner)

    @contextmanager
    def running(self, deps: Dependencies) -> Iterator[None]:
        """Adds what the code depends on to `deps`: code of a module slice, perhaps in a thunk."""
        outer = self.current_deps
        self.current_deps = deps
        complete = False
        try:
            yield
            complete = True
        finally:
            self.current_deps = outer
            if deps.module and not complete:
                self._path_dependent.add(deps)

    def reusable(self, loaded: dict[str, ModuleFrame], main: str) -> dict[str, ModuleFrame]:
        """The loaded modules, with the slices that the next entry point can reuse; `main` is its script."""
        while self._undo:
            self._undo.pop()()
        states = {path: frame.init_state for path, frame in loaded.items() if frame.init_state is not None}
        dropped = set(self._path_dependent)
        if main in states:
            dropped.add(states[main].eager)
        for owner, number in self._changed.items():
            dropped.update(deps for deps in _with_users({owner}) - {owner} if deps.number > number)
        dropped = _with_users(dropped)
        self._changed.clear()
        self._path_dependent.clear()
        for deps in dropped:
            deps.unuse()
            if deps.module in states:
                loaded[deps.module].forget(deps)
        self.entry_deps = self.current_deps = Dependencies()
        return {path: loaded[path] for path, state in states.items() if state.eager not in dropped}


def _with_users(slices: set[Dependencies]) -> set[Dependencies]:
    """Slices with all those that use them, transitively."""
    found, waiting = set(slices), [*slices]
    while waiting:
        new = [deps for deps in waiting.pop().used_by if deps not in found]
        found.update(new)
        waiting += new
    return found
