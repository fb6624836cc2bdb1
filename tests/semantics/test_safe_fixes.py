"""Safe fixes leave what wandb records unchanged: programs are run before and after, and their runs compared.

The programs are the cases of the rule pages that safe fixes change, and some that are generated. Left
out are programs that open no run because a module or file is missing, that open a run twice, or that use API
that wandb has removed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.cli.programs import write
from tests.fixing.training_programs import Program, programs
from wandblint.app import registry
from wandblint.pages.fixing import fix_files
from wandblint.pages.page import parse

# The programs run once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("fixes")

HERE = Path(__file__).parent
GENERATED = 26
SEED = 5
"""Without it Hypothesis derives the draw from the source text of the function."""
QUIET = {
    f"WANDB_{name}": "true"
    for name in ("SILENT", "X_DISABLE_STATS", "X_DISABLE_META", "X_DISABLE_MACHINE_INFO")
}
_REMOVED_API_ERRORS = re.compile(r"AttributeError|TypeError|ValidationError")
_TIME_KEYS = frozenset({"_timestamp", "_runtime"})


@dataclass(frozen=True)
class ProgramRun:
    """A run of a program: the errors of its scripts, and the records of each of its runs."""

    errors: list[str]
    runs: list[list[dict[str, Any]]]
    resumes: bool
    """Whether it opens a run twice: then timing decides whether wandb writes one log or two."""


@cache
def fixed_programs() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """The programs that safe fixes change, by name: their files before and after."""
    files_by_name = {
        f"{rule.code} {case.name}": case.files
        for rule in registry.rules()
        if rule.audit is None
        for case in parse(registry.page(rule)).cases
    }
    files_by_name |= {
        f"generated {number}": program.files for number, program in enumerate(_generated_programs())
    }
    after = {name: fix_files(files, unsafe=False).texts for name, files in files_by_name.items()}
    return {name: (files, {**files, **after[name]}) for name, files in files_by_name.items() if after[name]}


def _generated_programs() -> list[Program]:
    drawn: list[Program] = []

    @seed(SEED)
    @settings(
        max_examples=GENERATED,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(runnable=True))
    def draw(program: Program) -> None:
        drawn.append(program)

    draw()
    return drawn


@pytest.fixture(scope="session")
def program_runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[ProgramRun, ProgramRun]]:
    """The programs, each run before and after its fixes."""
    folder = tmp_path_factory.mktemp("fixes")
    projects, logs = folder / "projects", folder / "logs"
    logs.mkdir()
    for number, versions in enumerate(fixed_programs().values()):
        for files, when in zip(versions, ("before", "after"), strict=True):
            write(projects / f"{number} {when}", files)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment |= {**QUIET, "WANDB_MODE": "offline"}
    environment |= {f"WANDB_{kind}DIR": str(logs) for kind in ("", "CACHE_", "CONFIG_", "DATA_", "ARTIFACT_")}
    for program, argument, out in (
        ("offline_projects.py", projects, subprocess.DEVNULL),
        ("offline_records.py", logs / "wandb", (folder / "records").open("wb")),
    ):
        subprocess.run(
            [sys.executable, str(HERE / program), str(argument)],
            env=environment,
            stdout=out,
            stderr=subprocess.DEVNULL,
            check=True,
        )
    answers = json.loads((projects / "runs.json").read_text(encoding="utf-8"))
    records = _records(folder / "records")
    return {
        name: (
            _program_run(answers[f"{number} before"], records),
            _program_run(answers[f"{number} after"], records),
        )
        for number, name in enumerate(fixed_programs())
    }


def _records(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The records of each run, by its id."""
    records_by_run: dict[str, list[dict[str, Any]]] = {}
    run: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("offline-run-"):
            run = records_by_run.setdefault(line.rpartition("-")[2], [])
        else:
            run.append(json.loads(line))
    return records_by_run


def _program_run(answer: Mapping[str, Any], records: Mapping[str, list[dict[str, Any]]]) -> ProgramRun:
    ids = list(dict.fromkeys(answer["runs"]))
    errors = [re.sub("|".join(ids) or "$^", "ID", error) for error in answer["errors"]]
    return ProgramRun(
        errors, [list(_stable_records(records[run_id])) for run_id in ids], len(ids) < len(answer["runs"])
    )


def _stable_records(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The records of a run that do not depend on time: rows, definitions, exit, and the merged configuration.

    Timing decides how often wandb writes parts of the configuration, and the summary.
    """
    config: dict[str, Any] = {}
    for record in records:
        match record:
            case {"type": "history", "history": {"item": item, "step": step}}:
                row = {key: value for key, value in item.items() if key not in _TIME_KEYS}
                yield {"type": "history", "item": row, "step": step}
            case {"type": "metric" | "exit" as kind}:
                yield {
                    "type": kind,
                    **{key: value for key, value in record[kind].items() if key != "runtime"},
                }
            case {"type": "config", "config": {"update": update}}:
                config |= update
    yield {"type": "config", **{key: value for key, value in config.items() if not key.startswith("_wandb")}}


def why_left_out(before: ProgramRun) -> str:
    """Why a program cannot be compared; empty where it can."""
    if any(_REMOVED_API_ERRORS.search(error) for error in before.errors):
        return "uses API that wandb has removed"
    if before.resumes:
        return "opens a run twice"
    return "" if before.runs else "opens no run"


@pytest.mark.parametrize("name", fixed_programs())
def test_safe_fixes_do_not_change_the_record(
    name: str, program_runs: dict[str, tuple[ProgramRun, ProgramRun]]
) -> None:
    before, after = program_runs[name]
    if reason := why_left_out(before):
        pytest.skip(reason)
    assert after == before


def test_enough_programs_are_compared(program_runs: dict[str, tuple[ProgramRun, ProgramRun]]) -> None:
    reasons = Counter(why_left_out(before) or "compared" for before, _ in program_runs.values())
    compared = [before for before, _ in program_runs.values() if not why_left_out(before)]
    records = [record for before in compared for run in before.runs for record in run]
    assert reasons["compared"] >= 25, reasons
    assert sum(record["type"] == "history" for record in records) >= 80
