"""`wandblint scan --executor dask://HOST:PORT`: Dask's own scheduler and workers, on this machine.

Nothing is timed: a project that holds a file `wait` is linted once a test has taken the file away.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.dask_programs import Cluster, cluster, end, wait_until
from tests.cli.programs import COMMAND, SECONDS, Done, environment, wandblint
from tests.cli.test_scan import GOOD, records, statuses, write_projects
from wandblint import __version__

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a killed worker is one of POSIX"),
    pytest.mark.xdist_group("dask"),
]
PACKAGE = Path(__file__).parents[2] / "wandblint"
PATIENT = """
import sys
from wandblint.cli import main, scan_cluster
{patience}
sys.argv[1:] = {arguments}
main()
"""
WATCHED = """
import os, signal, time
from pathlib import Path
from wandblint import engine
check = engine.check
def watched(root, *args, **kwargs):
    note = Path({notes!r}, f"{{root.name}} {{os.getppid()}} {{os.getpid()}}")
    note.touch()
    while (root / "wait").exists():
        time.sleep(0.05)
    if (root / "suicide").exists():
        number = int((root / "suicide").read_text())
        (root / "suicide").unlink()
        os.kill(os.getpid(), number)
    if (root / "murder").exists():
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return check(root, *args, **kwargs)
engine.check = watched
"""
"""The `sitecustomize` of workers and of the processes that they start."""


class Site:
    """A cluster, a folder with projects, and who has begun which of them."""

    def __init__(self, folder: Path, dask: Cluster) -> None:
        self.projects = folder / "projects"
        self.projects.mkdir()
        self.dask = dask
        self._notes = folder / "notes"
        self._notes.mkdir()
        self._modules = folder / "modules"
        self._modules.mkdir()
        (self._modules / "sitecustomize.py").write_text(WATCHED.format(notes=str(self._notes)), "utf-8")

    def add_workers(self, count: int) -> list[int]:
        return self.dask.add(count, path=self._modules)

    def begun(self, project: str) -> list[tuple[int, int]]:
        """The worker and the process of each time that a project was begun."""
        notes = [note.name.split() for note in self._notes.iterdir()]
        return [(int(worker), int(process)) for name, worker, process in notes if name == project]

    def write_waiting(self, *names: str) -> list[str]:
        write_projects(self.projects, *names)
        for name in names:
            (self.projects / name / "wait").touch()
        return list(names)

    def let_go(self, *names: str) -> None:
        for name in names:
            (self.projects / name / "wait").unlink()

    def start(self, *words: str, patience: str = "") -> subprocess.Popen[str]:
        """A scan; `patience` changes how long it waits for a cluster."""
        arguments = ["scan", *words, self.dask.option, "--output", "scan.jsonl", "--no-cache"]
        patient = [sys.executable, "-c", PATIENT.format(patience=patience, arguments=arguments)]
        return subprocess.Popen(
            patient if patience else [*COMMAND, *arguments],
            cwd=self.projects,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def scan(self, *words: str, patience: str = "") -> Done:
        return finish(self.start(*words, patience=patience))

    def written(self) -> dict[str, tuple[object, object]]:
        return statuses(self.projects) if (self.projects / "scan.jsonl").exists() else {}


def finish(running: subprocess.Popen[str]) -> Done:
    try:
        out, err = running.communicate(timeout=SECONDS)
    finally:
        end(running)
    return Done(running.returncode, out, err)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two workers for tests that leave them as they are."""
    folder = tmp_path_factory.mktemp("shared")
    with cluster(folder / "cluster") as dask:
        site = Site(folder, dask)
        site.add_workers(2)
        yield site


@pytest.fixture
def pair(shared: Site) -> Site:
    """Two workers, and no projects yet."""
    shutil.rmtree(shared.projects)
    shared.projects.mkdir()
    return shared


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A cluster without workers."""
    with cluster(tmp_path / "cluster") as dask:
        yield Site(tmp_path, dask)


def lines_of(folder: Path) -> list[str]:
    """The lines of a scan without what differs from one to the next."""
    return sorted(json.dumps(record) for record in records(folder))


def refused(done: Done, site: Site, reason: str) -> None:
    without_port = re.sub(r"(worker tcp://127\.0\.0\.1):\d+", r"\1:PORT", done.err)
    assert (done.code, done.out) == (2, "")
    assert without_port == f"error: --executor {site.dask.option.partition('=')[2]}: {reason}\n"


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    # Whoever adopts a process may be slow to ask how it ended.
    with suppress(OSError):
        return " Z " in Path(f"/proc/{process}/stat").read_text()
    return False


def test_the_file_is_that_of_a_scan_here(pair: Site) -> None:
    folder = pair.projects
    names = write_projects(folder, "one", "two", "wrong", "broken")
    names += write_projects(folder, "clean", text=GOOD)
    (folder / "two" / "pyproject.toml").write_text('[tool.wandblint]\nignore = ["WB101"]\n')
    (folder / "wrong" / "pyproject.toml").write_text("[tool.wandblint]\nselekt = 1\n")
    (folder / "broken" / "other.py").write_bytes(b"import wandb\nx = '\xff'\n")

    there = pair.scan(*names)
    lines = lines_of(folder)
    (folder / "scan.jsonl").unlink()
    here = wandblint("scan", *names, "--output", "scan.jsonl", "--no-cache", cwd=folder)

    assert (there.code, there.out) == (here.code, here.out) == (2, here.out)
    assert sorted(there.err.splitlines()) == sorted(here.err.splitlines())
    assert lines == lines_of(folder)
    assert all(len(pair.begun(name)) == 1 for name in ("one", "two", "clean")), "workers linted them"


def test_a_folder_that_workers_do_not_see_costs_no_other(pair: Site) -> None:
    names = write_projects(pair.projects, "fine")

    done = pair.scan("elsewhere", *names)

    assert done.code == 2
    assert re.sub(r":\d+\n", ":PORT\n", done.err) == (
        "error: elsewhere: does not exist on worker tcp://127.0.0.1:PORT\n"
    )
    assert pair.written() == {"elsewhere": ("failed", 0), "fine": ("done", 1)}


def test_a_project_that_harms_the_linter_harms_no_other(pair: Site) -> None:
    names = write_projects(pair.projects, "deadly", "good")
    (pair.projects / "deadly" / "suicide").write_text(str(int(signal.SIGKILL)))

    done = pair.scan(*names)

    assert (done.code, done.err) == (2, "error: deadly: its process ended by signal 9\n")
    assert pair.written() == {"deadly": ("failed", 0), "good": ("done", 1)}

    again = pair.scan(*names, "--retry")

    assert (again.code, again.err) == (1, "")
    assert pair.written() == {"deadly": ("done", 1), "good": ("done", 1)}


def test_a_project_whose_machine_is_taken_away_is_linted_again(pair: Site) -> None:
    names = write_projects(pair.projects, "taken")
    (pair.projects / "taken" / "suicide").write_text(str(int(signal.SIGTERM)))

    done = pair.scan(*names)

    assert (done.code, done.err) == (1, "")
    assert pair.written() == {"taken": ("done", 1)}
    assert len(pair.begun("taken")) == 2


def test_a_project_that_takes_too_long_is_ended(pair: Site) -> None:
    names = pair.write_waiting("endless")

    done = pair.scan(*names, "--timeout", "1")

    assert (done.code, done.err) == (2, "error: endless: took longer than 1 seconds\n")
    assert all(is_gone(process) for _, process in pair.begun("endless"))


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_scan_that_is_ended_goes_on_where_it_was(pair: Site, how: signal.Signals) -> None:
    waiting = pair.write_waiting(f"a{int(how)}", f"b{int(how)}", f"c{int(how)}")
    names = [*write_projects(pair.projects, "first"), *waiting]
    running = pair.start(*names)
    wait_until(lambda: "first" in pair.written() and sum(map(len, map(pair.begun, waiting))) == 2, running)

    os.killpg(running.pid, how)
    done = finish(running)

    assert (done.code, done.out, done.err.strip()) == (-9 if how is signal.SIGKILL else 130, "", "")
    wait_until(lambda: pair.dask.tasks() == 0)
    begun = [process for name in waiting for _, process in pair.begun(name)]
    wait_until(lambda: all(map(is_gone, begun)))
    before = (pair.projects / "scan.jsonl").read_bytes()
    pair.let_go(*waiting)
    assert pair.scan(*names).code == 1
    assert (pair.projects / "scan.jsonl").read_bytes().startswith(before)
    assert pair.written() == dict.fromkeys(names, ("done", 1))
    assert len(records(pair.projects)) == 8


def test_nothing_of_a_project_is_imported(pair: Site) -> None:
    write_projects(pair.projects, "evil")
    for name in ("click", "json", "wandblint", "sitecustomize", "distributed"):
        ran = str(pair.projects / "ran")
        (pair.projects / "evil" / f"{name}.py").write_text(f"open({ran!r}, 'w')\n")

    pair.scan("evil")

    assert pair.written() == {"evil": ("done", 1)}
    assert not (pair.projects / "ran").exists()


def test_a_killed_worker_loses_nothing(site: Site) -> None:
    site.add_workers(2)
    names = [*site.write_waiting("a", "b"), *write_projects(site.projects, "c", "d")]
    running = site.start(*names)
    wait_until(lambda: site.begun("a") and site.begun("b"), running)
    (worker, process), (other, _) = site.begun("a")[0], site.begun("b")[0]
    assert worker != other

    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: is_gone(process))
    site.let_go("b")
    wait_until(lambda: len(site.begun("a")) == 2, running)
    site.let_go("a")
    done = finish(running)

    assert (done.code, done.err) == (1, "")
    assert site.written() == dict.fromkeys(names, ("done", 1))
    assert len(records(site.projects)) == 8, "each result is written once"
    assert {worker for worker, _ in site.begun("a")} == {worker, other}


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
def test_a_cluster_that_dies_leaves_what_is_done(
    site: Site, kill: Callable[[Site, Sequence[int]], None], reason: str
) -> None:
    workers = site.add_workers(2)
    names = [*write_projects(site.projects, "first"), *site.write_waiting("a", "b")]
    running = site.start(*names, patience="scan_cluster.PATIENCE, scan_cluster.PAUSE = 1, 0.1")
    wait_until(lambda: "first" in site.written() and site.begun("a") and site.begun("b"), running)

    kill(site, workers)

    refused(finish(running), site, f"{reason}; the same command goes on with the projects that are left")
    before = (site.projects / "scan.jsonl").read_bytes()
    site.let_go("a", "b")
    assert wandblint("scan", *names, "--output", "scan.jsonl", "--no-cache", cwd=site.projects).code == 1
    assert (site.projects / "scan.jsonl").read_bytes().startswith(before)
    assert site.written() == dict.fromkeys(names, ("done", 1))


def test_a_project_that_kills_its_workers_ends(tmp_path: Path) -> None:
    with cluster(tmp_path / "cluster", DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as dask:
        site = Site(tmp_path, dask)
        site.add_workers(2)
        write_projects(site.projects, "murderer")
        (site.projects / "murderer" / "murder").touch()

        done = site.scan("murderer")

    assert (done.code, done.err) == (2, "error: murderer: 1 workers died while they linted it\n")


def _other(folder: Path, name: str, old: str, new: str) -> Path:
    """A folder with another wandblint."""
    copy = shutil.copytree(
        PACKAGE, folder / "other" / "wandblint", ignore=shutil.ignore_patterns("__pycache__")
    )
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), "utf-8")
    return copy.parent


def _missing(folder: Path, module: str) -> Path:
    """A folder that makes Python say that a module is missing."""
    hidden = folder / "hidden"
    hidden.mkdir()
    error = f"ModuleNotFoundError({f'No module named {module!r}'!r}, name={module!r})"
    (hidden / f"{module}.py").write_text(f"raise {error}\n", "utf-8")
    return hidden


def _older(folder: Path) -> Path:
    """A folder with a wandblint that scans on no cluster."""
    package = folder / "older" / "wandblint"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return package.parent


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (
            lambda folder: _other(folder, "__init__.py", __version__, "99.0"),
            f"has wandblint 99.0, this machine {__version__}",
        ),
        (
            lambda folder: _other(folder, "finding.py", "import", "import "),
            "has other sources of wandblint",
        ),
        (_older, "has another wandblint"),
        (lambda folder: _missing(folder, "wandblint"), "has no wandblint"),
    ],
    ids=["version", "sources", "older", "none"],
)
def test_a_worker_that_would_lint_otherwise_is_named(
    site: Site, tmp_path: Path, make: Callable[[Path], Path], reason: str
) -> None:
    site.dask.add(1)
    site.dask.add(1, path=make(tmp_path))

    done = site.scan(*write_projects(site.projects, "one"))

    refused(done, site, f"worker tcp://127.0.0.1:PORT {reason}; 1 of 2 workers differ")
    assert site.written() == {}


def test_a_worker_that_joins_and_would_lint_otherwise_lints_nothing(site: Site, tmp_path: Path) -> None:
    workers = site.add_workers(1)
    names = site.write_waiting("a", "b")
    running = site.start(*names)
    wait_until(lambda: site.begun("a"), running)

    site.dask.add(1, path=_other(tmp_path, "finding.py", "import", "import "))
    _kill_workers(site, workers)

    reason = "worker tcp://127.0.0.1:PORT has other sources of wandblint"
    done = finish(running)
    refused(
        Done(
            done.code, done.out, done.err.replace("; 1 of 2 workers differ", "")
        ),  # the dead may still count
        site,
        f"{reason}; the same command goes on with the projects that are left",
    )
    assert site.written() == {}


def test_workers_that_do_not_answer_are_one_line(site: Site) -> None:
    for worker in site.dask.add(1):
        os.kill(worker, signal.SIGSTOP)

    done = site.scan(*write_projects(site.projects, "one"), patience="scan_cluster.WAIT = 3")

    refused(done, site, "its workers do not answer within 3 seconds")


def test_a_cluster_without_workers_is_one_line(site: Site) -> None:
    done = site.scan(*write_projects(site.projects, "one"))

    refused(done, site, "it has no workers")


def _scan(folder: Path, address: str, *words: str, **changes: str) -> Done:
    write_projects(folder, "one")
    return wandblint("scan", "one", "--executor", address, "--output", "out", *words, cwd=folder, **changes)


@pytest.mark.parametrize("listens", [True, False], ids=["silent", "not there"])
def test_a_scheduler_that_does_not_answer_is_one_line(tmp_path: Path, *, listens: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"dask://127.0.0.1:{other.getsockname()[1]}"

        done = _scan(tmp_path, address)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: --executor {address}: no Dask scheduler answers there\n"


@pytest.mark.parametrize(
    "address",
    ["ray://here", "dask://host", "dask://:1", "dask://host:0", "dask://host:65536", "dask://a/b:1"],
)
def test_an_address_is_checked(tmp_path: Path, address: str) -> None:
    done = _scan(tmp_path, address)

    assert (done.code, done.out) == (2, "")
    assert done.err.endswith(f"`{address}` is not dask://HOST:PORT\n")


def test_the_number_of_jobs_is_the_cluster_s(tmp_path: Path) -> None:
    done = _scan(tmp_path, "dask://127.0.0.1:1", "--jobs", "2")

    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --jobs is of this machine; on a cluster the threads of its workers count\n"


def test_without_the_extra_it_is_one_line(tmp_path: Path) -> None:
    path = os.pathsep.join([str(_missing(tmp_path, "distributed")), os.environ.get("PYTHONPATH", "")])

    done = _scan(tmp_path, "dask://127.0.0.1:1", PYTHONPATH=path)

    assert (done.code, done.out) == (2, "")
    assert done.err == "error: --executor needs distributed: pip install 'wandblint[scan]'\n"
