"""Analyzes every project of the rule pages in one process and in several, and prints where the models differ.

This is a separate program: processes are forked, which is safe without the threads of pytest-xdist.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from tests.analysis.incremental.test_cache import CASES, PROJECT
from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze_incremental
from wandblint.analysis.driver import parallel
from wandblint.analysis.driver.entry_point import EntryPoint
from wandblint.analysis.driver.entry_runner import EntryRunner
from wandblint.analysis.incremental.cache import IncrementalCache
from wandblint.model.codec import encode


def die(runner: EntryRunner, share: Sequence[EntryPoint]) -> bytes:
    """Kills the process, as the system does when it runs out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def main() -> None:
    """Prints the number of projects, the number of restored entry points, and what differs."""
    parallel.FORK_THRESHOLD = 1
    restored = 0
    restore = IncrementalCache.restore

    def counting_restore(self: IncrementalCache, *arguments: object) -> object:
        nonlocal restored
        restored += 1
        return restore(self, *arguments)  # type: ignore[arg-type]

    IncrementalCache.restore = counting_restore  # type: ignore[method-assign, assignment]
    projects = {"project": PROJECT}
    for code, cases in CASES:
        for case in cases:
            projects[f"{code} {case.name}"] = {n: t for n, t in case.files.items() if n.endswith(".py")}
    for name, files in projects.items():
        expected, encode_state_of_one = analyze_incremental(FilesInMemory(files))
        for processes in (2, 3):
            model, encode_state = analyze_incremental(FilesInMemory(files), processes=processes)
            if encode(model) != encode(expected):
                print(f"{name}: {processes} processes give a different model")
            if encode(analyze_incremental(FilesInMemory(files), before=encode_state())[0]) != encode(
                expected
            ):
                print(f"{name}: the state of {processes} processes gives a different model")
        if encode(
            analyze_incremental(FilesInMemory(files), before=encode_state_of_one(), processes=2)[0]
        ) != encode(expected):
            print(f"{name}: the state of one process gives a different model to 2 processes")
    run_in_child = parallel._run_in_child
    parallel._run_in_child = die
    after_deaths = encode(analyze_incremental(FilesInMemory(PROJECT), processes=3)[0])
    parallel._run_in_child = run_in_child
    if after_deaths != encode(analyze_incremental(FilesInMemory(PROJECT))[0]):
        print("processes that die change the model")
    print(f"{len(projects)} projects, {restored} entry points restored", file=sys.stderr)


if __name__ == "__main__":
    main()
