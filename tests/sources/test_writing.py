"""A file gets another text as a whole, or keeps the one that it has."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from wandblint.sources.writing import UnwritableError, replace_text


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file, link = tmp_path / "real" / "a.py", tmp_path / "a.py"
    file.write_bytes(b"old\r\n")
    file.chmod(0o754)
    link.symlink_to(file)
    replace_text(link, "old\r\n", "new\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o754
    assert os.listdir(tmp_path / "real") == ["a.py"]


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"newer\n")
    with pytest.raises(UnwritableError, match=r"^it has changed meanwhile$"):
        replace_text(file, "old\n", "new\n")
    file.write_bytes(b"\xff")
    with pytest.raises(UnwritableError, match=r"^it has changed meanwhile$"):
        replace_text(file, "old\n", "new\n")
    assert file.read_bytes() == b"\xff"


def test_what_cannot_be_written_keeps_its_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UnwritableError, match=r"^no space left on device$"):
            replace_text(file, "old\n", "new\n")
        patched.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(UnwritableError, match=r"^permission denied$"):
            replace_text(file, "old\n", "new\n")
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"old\n", ["a.py"])
    with pytest.raises(UnwritableError, match=r"^no such file or directory$"):
        replace_text(tmp_path / "b.py", "", "new\n")
