"""A file gets its new text as a whole, or keeps its old one."""

from __future__ import annotations

import os
import stat
import sys
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from wandblint.infra import files as infra_files
from wandblint.sources import writing
from wandblint.sources.writing import Replacement, UnwritableError, replace_text


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file, link = tmp_path / "real" / "a.py", tmp_path / "a.py"
    file.write_bytes(b"old\r\n")
    file.chmod(0o754)
    link.symlink_to(file)
    replace_text(tmp_path, "a.py", "old\r\n", "new\r\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o754
    assert os.listdir(tmp_path / "real") == ["a.py"]


def test_a_file_that_has_changed_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"newer\n")
    with pytest.raises(UnwritableError, match=r"^it changed in the meantime$"):
        replace_text(tmp_path, file.name, "old\n", "new\n")
    file.write_bytes(b"\xff")
    with pytest.raises(UnwritableError, match=r"^it changed in the meantime$"):
        replace_text(tmp_path, file.name, "old\n", "new\n")
    assert file.read_bytes() == b"\xff"


def test_a_file_that_cannot_be_written_keeps_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old\n")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UnwritableError, match=r"^no space left on device$"):
            replace_text(tmp_path, file.name, "old\n", "new\n")
        patched.setattr(os, "access", lambda path, mode: False)
        with pytest.raises(UnwritableError, match=r"^permission denied$"):
            replace_text(tmp_path, file.name, "old\n", "new\n")
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"old\n", ["a.py"])
    with pytest.raises(UnwritableError, match=r"^no such file or directory$"):
        replace_text(tmp_path, "b.py", "", "new\n")


def test_the_other_name_of_a_hard_linked_file_keeps_the_old_text(tmp_path: Path) -> None:
    file, other = tmp_path / "a.py", tmp_path / "b.py"
    file.write_bytes(b"old\n")
    os.link(file, other)
    replace_text(tmp_path, file.name, "old\n", "new\n")
    assert (file.read_bytes(), other.read_bytes()) == (b"new\n", b"old\n")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old\n")
    os.chown(file, 12345, 54321)
    file.chmod(0o640)
    replace_text(tmp_path, file.name, "old\n", "new\n")
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (12345, 54321, 0o640)


def test_a_file_with_the_longest_possible_name(tmp_path: Path) -> None:
    file = tmp_path / f"{'é' * 126}.py"
    file.write_bytes(b"old\n")
    replace_text(tmp_path, file.name, "old\n", "new\n")
    assert file.read_bytes() == b"new\n"


def test_a_file_that_changes_after_its_new_text_is_prepared(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"old\n")
    with Replacement(tmp_path) as replacement:
        replacement.prepare(file.name, "old\n", "new\n")
        file.write_bytes(b"newer\n")
        with pytest.raises(UnwritableError, match=r"^it changed in the meantime$"):
            replacement.put(file.name)
    assert (file.read_bytes(), os.listdir(tmp_path)) == (b"newer\n", ["a.py"])


def test_an_interrupt_at_any_line(tmp_path: Path) -> None:
    files = [tmp_path / "a.py", tmp_path / "b.py"]
    outcomes = set()
    for number in count(1):
        for file in files:
            file.write_bytes(b"old\n")
        is_over = not interrupted(files, number)
        texts = tuple(file.read_bytes() for file in files)
        outcomes.add(texts)
        assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py"]
        if is_over:
            break
    new, old = b"new\n", b"old\n"
    assert outcomes == {(old, old), (new, old), (new, new)}


def interrupted(files: list[Path], number: int) -> bool:
    """Writes files with a Ctrl-C before the given line that runs; returns whether it arrived."""
    lines = count(1)

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in (writing.__file__, infra_files.__file__):
            return None
        if event == "line" and next(lines) == number:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with Replacement(files[0].parent) as replacement:
            for file in files:
                replacement.prepare(file.name, "old\n", "new\n")
            for file in files:
                replacement.put(file.name)
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    return False
