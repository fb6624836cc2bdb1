"""Runs scripts in forked processes.

The results of a child are restored like those of an earlier run: if they are still valid after the facts that
earlier entry points have published.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate

import msgspec

from wandblint.analysis.driver.entry_point import EntryPoint
from wandblint.analysis.driver.entry_runner import EntryRunner
from wandblint.infra.processes import ForkedTask, WorkerAbort, can_fork

FORK_THRESHOLD = 400_000
"""The least number of characters of scripts per process: each process has to load their imports for itself
(docs/performance.md)."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[bytes, bytes])


def run_scripts(runner: EntryRunner, scripts: Sequence[EntryPoint], processes: int) -> None:
    """Runs the scripts in order; up to `processes` processes share long ones."""
    shares = _shares(runner, scripts, processes)
    # Before the fork, so that the modules that most scripts import are loaded once.
    for entry in shares[0]:
        runner.run(entry)
    tasks = [ForkedTask(partial(_run_in_child, runner, share)) for share in shares[2:]]
    try:
        for number, share in enumerate(shares[1:]):
            if number:
                _merge_child(runner, tasks[number - 1].result())
            for entry in share:
                runner.run(entry)
    finally:
        for task in tasks:
            task.close()


def _shares(runner: EntryRunner, scripts: Sequence[EntryPoint], processes: int) -> list[Sequence[EntryPoint]]:
    """The scripts to run before the fork, then in this process, then in each child."""
    project = runner.m.project
    lengths = [
        0 if runner.incremental.may_hold(entry.key) else len(project.text_untracked(entry.path))
        for entry in scripts
    ]
    processes = min(processes, sum(lengths) // FORK_THRESHOLD)
    if processes > 1:
        project.before_fork()
    if processes <= 1 or not can_fork():
        return [scripts]
    first = 1 if lengths[0] * processes * 2 < sum(lengths) else 0
    shares: list[Sequence[EntryPoint]] = [scripts[:first]]
    ends = list(accumulate(lengths))
    begin, done = first, sum(lengths[:first])
    for number in range(1, processes):
        end = bisect_left(ends, done + (ends[-1] - done) * number / processes) + 1
        shares.append(scripts[begin:end])
        begin = max(begin, end)
    return [shares[0], *filter(None, [*shares[1:], scripts[begin:]])]


def _run_in_child(runner: EntryRunner, share: Sequence[EntryPoint]) -> bytes:
    """Runs scripts in a forked process; returns their encoded results, up to the first problem."""
    runner.incremental, runner.position = runner.incremental.for_child(), share[0].id
    encode_project = runner.m.project.in_child()
    with suppress(WorkerAbort):
        for entry in share:
            runner.run(entry)
    try:
        return _ENCODER.encode((runner.incremental.data(), encode_project()))
    except OverflowError:
        return b""


def _merge_child(runner: EntryRunner, data: bytes) -> None:
    if data:
        results, project_data = _DECODER.decode(data)
        runner.incremental.add(results)
        runner.m.project.merge_child(project_data)
