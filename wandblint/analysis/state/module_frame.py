"""The scope of a module that is loaded slice by slice."""

from __future__ import annotations

import msgspec

from wandblint.analysis.domain.values import Frame, Value
from wandblint.analysis.project.module_slices import ModuleSlice
from wandblint.analysis.state.dependencies import ModuleInitState


class ModuleFrame(Frame):
    """The variables of a module; while one of its slices runs, `names` holds what that slice binds."""

    initialized: dict[str, Value] = msgspec.field(default_factory=dict)
    """The variables of the slices that have run."""
    pending: dict[str, ModuleSlice] = msgspec.field(default_factory=dict)
    """The slices that have not run yet, by the names that they bind."""
    init_state: ModuleInitState | None = None
    """The slices of an imported module that have run; None for the script itself."""
