"""What a worker of a Dask cluster runs in a scan: `wandblint` in a process per project."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

from wandblint import __version__
from wandblint.cli.scan.result import ProjectResult, check_in, failed, missing, result_of, too_slow

SOURCES = "sources of wandblint"
POLL = 0.5
"""Seconds between two looks at whether the result is still wanted."""
_PROGRAM = "import sys; sys.path[:] = {path}; from wandblint.cli.scan.worker import main; main(sys.argv[1:])"
"""The process finds the modules that its worker finds, and none in the project."""


class OtherWandblintError(Exception):
    """The worker has another wandblint than the scan."""


@lru_cache(maxsize=1)
def identity() -> Mapping[str, str]:
    """What decides which findings a project has on this machine, by its name in messages.

    A scan asks workers with another wandblint too: this function keeps its name and module.
    """
    return {
        "wandblint": __version__,
        "Python": "{}.{}".format(*sys.version_info),
        SOURCES: _hash_of_sources(),
    }


def lint(
    expected: Mapping[str, str], project: str, folder: str, arguments: list[str], timeout: int
) -> ProjectResult:
    """The task: lints the project in `folder`.

    Raises `OtherWandblintError` if the worker has another `identity` than the `expected` one.
    """
    if identity() != expected:
        raise OtherWandblintError
    from distributed import Reschedule, get_worker  # noqa: PLC0415 (an extra)

    worker = get_worker()
    key = worker.get_current_task()
    if problem := missing(folder):
        return failed(project, f"{problem} on worker {worker.address}")
    began = time.monotonic()
    program = _PROGRAM.format(path=[os.path.abspath(path) for path in sys.path])
    with (
        TemporaryFile() as output,
        TemporaryFile() as errors,
        # Signals are for the worker: in a session of its own the process does not get them too.
        subprocess.Popen(
            [sys.executable, "-c", program, folder, *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        ) as process,
    ):
        is_wanted = is_in_time = True
        try:
            while process.poll() is None and is_wanted and is_in_time:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(POLL)
                task = worker.state.tasks.get(key)
                is_wanted = task is not None and task.state != "cancelled"
                is_in_time = time.monotonic() - began <= timeout
        finally:
            ended_by_itself = process.poll() is not None
            process.kill()
            code = process.wait()
        # SIGTERM comes from whoever takes the machine away, such as a batch system.
        if code == -signal.SIGTERM or not (ended_by_itself or is_wanted):
            raise Reschedule
        seconds = time.monotonic() - began
        for file in (output, errors):
            file.seek(0)
        if not ended_by_itself:
            return too_slow(project, timeout, errors.read(), seconds)
        return result_of(project, code, output.read(), errors.read(), seconds)


def main(arguments: list[str]) -> NoReturn:
    """The process of a project: its folder and the arguments of `check`."""
    threading.Thread(target=_end_with_worker, daemon=True).start()
    folder, *others = arguments
    check_in(folder, others)


def _end_with_worker() -> None:
    # The worker holds the other end of standard input as long as it lives, and writes nothing.
    os.read(0, 1)
    os._exit(1)


def _hash_of_sources() -> str:
    """Tells apart checkouts of one version; line endings may differ between systems."""
    digest = blake2b(digest_size=16)
    for package in ("wandblint", "wandblint_rules"):
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for path in sorted([*Path(folder).rglob("*.py"), *Path(folder).rglob("*.json")]):
                name = f"{package}/{path.relative_to(folder).as_posix()}"
                digest.update(f"{name}\0{path.read_text('utf-8')}\0".encode())
    return digest.hexdigest()
