"""What runs have really recorded, in wandb's own words: the counterpart of `model`, read from logs.

`audit` makes it, the rules of records (WB9xx) read it. A run is what has one id, however many processes
resumed it; each of them has a log of its own, with its own definitions (core runmetric.go: a resumed
process starts without any).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import cached_property

import msgspec

from wandblint.semantics.metrics import BUILT_IN_AXES, applying
from wandblint.semantics.sections import section


class Column(msgspec.Struct):
    """The numbers that were recorded under a key: the row of each, counted from 0, and the value."""

    rows: array[int] = msgspec.field(default_factory=lambda: array("q"))
    values: array[float] = msgspec.field(default_factory=lambda: array("d"))


class RecordedLog(msgspec.Struct, dict=True):
    """What one process recorded of a run.

    `definitions` are step metrics by the name or glob that they are for. `others` are keys without a
    number: media, text. `empty` are the steps of rows without any key, `dropped` the steps of the calls of
    which wandb says that it ignored them. `damage` says what of the file could not be read.
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
    dropped: list[int] = msgspec.field(default_factory=list)
    damage: list[str] = msgspec.field(default_factory=list)

    def axes(self, key: str) -> frozenset[str | None]:
        """The x-axes that a key may have by the definitions of this log; None is wandb's count of rows."""
        return frozenset(self.definitions[name] for name in applying(self.definitions, key)) or _NO_AXIS

    def is_settled(self, key: str) -> bool:
        """Whether the log says itself that the key has no axis of its own: by an exact definition."""
        return key in self.definitions

    @cached_property
    def step_metrics(self) -> frozenset[str]:
        """The keys that are the axis of some definition."""
        return frozenset(axis for axis in self.definitions.values() if axis is not None)

    def positions(self, key: str, axis: str) -> frozenset[float]:
        """The distinct places on an axis at which the key has a value; NaN is no place."""
        column = self.columns.get(axis)
        if column is None:
            return frozenset()
        at = dict(zip(column.rows, column.values, strict=True))
        found = (at.get(row) for row in self.columns[key].rows)
        return frozenset(x for x in found if x is not None and x == x)  # noqa: PLR0124 (NaN is not itself)


_NO_AXIS: frozenset[str | None] = frozenset({None})


class RecordedChart(msgspec.Struct):
    """The numbers of one key of a run, over all its logs.

    `axes` are the x-axes it may have (None is wandb's own count of rows); one, unless the definitions
    contradict one another. `x` are its distinct places on them.
    """

    key: str
    axes: frozenset[str | None]
    rows: int
    x: frozenset[float]
    is_axis: bool

    @property
    def axis(self) -> str | None:
        """The x-axis, where it is one that a definition gives and there is no doubt."""
        return next(iter(self.axes)) if len(self.axes) == 1 else None

    @property
    def section(self) -> str:
        """The part of the key by which the app groups charts."""
        return section(self.key)


class RecordedRun(msgspec.Struct, dict=True):
    """One run: all logs of its id, in the order in which they were begun."""

    id: str
    logs: list[RecordedLog]

    @property
    def project(self) -> str:
        """The name of its project, empty where no log tells it."""
        return next((log.project for log in self.logs if log.project), "")

    @property
    def is_whole(self) -> bool:
        """Whether all of its logs could be read to the end."""
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


class Record(msgspec.Struct):
    """The runs of a place, in the order of their logs. `place` is how the user named it."""

    place: str
    runs: list[RecordedRun]

    def logs(self) -> Iterator[tuple[RecordedRun, RecordedLog]]:
        """Every log with its run."""
        return ((run, log) for run in self.runs for log in run.logs)
