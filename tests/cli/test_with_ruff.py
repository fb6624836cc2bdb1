"""Suppressions next to ruff's rules about comments, with the real ruff: the promises of docs/old-code.md."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

COMMENT_RULES = ("--select", "ERA,PGH,RUF100,RUF101,RUF102,TD,FIX,E26", "--output-format", "concise")
SUPPRESSED = """\
import wandb

# wandblint: ignore-file[WB202] recorded by the other job
wandb.init(reinit=True)  {comment}
"""


def ruff(folder: Path, *arguments: str) -> list[str]:
    """The codes that ruff reports."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", *COMMENT_RULES, *arguments]
    result = subprocess.run([*command, "."], cwd=folder, capture_output=True, check=False, encoding="utf-8")
    assert result.returncode in (0, 1), result.stderr
    return [line.split(" ")[1] for line in result.stdout.splitlines() if line.startswith("a.py:")]


@pytest.mark.parametrize("comment", ["# wandblint: ignore[WB101]", "# wandblint: ignore[reinit-bool] why"])
def test_ruff_accepts_suppressions(clean: Path, comment: str) -> None:
    write(clean, {"a.py": SUPPRESSED.format(comment=comment)})
    assert ruff(clean) == []
    assert wandblint("--ignore", "WB002", cwd=clean).code == 0


def test_noqa_with_our_codes_needs_external_codes(clean: Path) -> None:
    write(clean, {"a.py": SUPPRESSED.format(comment="# noqa: WB101")})
    assert (
        ruff(clean) == ["RUF102"]
        or ruff(clean) == ["invalid-rule-code"]
        or ruff(clean) == ["RUF102", "RUF100"]
    )
    assert ruff(clean, "--config", 'lint.external = ["WB"]') == []
    assert wandblint("--ignore", "WB002", cwd=clean).code == 0


def test_noqa_with_codes_of_ruff_suppresses_nothing_of_wandblint(clean: Path) -> None:
    write(clean, {"a.py": SUPPRESSED.format(comment="# noqa: E501")})
    assert wandblint("--ignore", "WB002", cwd=clean).code == 1


def test_ruff_format_keeps_suppressions_where_they_work(clean: Path) -> None:
    long = "wandb.init(project='a long name', config={'rate': 0.1, 'width': 512, 'depth': 24}, reinit=True)"
    write(clean, {"a.py": f"import wandb\n\n{long}\n"})
    assert wandblint("--add-ignore=one run per fold, on purpose", cwd=clean).code == 0
    before = (clean / "a.py").read_text(encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "a.py"], cwd=clean, check=True
    )
    assert (clean / "a.py").read_text(encoding="utf-8") != before
    assert wandblint(cwd=clean).code == 0
