"""`--executor dask://HOST:PORT`: Dask's own scheduler and workers, on this machine."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.dask_programs import SECONDS, Cluster, cluster, end, wait_until
from tests.cli.programs import COMMAND, Done, environment, wandblint
from tests.reading.test_ahead import write_project
from wandblint import __version__
from wandblint.reading.ahead import WORTH

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a killed worker is one of POSIX"),
    pytest.mark.xdist_group("dask"),
]
PACKAGE = Path(__file__).parents[2] / "wandblint"
JSON = ("--no-cache", "--output-format", "json")
HURRIED = """
import sys
from wandblint.cli import cluster, main
{patience}
sys.argv[1:] = {arguments}
main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that is large enough for other processes, and says so if it is ever run."""
    root = tmp_path / "project"
    root.mkdir()
    write_project(root)
    for number in range(4):
        filler = "y = [1, 2, 3]\n" * (WORTH // 40)
        ran = f"import wandb\nopen({str(tmp_path / 'ran')!r}, 'w')\n"
        (root / f"large_{number}.py").write_text(ran + filler)
    return root


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Cluster]:
    """A cluster without workers."""
    with cluster(tmp_path / "cluster") as made:
        yield made


def _start(project: Path, *arguments: str, patience: str = "") -> subprocess.Popen[str]:
    """The program; `patience` changes how long it waits for a cluster."""
    hurried = [sys.executable, "-c", HURRIED.format(patience=patience, arguments=[*JSON, *arguments])]
    return subprocess.Popen(
        hurried if patience else [*COMMAND, *JSON, *arguments],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def _end(running: subprocess.Popen[str]) -> Done:
    try:
        out, err = running.communicate(timeout=SECONDS)
    finally:
        end(running)
    return Done(running.returncode, out, err)


def _here(project: Path) -> Done:
    done = wandblint(*JSON, "--jobs", "1", cwd=project)
    assert done.code == 1, "one file is broken"
    return done


def _refused(done: Done, said: str) -> None:
    assert (done.code, done.out, done.err.splitlines()) == (2, "", [f"error: {said}"])


def test_findings_are_those_of_this_machine_byte_for_byte(empty: Cluster, project: Path) -> None:
    workers = empty.add(2)

    there = wandblint(*JSON, empty.option, cwd=project)

    assert there == _here(project)
    assert set(empty.readers()) <= set(workers)
    assert len(empty.readers()) == 35, "the workers have read every file"
    assert not (project.parent / "ran").exists(), "nothing of the project is run"


def test_a_worker_that_is_killed_loses_nothing(empty: Cluster, project: Path) -> None:
    empty.add(2, pause=0.2)

    running = _start(project, empty.option)
    wait_until(empty.readers, running)
    os.kill(empty.readers()[0], signal.SIGKILL)

    assert _end(running) == _here(project)
    assert len(set(empty.readers())) == 2


def test_workers_that_are_all_killed_lose_nothing(empty: Cluster, project: Path) -> None:
    workers = empty.add(2, pause=0.2)

    running = _start(project, empty.option, patience="cluster.PAUSE = 0.1")
    wait_until(empty.readers, running)
    for worker in workers:
        os.kill(worker, signal.SIGKILL)

    assert _end(running) == _here(project)
    assert len(empty.readers()) < 35, "this machine has read the others"


def test_a_scheduler_that_is_killed_loses_nothing(empty: Cluster, project: Path) -> None:
    empty.add(2, pause=0.2)

    running = _start(project, empty.option)
    wait_until(empty.readers, running)
    os.kill(empty.scheduler, signal.SIGKILL)

    assert _end(running) == _here(project)


def test_a_worker_that_joins_with_other_sources_gives_no_facts(empty: Cluster, project: Path) -> None:
    empty.add(1, pause=0.2)

    running = _start(project, empty.option)
    wait_until(empty.readers, running)
    other = empty.add(
        1, path=_other(project.parent, "reading/result.py", "facts = read(", "facts = None and read(")
    )

    assert _end(running) == _here(project)
    assert other[0] not in empty.readers()


def _other(folder: Path, name: str, old: str, new: str) -> Path:
    """A folder with another wandblint."""
    copy = shutil.copytree(
        PACKAGE, folder / "other" / "wandblint", ignore=shutil.ignore_patterns("__pycache__")
    )
    text = (copy / name).read_text("utf-8")
    assert old in text
    (copy / name).write_text(text.replace(old, new), "utf-8")
    return copy.parent


def test_a_worker_with_another_version_is_named(empty: Cluster, project: Path) -> None:
    empty.add(1)
    empty.add(1, path=_other(project.parent, "__init__.py", __version__, "99.0"))

    done = wandblint(*JSON, empty.option, cwd=project)

    said = f"has wandblint 99.0, this machine {__version__}; 1 of 2 workers read otherwise"
    _refused(_without_port(done), f"--executor {empty.given}: worker tcp://127.0.0.1:PORT {said}")


def test_a_worker_with_other_sources_of_this_version_is_named(empty: Cluster, project: Path) -> None:
    empty.add(1, path=_other(project.parent, "reading/result.py", "facts = read(", "facts = None and read("))

    done = wandblint(*JSON, empty.option, cwd=project)

    said = "has other sources of wandblint"
    _refused(_without_port(done), f"--executor {empty.given}: worker tcp://127.0.0.1:PORT {said}")


def test_a_worker_without_wandblint_is_named(empty: Cluster, project: Path, tmp_path: Path) -> None:
    hidden = _missing(tmp_path, "wandblint")
    empty.add(1, path=hidden, notes=False)

    done = wandblint(*JSON, empty.option, cwd=project)

    said = "has no wandblint"
    _refused(_without_port(done), f"--executor {empty.given}: worker tcp://127.0.0.1:PORT {said}")


def _without_port(done: Done) -> Done:
    """Workers take any port."""
    return Done(done.code, done.out, re.sub(r"(worker tcp://127\.0\.0\.1):\d+", r"\1:PORT", done.err))


def _missing(folder: Path, module: str) -> Path:
    """A folder that makes Python say that a module is missing."""
    hidden = folder / "hidden"
    hidden.mkdir()
    error = f"ModuleNotFoundError({f'No module named {module!r}'!r}, name={module!r})"
    (hidden / f"{module}.py").write_text(f"raise {error}\n", "utf-8")
    return hidden


def test_workers_that_do_not_answer_are_one_line(empty: Cluster, project: Path) -> None:
    for worker in empty.add(1):
        os.kill(worker, signal.SIGSTOP)

    done = wandblint(*JSON, empty.option, cwd=project)

    _refused(done, f"--executor {empty.given}: its workers do not answer within 10 seconds")


def test_a_cluster_without_workers_is_one_line(empty: Cluster, project: Path) -> None:
    done = wandblint(*JSON, empty.option, cwd=project)

    _refused(done, f"--executor {empty.given}: it has no workers")


@pytest.mark.parametrize("listens", [True, False], ids=["silent", "not there"])
def test_a_scheduler_that_does_not_answer_is_one_line(project: Path, *, listens: bool) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        if listens:
            other.listen()
        address = f"dask://127.0.0.1:{other.getsockname()[1]}"

        done = _end(_start(project, "--executor", address, patience="cluster.WAIT = 1"))

    _refused(done, f"--executor {address}: no Dask scheduler answers there")


def test_ctrl_c_ends_it_and_its_tasks(empty: Cluster, project: Path) -> None:
    empty.add(2, pause=1)

    running = _start(project, empty.option)
    wait_until(empty.readers, running)
    os.killpg(running.pid, signal.SIGINT)

    done = _end(running)
    assert (done.code, done.out, done.err.strip()) == (130, "", "")
    wait_until(lambda: empty.tasks() == 0)


def test_an_address_is_checked(project: Path) -> None:
    done = wandblint("--executor", "ray://here", cwd=project)

    assert done.code == 2
    assert "`ray://here` is not dask://HOST:PORT" in done.err


def test_without_the_extra_it_is_one_line(project: Path, tmp_path: Path) -> None:
    path = os.pathsep.join([str(_missing(tmp_path, "distributed")), os.environ.get("PYTHONPATH", "")])

    done = wandblint("--executor", "dask://127.0.0.1:1", cwd=project, PYTHONPATH=path)

    _refused(done, "--executor needs distributed: pip install 'wandblint[dask]'")
