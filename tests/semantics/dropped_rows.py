"""Projects run offline with the installed wandb: which of their log calls are dropped."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from .offline import HERE, environment

Location: TypeAlias = tuple[str, int]


@dataclass(frozen=True)
class ProjectRun:
    """A run of a project: the call stack of each log call, whether its row was recorded, and the error."""

    call_stacks: list[frozenset[Location]]
    is_recorded: list[bool]
    error: str | None

    @property
    def dropped(self) -> list[frozenset[Location]]:
        """The call stack of each log call that was dropped."""
        stacks = zip(self.call_stacks, self.is_recorded, strict=True)
        return [call_stack for call_stack, is_recorded in stacks if not is_recorded]


def quick(folder: Path) -> dict[str, str]:
    """Variables for runs that are over soon."""
    services = {f"WANDB_X_DISABLE_{service}": "true" for service in ("STATS", "META", "MACHINE_INFO")}
    return environment(folder) | services | {"WANDB_CONSOLE": "off"}


def run_all(projects: Mapping[str, Mapping[str, str]], folder: Path) -> dict[str, ProjectRun]:
    """Runs the `train.py` of every project in one process; `projects` holds their files."""
    sources = folder / "projects"
    for name, files in projects.items():
        for path, text in files.items():
            file = sources / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    variables = quick(folder)
    _python(variables, HERE / "offline_scripts.py", sources)
    lines = _python(variables, HERE / "offline_records.py", folder / "wandb").splitlines()
    recorded_keys: dict[str, set[str]] = {}
    for line in lines:
        if line.startswith("offline-run-"):
            recorded_keys[line.rpartition("-")[2]] = keys = set[str]()
        elif (record := json.loads(line))["type"] == "history":
            keys.update(record["history"]["item"])
    answer = json.loads((sources / "calls.json").read_text(encoding="utf-8"))
    return {name: _project_run(project_answer, recorded_keys) for name, project_answer in answer.items()}


def _python(variables: dict[str, str], program: Path, argument: Path) -> str:
    command = [sys.executable, str(program), str(argument)]
    result = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def _project_run(answer: dict[str, Any], recorded_keys: dict[str, set[str]]) -> ProjectRun:
    call_stacks = [frozenset((path, line) for path, line in call["call_stack"]) for call in answer["calls"]]
    is_recorded = [
        f"call {number}" in recorded_keys[call["run"]] for number, call in enumerate(answer["calls"])
    ]
    return ProjectRun(call_stacks, is_recorded, answer["error"])
