"""The scope of a module that is loaded slice by slice."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from wandblint.analysis.domain.values import Frame, Value
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.state.dependencies import Dependencies, ModuleInitState


class ModuleFrame(Frame):
    """The variables of a module; while one of its slices runs, `names` holds what that slice binds."""

    initialized: dict[str, Value] = msgspec.field(default_factory=dict)
    """The variables of the slices that have run."""
    slices: Mapping[str, ModuleSlice] = msgspec.field(default_factory=dict)
    """All slices of an imported module, by the names that they bind; every entry point shares this table."""
    init_state: ModuleInitState | None = None
    """The slices of an imported module that have run; None for the script itself."""

    def forget(self, deps: Dependencies) -> None:
        """Drops what a slice has bound."""
        if self.init_state is not None:
            for name in deps.names:
                if self.init_state.slices.get(name) is deps:
                    del self.init_state.slices[name]
                    self.initialized.pop(name, None)
                    self.names.pop(name, None)

    def pending(self) -> list[str]:
        """The names that slices bind that have not run yet."""
        started = {} if self.init_state is None else self.init_state.slices
        return [name for name in self.slices if name not in started]
