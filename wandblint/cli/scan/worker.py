"""The task of a scan on a Dask worker, which lints a project in its own process."""

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
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import NoReturn

from wandblint import __version__
from wandblint.cli.scan.result import ProjectResult, check_in, failed, missing, result_of, too_slow

SOURCES = "sources of wandblint"
POLL = 0.5
"""Seconds between two checks whether the scheduler still wants the result."""
_PROGRAM = "import sys; sys.path[:] = {path}; from wandblint.cli.scan.worker import main; main(sys.argv[1:])"
"""The process has the import path of its worker, without the project's folder."""


class OtherWandblintError(Exception):
    """The worker's wandblint differs from that of the scan."""


def identity() -> dict[str, str]:
    """Everything on this machine that decides which findings a project has, by its name in messages.

    Scans also call this on workers with other versions of wandblint, so its name and module must not change.
    It is computed for every project, because sources may be replaced while a worker lives.
    """
    return {
        "wandblint": __version__,
        "Python": "{}.{}".format(*sys.version_info),
        SOURCES: _hash_of_sources(),
    }


def lint(
    expected: Mapping[str, str], project: str, folder: str, arguments: list[str], timeout: int
) -> ProjectResult:
    """Lints the project in `folder`.

    Raises `OtherWandblintError` if the `identity` of the worker is not the `expected` one.
    """
    if identity() != expected:
        raise OtherWandblintError
    from distributed import Reschedule, get_worker  # noqa: PLC0415 (an extra)

    worker = get_worker()
    key = worker.get_current_task()
    if problem := missing(folder):
        return failed(project, f"{problem} on worker {worker.address}")
    started = time.monotonic()
    program = _PROGRAM.format(path=[os.path.abspath(path) for path in sys.path])
    with (
        TemporaryFile() as output,
        TemporaryFile() as errors,
        # In its own session, the process does not get the signals for the worker.
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
                is_in_time = time.monotonic() - started <= timeout
        finally:
            ended_by_itself = process.poll() is not None
            process.kill()
            code = process.wait()
        # A batch system that withdraws the machine sends SIGTERM.
        if code == -signal.SIGTERM or not (ended_by_itself or is_wanted):
            raise Reschedule
        seconds = time.monotonic() - started
        for file in (output, errors):
            file.seek(0)
        if not ended_by_itself:
            return too_slow(project, timeout, errors.read(), seconds)
        return result_of(project, code, output.read(), errors.read(), seconds)


def main(arguments: list[str]) -> NoReturn:
    """The process of a project; its arguments are the folder and those of `check`."""
    threading.Thread(target=_end_with_worker, daemon=True).start()
    folder, *others = arguments
    check_in(folder, others)


def _end_with_worker() -> None:
    # The worker keeps the other end of standard input open while it lives, and writes nothing.
    os.read(0, 1)
    os._exit(1)


def _hash_of_sources() -> str:
    """Hashes the code, which may differ between checkouts of one version; line endings do not count."""
    digest = blake2b(digest_size=16)
    for package in ("wandblint", "wandblint_rules"):
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for path in sorted([*Path(folder).rglob("*.py"), *Path(folder).rglob("*.json")]):
                name = f"{package}/{path.relative_to(folder).as_posix()}"
                digest.update(f"{name}\0{path.read_text('utf-8')}\0".encode())
    return digest.hexdigest()
