"""Programs that the installed wandb runs offline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def environment(folder: Path) -> dict[str, str]:
    """Variables for offline runs that write nothing outside a folder."""
    variables = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    variables |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}
    return variables | {
        f"WANDB_{kind}DIR": str(folder) for kind in ("", "CACHE_", "CONFIG_", "DATA_", "ARTIFACT_")
    }


def answer(program: str, folder: Path, requests: object = None) -> Any:
    """What a program beside this file answers to requests, in the last line that it prints."""
    result = subprocess.run(
        [sys.executable, str(HERE / program)],
        input=json.dumps(requests),
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])
