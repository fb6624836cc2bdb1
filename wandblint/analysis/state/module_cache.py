"""Reuses loaded modules for the next entry point.

The scripts of a project import the same modules, and to run those is most of the work on a large project. A
module is reusable if its loading had no effect and asked no query that depends on the entry point, if no code
has changed it or its objects since, and if the same holds for the modules that it uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import msgspec

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.model.control_flow import Initialization


class ModuleCacheEntry(msgspec.Struct):
    """A loaded module, or (under the empty name) the code of the entry point."""

    uses: dict[str, None] = msgspec.field(default_factory=dict)
    initializations: dict[Initialization, None] = msgspec.field(default_factory=dict)
    """The induction variables that its loading initializes."""


class ModuleCache(msgspec.Struct):
    """The loaded modules, and the dependencies of the code that runs now."""

    entry_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    current_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    """The same, or those of the module slice that runs now."""
    effects: int = 0
    """The number of effects and queries so far that depend on the entry point."""
    _entries: dict[str, ModuleCacheEntry] = msgspec.field(
        default_factory=lambda: defaultdict(ModuleCacheEntry)
    )
    _path_dependent: set[str] = msgspec.field(default_factory=set)
    """Modules that each entry point has to load for itself."""
    _changed: set[str] = msgspec.field(default_factory=set)
    """Modules that other code of this entry point has changed."""

    def mark_path_dependent(self) -> None:
        """Records an effect, or a query, that depends on the entry point."""
        self.effects += 1

    @property
    def current_module(self) -> str:
        """The module whose top level is running; empty for code of the entry point."""
        return self.current_deps.module

    def note_use(self, path: str) -> bool:
        """Records that the current code uses a module; returns whether for the first time."""
        uses = self._entries[self.current_deps.module].uses
        if path in uses:
            return False
        uses[path] = None
        return True

    def note_slice(self, deps: Dependencies) -> None:
        """Records that the current code uses a module slice with these dependencies."""
        self.current_deps.depends_on.setdefault(deps)

    def note_initialization(self, initialization: Initialization) -> None:
        """Records the initialization of an induction variable, if a module is being loaded."""
        if self.current_deps.module:
            self._entries[self.current_deps.module].initializations.setdefault(initialization)

    def initializations(self, path: str) -> Iterable[Initialization]:
        """The induction variables that the loading of a module initialized."""
        return self._entries[path].initializations

    def is_defined(self, function: FunctionId) -> bool:
        """Whether this entry point, or the loading of the module, executed the definition of a function."""
        return any(
            function in deps.defined
            for deps in self.entry_deps.transitive()
            if deps.module in {"", function[0]}
        )

    def is_path_dependent(self, path: str) -> bool:
        """Whether each entry point has to load the module for itself, as far as is known."""
        return path in self._path_dependent

    def dependency_closure(self, path: str) -> frozenset[str]:
        """A module with all modules that it uses, transitively."""
        closure, waiting = {path}, [path]
        while waiting:
            new = [module for module in self._entries[waiting.pop()].uses if module not in closure]
            closure.update(new)
            waiting += new
        return frozenset(closure)

    def note_change(self, module: str) -> None:
        """Records a change of a module's variable, or of an object that its loading allocated."""
        if module and module != self.current_deps.module:
            self._changed.add(module)

    @contextmanager
    def running(self, deps: Dependencies) -> Iterator[None]:
        """Adds what the code depends on to `deps`: code of a module slice, perhaps in a thunk."""
        outer, before = self.current_deps, self.effects
        self.current_deps = deps
        complete = False
        try:
            yield
            complete = True
        finally:
            self.current_deps = outer
            if not complete or self.effects != before:
                self._path_dependent.add(deps.module)

    def forget(self, modules: Iterable[str]) -> None:
        """Drops modules, which their next user loads again."""
        for module in modules:
            self._entries.pop(module, None)

    def reusable(self, loaded: dict[str, ModuleFrame], *scripts: str) -> dict[str, ModuleFrame]:
        """The loaded modules that the next entry point can reuse.

        The `scripts` of the two entry points are excluded, because a script is no module there.
        """
        dropped = {"", *scripts, *self._path_dependent, *self._changed}
        self._changed.clear()
        left = {path for path in loaded if path not in dropped}
        while stale := {path for path in left if not dropped.isdisjoint(self._entries[path].uses)}:
            dropped |= stale
            left -= stale
        self.forget(dropped)
        self.entry_deps = self.current_deps = Dependencies()
        return {path: frame for path, frame in loaded.items() if path in left}
