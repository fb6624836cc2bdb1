"""Scripts that are run in forked processes meanwhile.

What a child finds is taken as an earlier run's results are: where it still holds after what the entry points
before it have published.
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
"""Characters of scripts from which on a process pays, which loads for itself what they import
(docs/performance.md)."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[bytes, bytes])


def run_scripts(runner: EntryRunner, scripts: Sequence[EntryPoint], processes: int) -> None:
    """Runs the scripts in order; where they are long, up to so many processes run some of them meanwhile."""
    shares = _shares(runner, scripts, processes)
    # What nearly all scripts load is then loaded once.
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
    """What to run before the others are forked, in this process meanwhile, and in each of the others."""
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
    """Runs scripts in a forked process: their results, up to the first problem."""
    runner.incremental, runner.position = runner.incremental.for_child(), share[0].id
    learned = runner.m.project.in_child()
    with suppress(WorkerAbort):
        for entry in share:
            runner.run(entry)
    try:
        return _ENCODER.encode((runner.incremental.data(), learned()))
    except OverflowError:
        return b""


def _merge_child(runner: EntryRunner, data: bytes) -> None:
    if data:
        results, learned = _DECODER.decode(data)
        runner.incremental.add(results)
        runner.m.project.merge_child(learned)
