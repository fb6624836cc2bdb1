"""`--fix` where writing fails, with the real program: a file keeps its text, and the rest is done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.cli.programs import COMMAND, Completed, environment, wandblint, write

BAD = 'import wandb\n\nwandb.init(project="p", reinit=True)\n'
GOOD = BAD.replace("True", '"finish_previous"')
FIX = ("--fix", "--no-cache", "--isolated", "-q")
DISK_SIZE = 64 * 1024
"""The size of the small disk in bytes."""
LARGE = BAD + "# more\n" * (DISK_SIZE // 12)
"""A file that fits on the small disk once."""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions and signals of Unix")


@pytest.fixture(scope="session")
def unprivileged() -> Sequence[str]:
    """A command that starts a program without the right to ignore file permissions, which root has."""
    if os.name == "nt" or os.geteuid() != 0:
        return ()
    launcher = ("setpriv", "--inh-caps=-all", "--bounding-set=-all")
    if shutil.which("setpriv") is None:
        pytest.skip("root may write every file, and there is no setpriv")
    return launcher


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE}", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_that_is_read_only(tmp_path: Path, unprivileged: Sequence[str]) -> None:
    write(tmp_path, {"a.py": BAD, "locked.py": BAD, "z.py": BAD})
    (tmp_path / "locked.py").chmod(0o444)
    result = wandblint(*FIX, cwd=tmp_path, launcher=unprivileged)
    assert_not_fixed(result, tmp_path, "locked.py", "permission denied")


def test_a_folder_that_is_read_only(tmp_path: Path, unprivileged: Sequence[str]) -> None:
    write(tmp_path, {"a.py": BAD, "locked/b.py": BAD, "z.py": BAD})
    (tmp_path / "locked").chmod(0o555)
    result = wandblint(*FIX, cwd=tmp_path, launcher=unprivileged)
    assert_not_fixed(result, tmp_path, "locked/b.py", "permission denied")
    (tmp_path / "locked").chmod(0o755)


def test_a_disk_that_is_full(small_disk: Path) -> None:
    write(small_disk, {"a.py": BAD, "b.py": LARGE, "z.py": BAD})
    result = wandblint(*FIX, cwd=small_disk)
    assert_not_fixed(result, small_disk, "b.py", "no space left on device")


def test_a_file_above_the_size_limit(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD, "b.py": LARGE, "z.py": BAD})
    limited = ("sh", "-c", 'ulimit -f 8 && exec "$@"', "sh")
    result = wandblint(*FIX, cwd=tmp_path, launcher=limited)
    assert_not_fixed(result, tmp_path, "b.py", "file too large")


def assert_not_fixed(result: Completed, root: Path, unfixed: str, reason: str) -> None:
    """Asserts that one file is not fixed and reported in one line, and that the others are fixed."""
    assert result.code == 2
    assert result.err == f"error: {unfixed}: not fixed: {reason}\n"
    assert f"{unfixed}:3:" in result.out, "its finding is still there"
    assert result.out.count("WB101") == 1
    for file in files_of(root):
        text = file.read_text(encoding="utf-8")
        assert text == (text.replace('"finish_previous"', "True") if file == root / unfixed else fixed(text))


def fixed(text: str) -> str:
    return text.replace("True", '"finish_previous"')


def files_of(root: Path) -> list[Path]:
    """The source files of a project; the program leaves no others."""
    files = sorted(file for file in root.rglob("*") if file.is_file())
    assert {file.suffix for file in files} == {".py"}
    assert not [file for file in files if file.name.startswith(".")]
    return files


def test_a_fix_is_applied_to_all_of_its_files_or_to_none(tmp_path: Path, unprivileged: Sequence[str]) -> None:
    files = {
        "train.py": (
            "import wandb\nfrom one import log_a\nfrom two import log_b\n\nrun = wandb.init()\n"
            'run.define_metric("fit/*", step_metric="fit/epoch")\n'
            "for epoch in range(3):\n    log_a(run, epoch)\n    log_b(run, epoch)\n"
        ),
        "one.py": 'def log_a(run, e):\n    run.log({"fit/a": 1.0}, step=e)\n',
        "two.py": 'def log_b(run, e):\n    run.log({"fit/b": 2.0}, step=e)\n',
        "other.py": BAD,
    }
    write(tmp_path, files)
    (tmp_path / "two.py").chmod(0o444)
    result = wandblint(*FIX, "--unsafe-fixes", cwd=tmp_path, launcher=unprivileged)
    assert result.code == 2
    assert result.err == "error: two.py: not fixed: permission denied\n"
    texts = {file.name: file.read_text(encoding="utf-8") for file in files_of(tmp_path)}
    assert texts == {**files, "other.py": GOOD}
    (tmp_path / "two.py").chmod(0o644)
    assert wandblint(*FIX, "--unsafe-fixes", cwd=tmp_path).code == 0
    assert '"fit/epoch": e' in (tmp_path / "one.py").read_text(encoding="utf-8")
    assert '"fit/epoch": e' in (tmp_path / "two.py").read_text(encoding="utf-8")


def test_a_file_that_changes_while_it_is_fixed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": BAD, "b.py": BAD})
    process = subprocess.Popen(
        [*COMMAND, "--interactive", "--no-cache", "--isolated", "-q", "--color", "never"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert process.stderr is not None
    question = "Apply this fix to a.py [y,n,q,a,d,A,?]? "
    assert process.stderr.read(len(question)) == question, "the file is read, and the program waits"
    newer = "x = 1\n" + BAD
    write(tmp_path, {"a.py": newer})
    out, err = process.communicate("A\n")
    assert process.returncode == 2
    assert err.replace(question, "") == "error: a.py: not fixed: it changed in the meantime\n"
    assert [file.read_text(encoding="utf-8") for file in files_of(tmp_path)] == [newer, GOOD]
    assert "a.py:4:25" in out, "the finding is located in the changed file"


INTERRUPTED = """
import os, signal, sys

name, number, sent = sys.argv.pop(1), int(sys.argv.pop(1)), int(sys.argv.pop(1))
own, calls = getattr(os, name), 0

def interrupting(*arguments):
    global calls
    calls += 1
    if calls == number:
        os.kill(os.getpid(), sent)
    return own(*arguments)

setattr(os, name, interrupting)

from wandblint.cli import main

sys.exit(main())
"""
"""wandblint, which gets a signal at a given system call."""


def interrupted(root: Path, call: str, number: int, sent: signal.Signals) -> int:
    """Fixes a project until the signal; returns the exit code."""
    result = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, call, str(number), str(int(sent)), *FIX, "--unsafe-fixes"],
        cwd=root,
        env=environment(),
        check=False,
        capture_output=True,
    )
    return result.returncode


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", [1, 4, 7])
def test_an_interrupt(tmp_path: Path, call: str, number: int, sent: signal.Signals, code: int) -> None:
    write(tmp_path, {f"{name}.py": BAD for name in "abcdefg"})
    assert interrupted(tmp_path, call, number, sent) == code
    texts = [file.read_text(encoding="utf-8") for file in files_of(tmp_path)]
    replaced = number - 1 if call == "replace" else 0
    assert texts == [GOOD] * replaced + [BAD] * (7 - replaced)


@pytest.mark.parametrize("number", [1, 2])
def test_the_next_run_removes_what_a_kill_left(tmp_path: Path, number: int) -> None:
    write(tmp_path, {"a.py": BAD, "inner/b.py": BAD, "inner/.wandblint-notes": ""})
    assert interrupted(tmp_path, "replace", number, signal.SIGKILL) == -signal.SIGKILL
    assert len(list(tmp_path.rglob(".wandblint-[0-9]*"))) == 3 - number
    for options in (("--diff",), ("-q",)):
        wandblint("--no-cache", "--isolated", *options, cwd=tmp_path)
    assert len(list(tmp_path.rglob(".wandblint-[0-9]*"))) == 3 - number, "only --fix may write"
    assert wandblint(*FIX, cwd=tmp_path).code == 0
    assert sorted(file.name for file in tmp_path.rglob("*") if file.is_file()) == [
        ".wandblint-notes",
        "a.py",
        "b.py",
    ]
    assert [(tmp_path / name).read_text() for name in ("a.py", "inner/b.py")] == [GOOD, GOOD]
