"""The rows that `Run.log` keeps: a model of wandb's row counter (docs/wandb-semantics.md, Rows)."""

from __future__ import annotations

import msgspec


class Rows(msgspec.Struct):
    """The current row of a run, as wandb's handler counts it."""

    current: int = 0
    """The number of the row that the next call without `step=` adds to."""

    def log(self, step: int | None = None, *, commit: bool | None = None) -> bool:
        """Whether wandb keeps `log(data, step=step, commit=commit)`.

        It drops a call with a step below the current row; a step above it writes the row and moves on.
        A call without a step, or with `commit=True`, writes the row afterwards.
        """
        if step is not None:
            if step < self.current:
                return False
            self.current = step
        if commit or (commit is None and step is None):
            self.current += 1
        return True
