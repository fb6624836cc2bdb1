"""Files are replaced as a whole; what killed processes leave is removed, and nothing else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wandblint.infra.files import NewContent, remove_unfinished, replace_file, sweep

posix = pytest.mark.skipif(os.name == "nt", reason="pipes, links and process ids of Unix")


def test_a_new_file_and_a_replaced_one(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    replace_file(file, b"old")
    (tmp_path / "usual").touch()
    assert file.stat().st_mode == (tmp_path / "usual").stat().st_mode
    file.chmod(0o640)
    before = file.stat().st_ino
    replace_file(file, b"new")
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"new", 0o640)
    assert file.stat().st_ino != before, "a reader of the old file sees all of it"
    assert sorted(os.listdir(tmp_path)) == ["a.json", "usual"]


@posix
def test_the_target_of_a_link_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a").write_bytes(b"old")
    (tmp_path / "link").symlink_to("inner/a")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "inner" / "a").read_bytes() == b"new"


@posix
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    replace_file(pipe, b"text")
    reader.join()
    assert read == [b"text"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_device_that_is_full() -> None:
    with pytest.raises(OSError, match="No space left"):
        replace_file(Path("/dev/full"), b"text")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        replace_file(tmp_path / "nowhere" / "a", b"text")
    assert os.listdir(tmp_path) == []


def test_a_signal_leaves_nothing(tmp_path: Path) -> None:
    contents = [NewContent(tmp_path / name) for name in "abc"]
    for content in contents:
        content.write(b"text")
    contents[0].put()
    assert len(os.listdir(tmp_path)) == 3
    remove_unfinished()
    assert os.listdir(tmp_path) == ["a"]


KILLED = """
import os, signal, sys
from pathlib import Path
from wandblint.infra.files import NewContent
NewContent(Path(sys.argv[1])).write(b"text")
os.kill(os.getpid(), signal.SIGKILL)
"""


@posix
def test_a_sweep_removes_what_killed_processes_left(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "a")], check=False)
    (left,) = os.listdir(tmp_path)
    own = ".wandblint-%d-0123456789abcdef"
    kept = {
        own % os.getppid(),
        ".wandblint-1-0123456789abcdeg",
        ".wandblint-1-0123456789abcde",
        ".wandblint-0123456789abcdef",
        ".wandblint-notes",
        ".wandblint_cache",
        "wandblint.toml",
    }
    for name in kept:
        (tmp_path / name).touch()
    dead = left.split("-")[1]
    (tmp_path / f".wandblint-{dead}-0000000000000000").mkdir()
    (tmp_path / f".wandblint-{dead}-1111111111111111").symlink_to("wandblint.toml")
    (tmp_path / f".wandblint-{os.getpid()}-2222222222222222").touch()
    sweep([tmp_path, tmp_path / "nowhere"])
    links = {f".wandblint-{dead}-0000000000000000", f".wandblint-{dead}-1111111111111111"}
    assert set(os.listdir(tmp_path)) == kept | links
