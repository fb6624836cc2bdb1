"""What reads many files at once: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from wandblint.reading.ahead import MakeExecutor


def reading_by(cluster: str | None, jobs: int | None) -> AbstractContextManager[MakeExecutor | None]:
    """What makes an executor, of the cluster at `dask://HOST:PORT` or else of this machine.

    Raises a usage error when it is entered and the cluster cannot be used.
    """
    if cluster is None:
        return nullcontext(executor(jobs))
    from wandblint.cli.cluster import reading_on  # noqa: PLC0415 (few runs have one)

    return reading_on(cluster)


def executor(jobs: int | None) -> MakeExecutor | None:
    """Makes as many processes as are asked for, or as there are processors; None for one."""
    count = jobs or processors()
    if count == 1:
        return None

    def make() -> Executor:
        from wandblint.reading.ahead import processes  # noqa: PLC0415 (few runs read many files)

        return processes(count)

    return make


def processors() -> int:
    """The processors that this process may use: in a container that may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
