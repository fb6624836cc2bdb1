"""The stand-in records what the installed wandb records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine_runs import write
from tests.oracle.programs import BREAKING, KINDS, files_of, random_program
from tests.oracle.stand_in import record
from tests.oracle.trees import Node, Program, simplest
from tests.semantics.dropped_rows import quick
from tests.semantics.offline import HERE as SEMANTICS

# The programs run once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("stand-in")

INTERNAL_KEYS = {"_step", "_timestamp", "_runtime"}
TWO_AXES = "define everything"
"""With another glob wandb picks one of two at random."""

EVERY_STATEMENT = Node(
    "block",
    tuple(
        Node(kind.name, tuple(simplest(part) for part in kind.parts))
        for kind in KINDS.values()
        if kind.sort.value == "statement" and kind.name not in {TWO_AXES, *BREAKING}
    ),
)
PROGRAMS: dict[str, Program] = {
    "every statement": (Node("with init", (EVERY_STATEMENT,)),),
    **{f"seed {seed}": random_program(seed, {TWO_AXES, *BREAKING}) for seed in range(900, 914)},
}

Rows = dict[int, dict[str, Any]]


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Rows]]:
    """The rows of every run of every program, by step."""
    folder = tmp_path_factory.mktemp("oracle")
    for name, program in PROGRAMS.items():
        write(folder / "programs" / name, files_of(program))
    variables = quick(folder)
    answer_file = folder / "programs" / "runs.json"
    _python(variables, Path(__file__).with_name("offline_programs.py"), folder / "programs")
    rows: dict[str, Rows] = {}
    for line in _python(variables, SEMANTICS / "offline_records.py", folder / "wandb").splitlines():
        if line.startswith("offline-run-"):
            rows[line.rpartition("-")[2]] = run_rows = {}
        elif (item := json.loads(line))["type"] == "history":
            row = item["history"]["item"]
            run_rows[row["_step"]] = {key: row[key] for key in row.keys() - INTERNAL_KEYS}
    answer = json.loads(answer_file.read_text(encoding="utf-8"))
    assert {name: result["error"] for name, result in answer.items() if result["error"]} == {}
    return {name: [rows[run_id] for run_id in result["runs"]] for name, result in answer.items()}


def _python(variables: dict[str, str], program: Path, argument: Path) -> str:
    command = [sys.executable, str(program), str(argument)]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_stand_in_records_the_rows_of_wandb(real: dict[str, list[Rows]], name: str) -> None:
    recorded = record(files_of(PROGRAMS[name]))
    assert recorded.error is None
    assert [run.rows for run in recorded.runs] == real[name]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import wandb\nwandb.log({'a': 1})", "WandbError"),
        ("from wandb import log, init\ninit()\nlog({'a': 1})", "WandbError"),
        ("import wandb\nrun = wandb.init()\nrun.finish()\nrun.log({'a': 1})", "WandbError"),
        ("import wandb\nwandb.init().log([1])", "TypeError"),
        ("import wandb\nwandb.init().log({1: 1})", "TypeError"),
        ("import wandb\nwandb.init().define_metric('a/*/b')", "WandbError"),
        ("while True:\n    pass", "EndlessError"),
        ("import wandb\nrun = wandb.init()\nwhile True:\n    run.log({'a': 1})", "EndlessError"),
    ],
)
def test_the_stand_in_raises(text: str, error: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.oracle.stand_in.SECONDS", 0.2)
    assert str(record({"train.py": text}).error).startswith(error)
