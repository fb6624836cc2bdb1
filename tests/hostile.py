"""Lints hostile files next to a good one, whose finding must not be lost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.cli.programs import Completed, wandblint

GOOD = "import wandb\n\nrun = wandb.init(reinit=True)\n"
GOOD_FINDING = "good.py:3:18: WB101"
START = "import wandb\n\nrun = wandb.init()\n"


def lint(root: Path, files: Mapping[str, str | bytes], *paths: str) -> Completed:
    """Lints these files and a good one, whose finding must be reported, without a traceback."""
    for name, content in {"pyproject.toml": "", "good.py": GOOD, **files}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = wandblint("--output-format", "concise", *(paths or (".",)), cwd=root, PYTHONWARNINGS="always")
    assert "Traceback" not in result.err
    assert "Warning:" not in result.err
    assert paths or GOOD_FINDING in result.out
    return result


def other_findings(result: Completed) -> list[str]:
    """The findings outside the good file, without their messages."""
    lines = [line for line in result.out.splitlines() if not line.startswith("good.py")]
    return [" ".join(line.split(" ")[:2]) for line in lines]
