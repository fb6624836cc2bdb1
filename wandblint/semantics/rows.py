"""Which rows `Run.log` keeps: wandb's counter of rows (docs/wandb-semantics.md, Rows)."""

from __future__ import annotations

import msgspec


class Rows(msgspec.Struct):
    """The row that is being written, as a run's handler counts it."""

    current: int = 0
    """The number of the row that the next call without `step=` adds to."""

    def log(self, step: int | None = None, *, commit: bool | None = None) -> bool:
        """Whether `log(data, step=step, commit=commit)` is kept.

        A step below the current row drops the whole call; one above it writes that row and goes on there.
        The row is written after a call without a step, or with `commit=True`.
        """
        if step is not None:
            if step < self.current:
                return False
            self.current = step
        if commit or (commit is None and step is None):
            self.current += 1
        return True
