"""Sweeps whose program cannot log the metric that they compare its runs by."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint.model.events import Init
from wandblint.model.missing_keys import may_supply, nearest, summary_keys
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS
from wandblint.semantics.sweeps import SweepFile


class UnloggedMetric(msgspec.Struct, frozen=True):
    """A sweep, an init of its program whose run never has the metric, and the most similar key there."""

    sweep: SweepFile
    init: Init
    nearest: str


def unlogged_metrics(model: TrackingModel) -> Iterator[UnloggedMetric]:
    """The sweeps of YAML files whose metric certainly no code of the project logs, by their names.

    A key that another script logs is enough: the program may start that script.
    """
    logged = [key.name for call in model.log_calls for key in call.keys]
    for sweep in model.sweep_files:
        metric = sweep.metric
        if not metric or metric.startswith(HIDDEN_FROM_GLOBS) or any(may_supply(n, metric) for n in logged):
            continue
        inits = _inits(model, sweep)
        keys = [summary_keys(model, init.span, init.entry_id) for init in inits]
        names = [name for each in keys for name in each or ()]
        if inits and names and None not in keys and not any(may_supply(name, metric) for name in names):
            yield UnloggedMetric(sweep, inits[0], nearest(metric, names))


def _inits(model: TrackingModel, sweep: SweepFile) -> list[Init]:
    """The inits of the program; none if the file may mean several programs, or opens no run for certain."""
    entries = {
        entry_id: entry.path
        for entry_id, entry in model.entry_points.items()
        if not entry.name and entry.path in sweep.paths
    }
    inits = [init for init in model.inits if init.entry_id in entries and not init.is_disabled]
    is_certain = len(set(entries.values())) == 1 and any(init.is_must for init in inits)
    return inits if is_certain else []
