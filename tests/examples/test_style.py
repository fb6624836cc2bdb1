"""The example pipeline passes the same strict type checks as wandblint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.examples.pipelines import PIPELINE
from tests.examples.test_pipeline import needs_torch


@needs_torch
def test_the_pipeline_is_typed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path), "."]
    result = subprocess.run(command, cwd=PIPELINE, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
