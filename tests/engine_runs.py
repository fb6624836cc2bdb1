"""Files in a real folder, linted by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wandblint.app.settings import Settings
from wandblint.engine import CheckResult, check

REINIT = "import wandb\n\nrun = wandb.init(reinit=True)\n"
BROKEN = "import wandb\n\nrun = )\n"


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def locations(result: CheckResult) -> list[str]:
    """The findings as `path:row:column code`."""
    lines = []
    for finding in result.findings:
        row, column = result.texts.lines(finding.span.path).position(finding.span.start)
        lines.append(f"{finding.span.path}:{row}:{column} {finding.code}")
    return lines


def lint(root: Path, files: Mapping[str, str | bytes], settings: Settings | None = None) -> CheckResult:
    result = check(write(root, files), None, settings or Settings())
    assert result.problems == []
    return result
