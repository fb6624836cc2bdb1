"""Broken patterns are recognized, and patterns that git takes are not called broken."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wandblint.sources.globs import mistake

BROKEN = ["[z-a]", "a[b", "[!", "[]", "[\\]", "a\\", "", "/", "!", "# a", "[a9-0]"]
FINE = {
    "*.py": "a.py",
    "[a-c]?": "b1",
    "[]a]": "]",
    "[!a]": "b",
    "[^a]": "b",
    "\\[a": "[a",
    "a]": "a]",
    "\\#a": "#a",
    "**/a": "b/a",
    "[\\]a]": "]",
    "[a-]": "-",
}


@pytest.mark.parametrize("glob", BROKEN)
def test_broken(glob: str) -> None:
    assert mistake(glob)


@pytest.mark.parametrize("glob", FINE)
def test_fine(glob: str) -> None:
    assert mistake(glob) is None


def test_git_agrees(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for glob, name in [*FINE.items(), *((glob, glob.lstrip("!/") or "a") for glob in BROKEN)]:
        (tmp_path / ".gitignore").write_text(f"{glob}\n", encoding="utf-8")
        ignored = subprocess.run([*git, "check-ignore", "-q", "--", name], check=False).returncode == 0
        assert ignored is (glob in FINE), glob
