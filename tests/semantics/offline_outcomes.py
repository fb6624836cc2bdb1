"""How projects end when they run with the installed wandb, offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def outcomes(projects: Sequence[tuple[Mapping[str, str], str]], root: Path) -> list[list[object] | None]:
    """For each project and its script: None, or wandb's error, and the file and row where it leaves wandb."""
    requests = []
    for number, (files, script) in enumerate(projects):
        folder = root / str(number)
        folder.mkdir()
        for path, text in files.items():
            (folder / path).write_text(text, encoding="utf-8")
        requests.append((str(folder), script))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(root)}
    program = Path(__file__).with_name("offline_cases.py")
    result = subprocess.run(
        [sys.executable, str(program)],
        input=json.dumps(requests),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers: list[list[object] | None] = json.loads(result.stdout.splitlines()[-1])
    return answers
