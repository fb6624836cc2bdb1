"""`wandblint scan --executor dask://HOST:PORT`: Dask's own scheduler and workers, on this machine.

No test depends on time: a project with a file `wait` is linted after the test removes that file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.programs import Completed, wandblint
from tests.cli.scan.cluster_site import Site, finish
from tests.cli.scan.dask_cluster import cluster, wait_until
from tests.cli.scan.test_scan import GOOD, records, write_projects
from wandblint import __version__

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a killed worker is one of POSIX"),
    pytest.mark.xdist_group("dask"),
]
PACKAGE = Path(__file__).parents[3] / "wandblint"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers for tests that do not change them."""
    folder = tmp_path_factory.mktemp("shared")
    with cluster(folder / "cluster") as dask:
        site = Site(folder, dask)
        site.add_workers(2)
        yield site


@pytest.fixture
def pair(shared: Site) -> Site:
    """Two workers without projects."""
    shutil.rmtree(shared.projects)
    shared.projects.mkdir()
    return shared


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster without workers."""
    with cluster(tmp_path / "cluster") as dask:
        yield Site(tmp_path, dask)


def lines_of(folder: Path) -> list[str]:
    """The lines of a scan without the fields that differ between scans."""
    return sorted(json.dumps(record) for record in records(folder))


def assert_refused(result: Completed, site: Site, reason: str) -> None:
    without_port = re.sub(r"(worker tcp://127\.0\.0\.1):\d+", r"\1:PORT", result.err)
    assert (result.code, result.out) == (2, "")
    assert without_port == f"error: --executor {site.dask.option.partition('=')[2]}: {reason}\n"


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # The process that adopts an orphan may be slow to reap it.
    with suppress(OSError):
        return " Z " in Path(f"/proc/{process}/stat").read_text()
    return False


def test_the_file_equals_that_of_a_local_scan(pair: Site) -> None:
    folder = pair.projects
    names = write_projects(folder, "one", "two", "wrong", "broken")
    names += write_projects(folder, "clean", text=GOOD)
    (folder / "two" / "pyproject.toml").write_text('[tool.wandblint]\nignore = ["WB101"]\n')
    (folder / "wrong" / "pyproject.toml").write_text("[tool.wandblint]\nselekt = 1\n")
    (folder / "broken" / "other.py").write_bytes(b"import wandb\nx = '\xff'\n")

    remote = pair.scan(*names)
    lines = lines_of(folder)
    (folder / "scan.jsonl").unlink()
    local = wandblint("scan", *names, "--output", "scan.jsonl", "--no-cache", cwd=folder)

    assert (remote.code, remote.out) == (local.code, local.out) == (2, local.out)
    assert sorted(remote.err.splitlines()) == sorted(local.err.splitlines())
    assert lines == lines_of(folder)
    assert all(len(pair.attempts(name)) == 1 for name in ("one", "two", "clean")), "workers linted them"


def test_a_folder_that_workers_do_not_see_does_not_affect_the_others(pair: Site) -> None:
    names = write_projects(pair.projects, "fine")

    result = pair.scan("elsewhere", *names)

    assert result.code == 2
    assert re.sub(r":\d+\n", ":PORT\n", result.err) == (
        "error: elsewhere: does not exist on worker tcp://127.0.0.1:PORT\n"
    )
    assert pair.statuses() == {"elsewhere": ("failed", 0), "fine": ("done", 1)}


def test_a_crash_in_one_project_does_not_affect_the_others(pair: Site) -> None:
    names = write_projects(pair.projects, "deadly", "good")
    (pair.projects / "deadly" / "kill-process").write_text(str(int(signal.SIGKILL)))

    result = pair.scan(*names)

    assert (result.code, result.err) == (2, "error: deadly: its process ended with signal 9\n")
    assert pair.statuses() == {"deadly": ("failed", 0), "good": ("done", 1)}

    again = pair.scan(*names, "--retry")

    assert (again.code, again.err) == (1, "")
    assert pair.statuses() == {"deadly": ("done", 1), "good": ("done", 1)}


def test_a_project_whose_process_is_terminated_is_retried(pair: Site) -> None:
    names = write_projects(pair.projects, "taken")
    (pair.projects / "taken" / "kill-process").write_text(str(int(signal.SIGTERM)))

    result = pair.scan(*names)

    assert (result.code, result.err) == (1, "")
    assert pair.statuses() == {"taken": ("done", 1)}
    assert len(pair.attempts("taken")) == 2


def test_a_project_that_times_out_is_ended(pair: Site) -> None:
    names = pair.write_waiting("endless")

    result = pair.scan(*names, "--timeout", "1")

    assert (result.code, result.err) == (2, "error: endless: took longer than 1 seconds\n")
    assert all(is_gone(process) for _, process in pair.attempts("endless"))


@pytest.mark.parametrize("sent_signal", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_scan_resumes(pair: Site, sent_signal: signal.Signals) -> None:
    waiting = pair.write_waiting(f"a{int(sent_signal)}", f"b{int(sent_signal)}", f"c{int(sent_signal)}")
    names = [*write_projects(pair.projects, "first"), *waiting]
    running = pair.start(*names)
    wait_until(
        lambda: "first" in pair.statuses() and sum(map(len, map(pair.attempts, waiting))) == 2, running
    )

    os.killpg(running.pid, sent_signal)
    result = finish(running)

    assert (result.code, result.out, result.err.strip()) == (
        -9 if sent_signal is signal.SIGKILL else 130,
        "",
        "",
    )
    wait_until(lambda: pair.dask.tasks() == 0)
    processes = [process for name in waiting for _, process in pair.attempts(name)]
    wait_until(lambda: all(map(is_gone, processes)))
    before = (pair.projects / "scan.jsonl").read_bytes()
    pair.release(*waiting)
    assert pair.scan(*names).code == 1
    assert (pair.projects / "scan.jsonl").read_bytes().startswith(before)
    assert pair.statuses() == dict.fromkeys(names, ("done", 1))
    assert len(records(pair.projects)) == 8


def test_nothing_of_a_project_is_imported(pair: Site) -> None:
    write_projects(pair.projects, "evil")
    for name in ("click", "json", "wandblint", "sitecustomize", "distributed"):
        ran = str(pair.projects / "ran")
        (pair.projects / "evil" / f"{name}.py").write_text(f"open({ran!r}, 'w')\n")

    pair.scan("evil")

    assert pair.statuses() == {"evil": ("done", 1)}
    assert not (pair.projects / "ran").exists()


def test_a_killed_worker_loses_nothing(site: Site) -> None:
    site.add_workers(2)
    names = [*site.write_waiting("a", "b"), *write_projects(site.projects, "c", "d")]
    running = site.start(*names)
    wait_until(lambda: site.attempts("a") and site.attempts("b"), running)
    (worker, process), (other, _) = site.attempts("a")[0], site.attempts("b")[0]
    assert worker != other

    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: is_gone(process))
    site.release("b")
    wait_until(lambda: len(site.attempts("a")) == 2, running)
    site.release("a")
    result = finish(running)

    assert (result.code, result.err) == (1, "")
    assert site.statuses() == dict.fromkeys(names, ("done", 1))
    assert len(records(site.projects)) == 8, "each result is written once"
    assert {worker for worker, _ in site.attempts("a")} == {worker, other}


def _kill_workers(site: Site, workers: Sequence[int]) -> None:
    for worker in workers:
        os.kill(worker, signal.SIGKILL)


def _kill_scheduler(site: Site, workers: Sequence[int]) -> None:
    os.kill(site.dask.scheduler, signal.SIGKILL)


@pytest.mark.parametrize(
    ("kill", "reason"),
    [(_kill_workers, "no worker and no answer for 1 seconds"), (_kill_scheduler, "the scheduler has gone")],
    ids=["workers", "scheduler"],
)
def test_a_dead_cluster_keeps_the_finished_projects(
    site: Site, kill: Callable[[Site, Sequence[int]], None], reason: str
) -> None:
    workers = site.add_workers(2)
    names = [*write_projects(site.projects, "first"), *site.write_waiting("a", "b")]
    running = site.start(*names, patience="cluster.PATIENCE, cluster.PAUSE = 1, 0.1")
    wait_until(lambda: "first" in site.statuses() and site.attempts("a") and site.attempts("b"), running)

    kill(site, workers)

    assert_refused(
        finish(running), site, f"{reason}; the same command goes on with the projects that are left"
    )
    before = (site.projects / "scan.jsonl").read_bytes()
    site.release("a", "b")
    assert wandblint("scan", *names, "--output", "scan.jsonl", "--no-cache", cwd=site.projects).code == 1
    assert (site.projects / "scan.jsonl").read_bytes().startswith(before)
    assert site.statuses() == dict.fromkeys(names, ("done", 1))


def test_a_project_that_kills_its_workers_ends(tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as dask:
        site = Site(tmp_path, dask)
        site.add_workers(2)
        write_projects(site.projects, "deadly")
        (site.projects / "deadly" / "kill-worker").touch()

        result = site.scan("deadly")

    assert (result.code, result.err) == (2, "error: deadly: 1 workers died while they linted it\n")


def _changed_copy(folder: Path, name: str, old: str, new: str) -> Path:
    """A folder with a changed copy of wandblint."""
    copy = shutil.copytree(
        PACKAGE, folder / "other" / "wandblint", ignore=shutil.ignore_patterns("__pycache__")
    )
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), "utf-8")
    return copy.parent


def _without_module(folder: Path, module: str) -> Path:
    """A folder that makes Python report a missing module."""
    hidden = folder / "hidden"
    hidden.mkdir()
    error = f"ModuleNotFoundError({f'No module named {module!r}'!r}, name={module!r})"
    (hidden / f"{module}.py").write_text(f"raise {error}\n", "utf-8")
    return hidden


def _older_version(folder: Path) -> Path:
    """A folder with a wandblint that is too old to scan on a cluster."""
    package = folder / "older" / "wandblint"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return package.parent


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda folder: _changed_copy(folder, "__init__.py", __version__, "99.0"),
            f"has wandblint 99.0, this machine {__version__}",
        ),
        (
            lambda folder: _changed_copy(folder, "findings/finding.py", "import", "import "),
            "has other sources of wandblint",
        ),
        (_older_version, "has another wandblint"),
        (lambda folder: _without_module(folder, "wandblint"), "has no wandblint"),
    ],
    ids=["version", "sources", "older", "none"],
)
def test_a_worker_with_another_wandblint_is_named(
    site: Site, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    site.dask.add(1)
    site.dask.add(1, path=make(tmp_path))

    result = site.scan(*write_projects(site.projects, "one"))

    assert_refused(result, site, f"worker tcp://127.0.0.1:PORT {reason}; 1 of 2 workers differ")
    assert site.statuses() == {}


def test_a_late_worker_with_another_wandblint_lints_nothing(site: Site, tmp_path: Path) -> None:
    workers = site.add_workers(1)
    names = site.write_waiting("a", "b")
    running = site.start(*names)
    wait_until(lambda: site.attempts("a"), running)

    site.dask.add(1, path=_changed_copy(tmp_path, "findings/finding.py", "import", "import "))
    _kill_workers(site, workers)

    reason = "worker tcp://127.0.0.1:PORT has other sources of wandblint"
    result = finish(running)
    assert_refused(
        Completed(
            result.code, result.out, result.err.replace("; 1 of 2 workers differ", "")
        ),  # the killed worker may still count
        site,
        f"{reason}; the same command goes on with the projects that are left",
    )
    assert site.statuses() == {}


def test_silent_workers_give_one_line(site: Site) -> None:
    for worker in site.dask.add(1):
        os.kill(worker, signal.SIGSTOP)

    result = site.scan(*write_projects(site.projects, "one"), patience="cluster.WAIT = 3")

    assert_refused(result, site, "its workers do not answer within 3 seconds")


def test_a_cluster_without_workers_gives_one_line(site: Site) -> None:
    result = site.scan(*write_projects(site.projects, "one"))

    assert_refused(result, site, "it has no workers")


def _scan(folder: Path, address: str, *words: str, **changes: str) -> Completed:
    write_projects(folder, "one")
    return wandblint("scan", "one", "--executor", address, "--output", "out", *words, cwd=folder, **changes)


@pytest.mark.parametrize("listens", [True, False], ids=["silent", "not there"])
def test_a_silent_scheduler_gives_one_line(tmp_path: Path, *, listens: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"dask://127.0.0.1:{other.getsockname()[1]}"

        result = _scan(tmp_path, address)

    assert (result.code, result.out) == (2, "")
    assert result.err == f"error: --executor {address}: no Dask scheduler answers there\n"


@pytest.mark.parametrize(
    "address",
    ["ray://here", "dask://host", "dask://:1", "dask://host:0", "dask://host:65536", "dask://a/b:1"],
)
def test_an_address_is_checked(tmp_path: Path, address: str) -> None:
    result = _scan(tmp_path, address)

    assert (result.code, result.out) == (2, "")
    assert result.err.endswith(f"`{address}` is not dask://HOST:PORT\n")


def test_jobs_cannot_be_combined_with_a_cluster(tmp_path: Path) -> None:
    result = _scan(tmp_path, "dask://127.0.0.1:1", "--jobs", "2")

    assert (result.code, result.out) == (2, "")
    assert result.err == "error: --jobs is of this machine; on a cluster the threads of its workers count\n"


def test_without_the_extra_there_is_one_line(tmp_path: Path) -> None:
    path = os.pathsep.join([str(_without_module(tmp_path, "distributed")), os.environ.get("PYTHONPATH", "")])

    result = _scan(tmp_path, "dask://127.0.0.1:1", PYTHONPATH=path)

    assert (result.code, result.out) == (2, "")
    assert result.err == "error: --executor needs distributed: pip install 'wandblint[scan]'\n"
