"""Parsing in other processes: the same results in the same order, even if processes die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from wandblint import engine
from wandblint.app.project import RunResources
from wandblint.app.settings import Settings
from wandblint.facts import FileFacts
from wandblint.syntax import pool, result
from wandblint.syntax.pool import ReadPool
from wandblint.syntax.result import ParseResult, attempt

FILES = [(f"f{number}.py", f"x = {number}\n" * (number + 1)) for number in range(12)]
POISON = ("poison.py", "kill = 1\n")

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")


@pytest.fixture
def single_file_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes every file worth a process, and a separate batch."""
    monkeypatch.setattr(pool, "WORTH", 0)
    monkeypatch.setattr(pool, "BATCH", 1)


@pytest.fixture
def reader(single_file_batches: None) -> Iterator[ReadPool]:
    read_pool = ReadPool(2)
    yield read_pool
    read_pool.close()


def test_results_equal_those_of_this_process(reader: ReadPool) -> None:
    files = [*FILES, ("broken.py", "x = (\n"), ("deep.py", "x = " + "(" * 300 + ")" * 300 + "\n")]

    reader.start(files)

    assert [reader.take(name) for name, _ in files] == [_read(name, text) for name, text in files]


def test_a_file_that_was_not_started_has_no_result(reader: ReadPool) -> None:
    reader.start(FILES)

    assert reader.take("other.py") is None


def test_a_file_is_started_once(reader: ReadPool) -> None:
    reader.start(FILES)
    reader.start([(name, "y = 1\n") for name, _ in FILES])

    assert reader.take("f3.py") == _read(*FILES[3])


def test_few_files_are_not_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(count: int) -> Executor:
        raise AssertionError(f"{count} processes were started")

    monkeypatch.setattr(pool, "processes", never)
    reader = ReadPool(2)
    reader.start(FILES)

    assert reader.take("f0.py") is None


def _kill_process_on_poison(
    name: str, text: str, *, with_index: bool
) -> tuple[ParseResult, FileFacts | None]:
    if name == POISON[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return attempt(name, text, with_index=with_index)


def _read(name: str, text: str) -> ParseResult:
    return attempt(name, text, with_index=True)[0]


@needs_signals
def test_a_process_that_dies_loses_only_its_file(reader: ReadPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", _always_fork(multiprocessing.get_context))
    monkeypatch.setattr(result, "attempt", _kill_process_on_poison)
    files = [*FILES[:6], POISON, *FILES[6:]]

    reader.start(files)
    results = {name: reader.take(name) for name, _ in files}

    assert results.pop(POISON[0]) == ParseResult(
        internal_error="the process that read it died (BrokenProcessPool)"
    )
    assert results == {name: _read(name, text) for name, text in FILES}


def _always_fork(get_context: Callable[[str], object]) -> Callable[[str], object]:
    """Always forks, because only forked processes have the patched functions."""
    return lambda _: get_context("fork")


class InterruptedWhileStarting(ThreadPoolExecutor):
    """Ctrl-C arrives after the first batch has begun and before anything waits for it."""

    def submit(self, *_: object, **__: object) -> Future[object]:  # type: ignore[override]
        self.is_waited_for = False
        raise KeyboardInterrupt

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.is_waited_for = wait
        super().shutdown(wait, cancel_futures=cancel_futures)


def test_work_that_ctrl_c_interrupts_at_the_start_is_not_awaited(
    single_file_batches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = InterruptedWhileStarting()
    monkeypatch.setattr(pool, "processes", lambda _: executor)
    reader = ReadPool(2)

    with pytest.raises(KeyboardInterrupt):
        reader.start(FILES)
    reader.close()

    assert not executor.is_waited_for


def write_project(root: Path, count: int = 30) -> Path:
    (root / "pyproject.toml").write_text("")
    for number in range(count):
        (root / f"train_{number}.py").write_text(
            "import wandb\n"
            "run = wandb.init()\n"
            f'run.define_metric("a{number}/*", step_metric="a{number}/step")\n'
            f'run.log({{"a{number}/loss": 1.0}})\n' + "x = [1, 2, 3]\n" * 50
        )
    (root / "broken.py").write_text("import wandb\nwandb.init(\n")
    return root


def test_findings_are_the_same_and_in_the_same_order(tmp_path: Path, single_file_batches: None) -> None:
    root = write_project(tmp_path)

    sequential = engine.check(root, None, Settings())
    parallel = engine.check(root, None, Settings(), resources=RunResources(processes=2))

    assert len(sequential.findings) == 1
    assert parallel.findings == sequential.findings
    assert parallel.problems == sequential.problems
    assert parallel.files_read == sequential.files_read
    assert multiprocessing.active_children() == []


SLOW = """
import sys, time
from pathlib import Path
from wandblint.syntax import pool, result
def slow(name, text, **_):
    Path("started").touch()
    time.sleep(60)
result.attempt = slow
pool.WORTH = 0
pool.BATCH = 1
from wandblint.cli import main
# As the installed program does it: Python's own shutdown, too, has to survive Ctrl-C.
sys.argv[1:] = ["--jobs", "2", "--no-cache"]
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the patch does not reach the processes")
@pytest.mark.parametrize(
    "whole_group", [True, False], ids=["ctrl-c in a terminal", "sigint to wandblint alone"]
)
def test_ctrl_c_ends_all_processes(tmp_path: Path, *, whole_group: bool) -> None:
    root = write_project(tmp_path)
    running = _started(root)

    if whole_group:
        os.killpg(running.pid, signal.SIGINT)
    else:
        os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=300)

    assert (running.returncode, err.strip()) == (130, "")
    assert _all_end(running.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the patch does not reach the processes")
def test_processes_end_with_their_parent(tmp_path: Path) -> None:
    running = _started(write_project(tmp_path))

    running.kill()
    running.communicate(timeout=300)

    assert _all_end(running.pid)


def _started(root: Path) -> subprocess.Popen[str]:
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (root / "started").exists():
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    return running


def _all_end(group: int) -> bool:
    """Whether all processes of a group end: the last ones end a moment after their parent."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False
