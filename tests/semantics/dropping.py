"""Projects run with the installed wandb, offline: which of their log calls are dropped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

HERE = Path(__file__).parent

Place: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class Outcome:
    """What came of a project: the places that lead to each log call, whether it was kept, the last error."""

    calls: list[frozenset[Place]]
    kept: list[bool]
    error: str | None

    @property
    def dropped(self) -> list[frozenset[Place]]:
        """The places that lead to each log call that was dropped."""
        return [places for places, is_kept in zip(self.calls, self.kept, strict=True) if not is_kept]


def environment(folder: Path) -> dict[str, str]:
    """Variables for quick offline runs that write nothing outside a folder."""
    found = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    found |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_CONSOLE": "off"}
    found |= {f"WANDB_X_DISABLE_{what}": "true" for what in ("STATS", "META", "MACHINE_INFO")}
    return found | {
        f"WANDB_{kind}DIR": str(folder) for kind in ("", "CACHE_", "CONFIG_", "DATA_", "ARTIFACT_")
    }


def run_all(projects: Mapping[str, Mapping[str, str]], folder: Path) -> dict[str, Outcome]:
    """Runs the `train.py` of every project in one process; `projects` holds their files."""
    sources = folder / "projects"
    for name, files in projects.items():
        for path, text in files.items():
            file = sources / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    variables = environment(folder)
    _python(variables, HERE / "offline_scripts.py", sources)
    lines = _python(variables, HERE / "offline_records.py", folder / "wandb").splitlines()
    kept: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("offline-run-"):
            kept[line.rpartition("-")[2]] = keys = set[str]()
        elif (record := json.loads(line))["type"] == "history":
            keys.update(record["history"]["item"])
    answer = json.loads((sources / "calls.json").read_text(encoding="utf-8"))
    return {name: _outcome(found, kept) for name, found in answer.items()}


def _python(variables: dict[str, str], program: Path, argument: Path) -> str:
    command = [sys.executable, str(program), str(argument)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _outcome(found: dict[str, Any], kept: dict[str, set[str]]) -> Outcome:
    calls = [frozenset((path, line) for path, line in call["places"]) for call in found["calls"]]
    is_kept = [f"call {number}" in kept[call["run"]] for number, call in enumerate(found["calls"])]
    return Outcome(calls, is_kept, found["error"])
