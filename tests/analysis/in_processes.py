"""Links every project of the rules' pages in one process and in several, and tells where that differs.

A program of its own: processes are forked, which is safe without the threads of pytest-xdist.
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
    """What a process does that runs out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def main() -> None:
    """Prints how many projects were linked, how many paths were taken from others, and what differs."""
    parallel.FORK_THRESHOLD = 1
    taken = 0
    recall = IncrementalCache.restore

    def counted(self: IncrementalCache, *found: object) -> object:
        nonlocal taken
        taken += 1
        return recall(self, *found)  # type: ignore[arg-type]

    IncrementalCache.restore = counted  # type: ignore[method-assign, assignment]
    projects = {"project": PROJECT}
    for code, cases in CASES:
        for case in cases:
            projects[f"{code} {case.name}"] = {n: t for n, t in case.files.items() if n.endswith(".py")}
    for name, files in projects.items():
        whole, write = analyze_incremental(FilesInMemory(files))
        for processes in (2, 3):
            model, write_too = analyze_incremental(FilesInMemory(files), processes=processes)
            if encode(model) != encode(whole):
                print(f"{name}: {processes} processes give another model")
            if encode(analyze_incremental(FilesInMemory(files), before=write_too())[0]) != encode(whole):
                print(f"{name}: what {processes} processes keep gives another model")
        if encode(analyze_incremental(FilesInMemory(files), before=write(), processes=2)[0]) != encode(whole):
            print(f"{name}: what was kept gives another model to 2 processes")
    follow = parallel._run_in_child
    parallel._run_in_child = die
    died = encode(analyze_incremental(FilesInMemory(PROJECT), processes=3)[0])
    parallel._run_in_child = follow
    if died != encode(analyze_incremental(FilesInMemory(PROJECT))[0]):
        print("processes that die cost something")
    print(f"{len(projects)} projects, {taken} paths taken", file=sys.stderr)


if __name__ == "__main__":
    main()
