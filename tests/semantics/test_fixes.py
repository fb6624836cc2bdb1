"""Safe fixes leave what wandb records unchanged: programs are run before and after, and their runs compared.

The programs are the cases of the rule pages that safe fixes change, and some that are made up. Those are
left out that open no run here, for want of a module or a file, or one twice, and those that use what wandb
has lost.
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
from hypothesis import HealthCheck, Phase, given, settings

from tests.cli.programs import write
from tests.fixing.training import Program, programs
from wandblint.app import registry
from wandblint.pages.fixed import fixed
from wandblint.pages.page import parse

# The programs are run once a session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("fixes")

HERE = Path(__file__).parent
MADE_UP = 20
QUIET = {
    f"WANDB_{name}": "true"
    for name in ("SILENT", "X_DISABLE_STATS", "X_DISABLE_META", "X_DISABLE_MACHINE_INFO")
}
_LOST = re.compile(r"AttributeError|TypeError|ValidationError")
_OF_THE_MOMENT = frozenset({"_timestamp", "_runtime"})


@dataclass(frozen=True)
class Ran:
    """What a program did: how its scripts failed, and the records of each of its runs."""

    errors: list[str]
    runs: list[list[dict[str, Any]]]
    resumes: bool
    """Whether it opens a run twice: then wandb's log is one or two, as the clock has it."""


@cache
def mended() -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """The programs that safe fixes change, by a name: their files before and after."""
    found = {
        f"{rule.code} {case.name}": case.files
        for rule in registry.rules()
        if rule.audit is None
        for case in parse(registry.page(rule)).cases
    }
    found |= {f"made up {number}": program.files for number, program in enumerate(_made_up())}
    after = {name: fixed(files, unsafe=False).texts for name, files in found.items()}
    return {name: (files, {**files, **after[name]}) for name, files in found.items() if after[name]}


def _made_up() -> list[Program]:
    drawn: list[Program] = []

    @settings(
        max_examples=MADE_UP,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(runs=True))
    def draw(program: Program) -> None:
        drawn.append(program)

    draw()
    return drawn


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Ran, Ran]]:
    """The programs, each run before and after it was fixed."""
    folder = tmp_path_factory.mktemp("fixes")
    projects, kept = folder / "projects", folder / "kept"
    kept.mkdir()
    for number, both in enumerate(mended().values()):
        for files, when in zip(both, ("before", "after"), strict=True):
            write(projects / f"{number} {when}", files)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment |= {**QUIET, "WANDB_MODE": "offline"}
    environment |= {f"WANDB_{kind}DIR": str(kept) for kind in ("", "CACHE_", "CONFIG_", "DATA_", "ARTIFACT_")}
    for program, argument, out in (
        ("offline_projects.py", projects, subprocess.DEVNULL),
        ("offline_records.py", kept / "wandb", (folder / "records").open("wb")),
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
        name: (_ran(answers[f"{number} before"], records), _ran(answers[f"{number} after"], records))
        for number, name in enumerate(mended())
    }


def _records(file: Path) -> dict[str, list[dict[str, Any]]]:
    """The records of each run, by its id."""
    found: dict[str, list[dict[str, Any]]] = {}
    run: list[dict[str, Any]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("offline-run-"):
            run = found.setdefault(line.rpartition("-")[2], [])
        else:
            run.append(json.loads(line))
    return found


def _ran(answer: Mapping[str, Any], records: Mapping[str, list[dict[str, Any]]]) -> Ran:
    ids = list(dict.fromkeys(answer["runs"]))
    errors = [re.sub("|".join(ids) or "$^", "ID", error) for error in answer["errors"]]
    return Ran(errors, [list(_made(records[one])) for one in ids], len(ids) < len(answer["runs"]))


def _made(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What the program made of a run: rows, definitions, how it ended, and at last the configuration.

    wandb writes the configuration in as many parts as the moment brings, and the summary, which follows.
    """
    config: dict[str, Any] = {}
    for record in records:
        match record:
            case {"type": "history", "history": {"item": item, "step": step}}:
                row = {key: value for key, value in item.items() if key not in _OF_THE_MOMENT}
                yield {"type": "history", "item": row, "step": step}
            case {"type": "metric" | "exit" as kind}:
                yield {
                    "type": kind,
                    **{key: value for key, value in record[kind].items() if key != "runtime"},
                }
            case {"type": "config", "config": {"update": update}}:
                config |= update
    yield {"type": "config", **{key: value for key, value in config.items() if not key.startswith("_wandb")}}


def why_left_out(before: Ran) -> str:
    """Why a program says nothing about its fixes; empty where it does."""
    if any(_LOST.search(error) for error in before.errors):
        return "uses what wandb has lost"
    if before.resumes:
        return "opens a run twice"
    return "" if before.runs else "opens no run"


@pytest.mark.parametrize("name", mended())
def test_safe_fixes_leave_what_is_recorded(name: str, ran: dict[str, tuple[Ran, Ran]]) -> None:
    before, after = ran[name]
    if reason := why_left_out(before):
        pytest.skip(reason)
    assert after == before


def test_how_many_programs_were_compared(ran: dict[str, tuple[Ran, Ran]]) -> None:
    reasons = Counter(why_left_out(before) or "compared" for before, _ in ran.values())
    compared = [before for before, _ in ran.values() if not why_left_out(before)]
    records = [record for before in compared for run in before.runs for record in run]
    assert reasons["compared"] >= 25, reasons
    assert sum(record["type"] == "history" for record in records) >= 80
