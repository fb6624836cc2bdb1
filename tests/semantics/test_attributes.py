"""Assignments to a run and to its config, against the installed wandb."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from wandblint.semantics import api


def test_assignments(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(tmp_path)}
    program = Path(__file__).with_name("offline_attributes.py")
    result = subprocess.run(
        [sys.executable, str(program)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout.splitlines()[-1])
    properties = answer["properties"]
    assert {name for name, outcome in properties.items() if outcome != "ok"} == api.READ_ONLY_ATTRIBUTES
    assert {name for name, outcome in properties.items() if outcome == "ok"} == api.ASSIGNABLE_ATTRIBUTES
    assert properties.keys() == api.RUN_DATA | {"config"}
    assert answer["logging"] == []
    assert answer["config"] == {}
    assert answer["changes"] == ["ok", "ConfigError", "ok"]
