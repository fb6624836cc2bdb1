"""Our comments and ruff's rules about comments, with the real ruff: what docs/old-code.md promises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

ABOUT_COMMENTS = ("--select", "ERA,PGH,RUF100,RUF101,RUF102,TD,FIX,E26", "--output-format", "concise")
OURS = """\
import wandb

# wandblint: ignore-file[WB202] recorded by the other job
wandb.init(reinit=True)  {comment}
"""


def ruff(folder: Path, *arguments: str) -> list[str]:
    """The codes that ruff reports."""
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", *ABOUT_COMMENTS, *arguments]
    done = subprocess.run([*command, "."], cwd=folder, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode in (0, 1), done.stderr
    return [line.split(" ")[1] for line in done.stdout.splitlines() if line.startswith("a.py:")]


@pytest.mark.parametrize("comment", ["# wandblint: ignore[WB101]", "# wandblint: ignore[reinit-bool] why"])
def test_ruff_says_nothing_of_our_comments(clean: Path, comment: str) -> None:
    write(clean, {"a.py": OURS.format(comment=comment)})
    assert ruff(clean) == []
    assert wandblint("--ignore", "WB002", cwd=clean).code == 0


def test_noqa_needs_our_codes_to_be_external(clean: Path) -> None:
    write(clean, {"a.py": OURS.format(comment="# noqa: WB101")})
    assert (
        ruff(clean) == ["RUF102"]
        or ruff(clean) == ["invalid-rule-code"]
        or ruff(clean) == ["RUF102", "RUF100"]
    )
    assert ruff(clean, "--config", 'lint.external = ["WB"]') == []
    assert wandblint("--ignore", "WB002", cwd=clean).code == 0


def test_ruffs_noqa_for_others_is_none_of_ours(clean: Path) -> None:
    write(clean, {"a.py": OURS.format(comment="# noqa: E501")})
    assert wandblint("--ignore", "WB002", cwd=clean).code == 1


def test_ruff_format_keeps_our_comments_where_they_work(clean: Path) -> None:
    long = "wandb.init(project='a long name', config={'rate': 0.1, 'width': 512, 'depth': 24}, reinit=True)"
    write(clean, {"a.py": f"import wandb\n\n{long}\n"})
    assert wandblint("--add-ignore=one run a fold, on purpose", cwd=clean).code == 0
    before = (clean / "a.py").read_text(encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "a.py"], cwd=clean, check=True
    )
    assert (clean / "a.py").read_text(encoding="utf-8") != before
    assert wandblint(cwd=clean).code == 0
