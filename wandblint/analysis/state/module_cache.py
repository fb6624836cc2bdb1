"""Modules that are the same on every call path: the next path finds them as the last one left them.

Scripts of one project import the same modules, and to run those is most of the work on a large project. A
module is kept where nothing can tell the difference: its loading told wandb nothing and asked nothing that
depends on the call path, nobody changed it or an object of it since, and all that holds for the modules that
it looked into.
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
    """What is known of a module that was loaded, or (of none) of a call path's own code."""

    uses: dict[str, None] = msgspec.field(default_factory=dict)
    """The modules that it looked into."""
    initializations: dict[Initialization, None] = msgspec.field(default_factory=dict)
    """The counting variables that its loading starts."""


class ModuleCache(msgspec.Struct):
    """Which modules may be kept, and for whom code is run now."""

    entry_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    """What the call path itself does."""
    current_deps: Dependencies = msgspec.field(default_factory=Dependencies)
    """The same, or what the part of a module does that is run now."""
    effects: int = 0
    """How often something was done, or asked, that belongs to the call path."""
    _entries: dict[str, ModuleCacheEntry] = msgspec.field(
        default_factory=lambda: defaultdict(ModuleCacheEntry)
    )
    _path_dependent: set[str] = msgspec.field(default_factory=set)
    """Modules that each call path has to load for itself."""
    _changed: set[str] = msgspec.field(default_factory=set)
    """Modules that others have changed on this call path."""

    def mark_path_dependent(self) -> None:
        """Something is done, or asked, that belongs to the call path."""
        self.effects += 1

    @property
    def current_module(self) -> str:
        """The module whose top level is being run; empty for code of the entry point."""
        return self.current_deps.module

    def note_use(self, path: str) -> bool:
        """A module is looked into; tells whether for the first time."""
        uses = self._entries[self.current_deps.module].uses
        if path in uses:
            return False
        uses[path] = None
        return True

    def note_slice(self, part: Dependencies) -> None:
        """A part of a module is looked into."""
        self.current_deps.depends_on.setdefault(part)

    def note_initialization(self, made: Initialization) -> None:
        """A counting variable starts."""
        if self.current_deps.module:
            self._entries[self.current_deps.module].initializations.setdefault(made)

    def initializations(self, path: str) -> Iterable[Initialization]:
        """The counting variables that the loading of a module started."""
        return self._entries[path].initializations

    def is_defined(self, place: FunctionId) -> bool:
        """Whether this call path, or the loading of the module, met a function's definition."""
        return any(
            place in deeds.defined for deeds in self.entry_deps.transitive() if deeds.module in {"", place[0]}
        )

    def is_path_dependent(self, path: str) -> bool:
        """Whether each call path has to load the module for itself, as far as is known."""
        return path in self._path_dependent

    def dependency_closure(self, home: str) -> frozenset[str]:
        """A module with the modules that its code looked into, and theirs."""
        met, waiting = {home}, [home]
        while waiting:
            new = [path for path in self._entries[waiting.pop()].uses if path not in met]
            met.update(new)
            waiting += new
        return frozenset(met)

    def note_change(self, home: str) -> None:
        """A module, or an object that its loading made, is changed."""
        if home and home != self.current_deps.module:
            self._changed.add(home)

    @contextmanager
    def running(self, deeds: Dependencies) -> Iterator[None]:
        """Code of a part of a module is run, now or, where it was put off, later: what it does is added."""
        outer, before = self.current_deps, self.effects
        self.current_deps = deeds
        complete = False
        try:
            yield
            complete = True
        finally:
            self.current_deps = outer
            if not complete or self.effects != before:
                self._path_dependent.add(deeds.module)

    def forget(self, homes: Iterable[str]) -> None:
        """Modules were loaded in vain: who needs them loads them from the beginning."""
        for home in homes:
            self._entries.pop(home, None)

    def reusable(self, loaded: dict[str, ModuleFrame], *scripts: str) -> dict[str, ModuleFrame]:
        """The modules that the next call path finds loaded, of those that this one had: not the `scripts` of
        the two, which are no modules there."""
        lost = {"", *scripts, *self._path_dependent, *self._changed}
        self._changed.clear()
        left = {path for path in loaded if path not in lost}
        while spoiled := {path for path in left if not lost.isdisjoint(self._entries[path].uses)}:
            lost |= spoiled
            left -= spoiled
        self.forget(lost)
        self.entry_deps = self.current_deps = Dependencies()
        return {path: frame for path, frame in loaded.items() if path in left}
