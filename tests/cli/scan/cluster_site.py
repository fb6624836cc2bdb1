"""A cluster with projects to scan, where a test controls when each project is linted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.cli.programs import COMMAND, SECONDS, Completed, environment
from tests.cli.scan.dask_cluster import Cluster, kill_program
from tests.cli.scan.test_scan import statuses, write_projects

PATIENT_PROGRAM = """
import sys
from wandblint.cli import main
from wandblint.cli.scan import cluster
{patience}
sys.argv[1:] = {arguments}
main()
"""
SITECUSTOMIZE = """
import os, signal, time
from pathlib import Path
from wandblint import engine
check = engine.check
def watched(root, *args, **kwargs):
    note = Path({notes!r}, f"{{root.name}} {{os.getppid()}} {{os.getpid()}}")
    note.touch()
    while (root / "wait").exists():
        time.sleep(0.05)
    if (root / "kill-process").exists():
        number = int((root / "kill-process").read_text())
        (root / "kill-process").unlink()
        os.kill(os.getpid(), number)
    if (root / "kill-worker").exists():
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return check(root, *args, **kwargs)
engine.check = watched
"""
"""The `sitecustomize` of workers and of the processes that they start."""


class Site:
    """A cluster, a folder of projects, and a note of each attempt to lint one."""

    def __init__(self, folder: Path, dask: Cluster) -> None:
        self.projects = folder / "projects"
        self.projects.mkdir()
        self.dask = dask
        self._notes = folder / "notes"
        self._notes.mkdir()
        self._modules = folder / "modules"
        self._modules.mkdir()
        (self._modules / "sitecustomize.py").write_text(SITECUSTOMIZE.format(notes=str(self._notes)), "utf-8")

    def add_workers(self, count: int) -> list[int]:
        return self.dask.add(count, path=self._modules)

    def attempts(self, project: str) -> list[tuple[int, int]]:
        """The worker and the process of each attempt to lint a project."""
        notes = [note.name.split() for note in self._notes.iterdir()]
        return [(int(worker), int(process)) for name, worker, process in notes if name == project]

    def write_waiting(self, *names: str) -> list[str]:
        write_projects(self.projects, *names)
        for name in names:
            (self.projects / name / "wait").touch()
        return list(names)

    def release(self, *names: str) -> None:
        for name in names:
            (self.projects / name / "wait").unlink()

    def start(self, *words: str, patience: str = "") -> subprocess.Popen[str]:
        """Starts a scan; `patience` is code that changes how long it waits for a cluster."""
        arguments = ["scan", *words, self.dask.option, "--output", "scan.jsonl", "--no-cache"]
        patient = [sys.executable, "-c", PATIENT_PROGRAM.format(patience=patience, arguments=arguments)]
        return subprocess.Popen(
            patient if patience else [*COMMAND, *arguments],
            cwd=self.projects,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )

    def scan(self, *words: str, patience: str = "") -> Completed:
        return finish(self.start(*words, patience=patience))

    def statuses(self) -> dict[str, tuple[object, object]]:
        return statuses(self.projects) if (self.projects / "scan.jsonl").exists() else {}


def finish(running: subprocess.Popen[str]) -> Completed:
    try:
        out, err = running.communicate(timeout=SECONDS)
    finally:
        kill_program(running)
    return Completed(running.returncode, out, err)
