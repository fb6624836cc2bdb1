"""The record of runs, read from wandb's logs: the counterpart of `model`.

`audit` reads it, the rules WB9xx check it. A run has one id, however many processes resume it; each process
writes its own log with its own definitions (core runmetric.go: a resumed process starts without any).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from functools import cached_property
from math import isnan

import msgspec

from wandblint.semantics.metrics import BUILT_IN_AXES, UNLOGGED_AXIS_VALUE, applying
from wandblint.semantics.sections import section


class Column(msgspec.Struct):
    """The numbers recorded under a key: the row of each, counted from 0, and the value."""

    rows: array[int] = msgspec.field(default_factory=lambda: array("q"))
    values: array[float] = msgspec.field(default_factory=lambda: array("d"))


class DroppedCall(msgspec.Struct, frozen=True):
    """A `log` call that wandb ignored, because its step was below the run's current step."""

    step: int
    current: int


class RecordedLog(msgspec.Struct, dict=True):
    """The log that one process wrote of a run.

    `definitions` are step metrics by name or glob. `others` are keys without a number: media, text. `empty`
    are the steps of rows without any key, `dropped` the calls that wandb reports as ignored: all of them if
    `dropped_is_complete`. `damage` describes unreadable parts of the file.
    """

    path: str
    run_id: str
    project: str = ""
    definitions: dict[str, str | None] = msgspec.field(default_factory=dict)
    columns: dict[str, Column] = msgspec.field(default_factory=dict)
    others: set[str] = msgspec.field(default_factory=set)
    rows: int = 0
    empty: list[int] = msgspec.field(default_factory=list)
    exit_code: int | None = None
    dropped: list[DroppedCall] = msgspec.field(default_factory=list)
    dropped_is_complete: bool = False
    damage: list[str] = msgspec.field(default_factory=list)
    recorded_twice: set[str] = msgspec.field(default_factory=set)
    """Axes with a dot in their name, which rows contain under that name and again as a nested key."""

    def axes(self, key: str) -> frozenset[str | None]:
        """The x-axes that the definitions of this log allow for a key; None is wandb's row counter."""
        return frozenset(self.definitions[name] for name in applying(self.definitions, key)) or _NO_AXIS

    @cached_property
    def step_metrics(self) -> frozenset[str]:
        """The keys that definitions use as axes."""
        return frozenset(axis for axis in self.definitions.values() if axis is not None)

    def positions(self, key: str, axis: str) -> frozenset[float]:
        """The distinct x-values at which the key has a value, without NaN."""
        column = self.columns.get(axis)
        if column is None:
            return frozenset()
        x_of_row = dict(zip(column.rows, column.values, strict=True))
        xs = (x_of_row.get(row) for row in self.columns[key].rows)
        return frozenset(x for x in xs if x is not None and not isnan(x))


_NO_AXIS: frozenset[str | None] = frozenset({None})


class RecordedChart(msgspec.Struct):
    """The numbers of one key of a run, from all its logs.

    `axes` are its possible x-axes (None is wandb's row counter); more than one if definitions conflict. `x`
    are its distinct x-values.
    """

    key: str
    axes: frozenset[str | None]
    rows: int
    x: frozenset[float]
    is_axis: bool

    @property
    def axis(self) -> str | None:
        """The x-axis that definitions give it, if there is only one."""
        return next(iter(self.axes)) if len(self.axes) == 1 else None

    @property
    def custom_axis(self) -> str | None:
        """The same if it is not one of wandb's own, and the key is no axis itself."""
        return None if self.is_axis or self.axis in BUILT_IN_AXES else self.axis

    @property
    def section(self) -> str:
        """The prefix of the key by which the app groups charts."""
        return section(self.key)


class RecordedRun(msgspec.Struct, dict=True):
    """One run: all logs of its id, in the order of their start."""

    id: str
    logs: list[RecordedLog]

    @property
    def project(self) -> str:
        """The name of its project; empty if no log contains it."""
        return next((log.project for log in self.logs if log.project), "")

    @property
    def is_complete(self) -> bool:
        """Whether all of its logs are fully readable."""
        return not any(log.damage for log in self.logs)

    @cached_property
    def charts(self) -> list[RecordedChart]:
        """The charts, by section and key."""
        keys = {key for log in self.logs for key in log.columns if key not in BUILT_IN_AXES}
        return sorted((self._chart(key) for key in keys), key=lambda chart: (chart.section, chart.key))

    def _chart(self, key: str) -> RecordedChart:
        logs = [log for log in self.logs if key in log.columns]
        axes = frozenset(axis for log in logs for axis in log.axes(key))
        return RecordedChart(
            key,
            axes,
            sum(len(log.columns[key].rows) for log in logs),
            frozenset(
                x for log in logs for axis in log.axes(key) for x in log.positions(key, axis or "_step")
            ),
            any(key in log.step_metrics for log in self.logs),
        )

    def moving(self, axes: Iterable[str | None]) -> frozenset[str]:
        """The axes with a value other than that which wandb fills in where nothing logs them."""
        return frozenset(
            axis
            for axis in axes
            for log in self.logs
            if axis is not None
            and axis in log.columns
            and any(x != UNLOGGED_AXIS_VALUE for x in log.columns[axis].values)
        )


class Record(msgspec.Struct):
    """The runs of a log, of a run folder or below a folder, in the order of their logs.

    `path` is the path as the user gave it.
    """

    path: str
    runs: list[RecordedRun]

    def logs(self) -> Iterator[tuple[RecordedRun, RecordedLog]]:
        """Every log with its run."""
        return ((run, log) for run in self.runs for log in run.logs)
