"""Unsafe fixes repair what their finding says: programs are run before and after, and their runs compared.

The programs are cases of the rule pages. Each is a process of its own, because some end theirs at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import write
from tests.semantics.offline import HERE, environment
from wandblint.app import registry
from wandblint.pages.page import parse

# The programs run once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("unsafe fixes")

RULES = ("WB401", "WB506")
INTERNAL = "_"
"""How wandb's own keys begin."""
QUIET = {f"WANDB_X_DISABLE_{name}": "true" for name in ("STATS", "META", "MACHINE_INFO")}


@dataclass
class ProgramRun:
    """What the run of a program recorded, and the error with which the program ended."""

    error: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    exit_code: int | None = None


def programs() -> Iterator[tuple[str, Mapping[str, str], Mapping[str, str]]]:
    """The programs with unsafe fixes on their rules' pages: their files before and after."""
    for rule in registry.rules():
        if rule.code in RULES:
            for case in parse(registry.page(rule)).cases:
                if case.after_unsafe_fix:
                    yield f"{rule.code} {case.name}", case.files, {**case.files, **case.after_unsafe_fix}


PROGRAMS = {name: versions for name, *versions in programs()}


@pytest.fixture(scope="session")
def program_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[ProgramRun, ProgramRun]]:
    """The programs, each run before and after its fixes."""
    folder = tmp_path_factory.mktemp("fixes")
    runs: dict[str, ProgramRun] = {}
    for number, versions in enumerate(PROGRAMS.values()):
        for files, when in zip(versions, ("before", "after"), strict=True):
            runs[f"{number}{when}"] = ProgramRun(_error(folder, files, f"{number}{when}"))
    command = [sys.executable, str(HERE / "offline_records.py"), str(folder / "wandb")]
    records = subprocess.run(
        command, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    run = ProgramRun()
    for line in records.stdout.decode().splitlines():
        if line.startswith("offline-run-"):
            run = runs[line.rpartition("-")[2]]
        else:
            _add(run, json.loads(line))
    return {name: (runs[f"{number}before"], runs[f"{number}after"]) for number, name in enumerate(PROGRAMS)}


def _error(folder: Path, files: Mapping[str, str], run_id: str) -> str:
    """Runs the first file of a program, and returns the name of its error."""
    write(folder / run_id, files)
    result = subprocess.run(
        [sys.executable, next(iter(files))],
        cwd=folder / run_id,
        env={**environment(folder), **QUIET, "WANDB_RUN_ID": run_id},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.stderr.strip().rpartition("\n")[2].partition(":")[0] if result.returncode else ""


def _add(run: ProgramRun, record: Mapping[str, Any]) -> None:
    match record:
        case {"type": "config" | "summary" as kind}:
            written = getattr(run, kind)
            written |= _own(record[kind]["update"])
        case {"type": "history", "history": {"item": item}}:
            run.rows.append(_own(item))
        case {"type": "exit", "exit": {"exit_code": int(code)}}:
            run.exit_code = code


def _own(items: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in items.items() if not key.startswith(INTERNAL)}


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("WB401")])
def test_an_assigned_config_or_summary_is_recorded(
    name: str, program_runs: dict[str, tuple[ProgramRun, ProgramRun]]
) -> None:
    before, after = program_runs[name]
    logged = {key for row in after.rows for key in row}
    assert before.error in {"", "AttributeError"}
    assert not before.config
    assert before.summary.keys() <= logged
    assert after.error == ""
    assert after.config or after.summary.keys() - logged
    assert after.rows == before.rows
    assert after.exit_code == 0


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.startswith("WB506")])
def test_a_process_that_ends_at_once_leaves_a_complete_log(
    name: str, program_runs: dict[str, tuple[ProgramRun, ProgramRun]]
) -> None:
    before, after = program_runs[name]
    assert before.exit_code is None
    assert after.rows
    assert len(before.rows) < len(after.rows)
    # Python reports no error of `os._exit(3)`.
    assert after.exit_code == (3 if "an exit code" in name else 0)
    assert before.error == after.error == ""
