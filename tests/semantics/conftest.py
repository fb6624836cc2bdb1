"""What the installed wandb really does, recorded once for all tests: offline, in a separate folder."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from . import scenarios, studies
from .offline import answer, environment

INTERNAL_KEYS = ("_step", "_timestamp", "_runtime")


@dataclass(frozen=True)
class Recorded:
    """The answers of the offline program, and the rows of its runs by the name of the study."""

    rows: dict[str, list[dict[str, Any]]]
    all_keys: set[str]
    steps: dict[str, dict[str, int]]
    """The number of the row that contains a key, by the name of the study."""
    second_init: dict[str | bool | None, str]
    disabled_dir: Path
    runs_dir: Path


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("wandb-runs")
    rows = {"id": "rows", "definitions": [], "rows": [], "calls": studies.log_calls()}
    all_studies = [*studies.ALL, rows, scenarios.study()]
    requests = {"studies": all_studies, "reinit": studies.REINIT}
    answers = answer("offline_runs.py", folder, requests)
    raw = {study["id"]: _rows(folder, study["id"]) for study in all_studies}
    return Recorded(
        rows={name: [_without_internal_keys(row) for row in rows] for name, rows in raw.items()},
        all_keys={key for rows in raw.values() for row in rows for key in row},
        steps={name: {key: row["_step"] for row in rows for key in row} for name, rows in raw.items()},
        second_init=dict(zip(studies.REINIT, answers["second_init"], strict=True)),
        disabled_dir=Path(answers["disabled"]),
        runs_dir=folder / "wandb",
    )


def _rows(folder: Path, run_id: str) -> list[dict[str, Any]]:
    """The rows of a finished run, by wandb's own reader."""
    (run_dir,) = (folder / "wandb").glob(f"offline-run-*-{run_id}")
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(run_dir)]
    result = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert records[-1]["type"] == "exit", "the log is complete"
    return [record["history"]["item"] for record in records if record["type"] == "history"]


def _without_internal_keys(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in INTERNAL_KEYS}
