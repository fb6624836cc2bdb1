"""`wandblint scan`: many projects into one file, even if some of them or the scan itself fail."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.programs import SECONDS
from wandblint.cli.scan.output_file import ScanFile
from wandblint.cli.scan.result import ProjectResult, ScanError, result_of

BAD = "import wandb\nwandb.init(reinit=True)\n"
GOOD = "import wandb\nwandb.init()\n"
PATCHED = """
import os, signal, time
from wandblint import engine
check = engine.check
def patched(root, *args, **kwargs):
    if "deadly" in root.name:
        os.kill(os.getpid(), signal.SIGKILL)
    while (root / "wait").exists():
        time.sleep(0.05)
    if "crash" in root.name:
        raise RuntimeError("an error of the linter")
    return check(root, *args, **kwargs)
engine.check = patched
from wandblint.cli import main
main()
"""
"""The program, in which some projects fail; forked processes inherit the patch."""

only_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the patch does not reach the processes"
)


def write_projects(folder: Path, *names: str, text: str = BAD) -> list[str]:
    for name in names:
        (folder / name).mkdir()
        (folder / name / "pyproject.toml").write_text("[tool.wandblint]\n")
        (folder / name / "train.py").write_text(text)
    return list(names)


def scan(
    folder: Path, *arguments: str, program: str | None = None, stdin: str = "", path: str | None = None
) -> subprocess.CompletedProcess[str]:
    command = ["-m", "wandblint"] if program is None else ["-c", program]
    environment = os.environ if path is None else {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, *command, "scan", *arguments, "--output", "scan.jsonl", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        input=stdin,
        env=environment,
    )


def records(folder: Path) -> list[dict[str, object]]:
    lines = (folder / "scan.jsonl").read_text().splitlines()
    return [{name: value for name, value in json.loads(line).items() if name != "seconds"} for line in lines]


def statuses(folder: Path) -> dict[str, tuple[object, object]]:
    return {
        str(record["project"]): (record["status"], record["findings"])
        for record in records(folder)
        if record["kind"] == "project"
    }


def test_each_project_has_the_findings_of_a_separate_check(tmp_path: Path) -> None:
    write_projects(tmp_path, "one", "two")
    write_projects(tmp_path, "clean", text=GOOD)
    (tmp_path / "two" / "pyproject.toml").write_text(
        '[tool.wandblint]\nignore = ["WB101"]\nselect = ["ALL"]\n'
    )

    result = scan(tmp_path, "one", "two", "clean", "--jobs", "2")

    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout == "3 projects: 1 finding, 2 clean\n"
    for name in ("one", "two", "clean"):
        alone = subprocess.run(
            [sys.executable, "-m", "wandblint", "--output-format", "json-lines", "--no-cache", "-q"],
            cwd=tmp_path / name,
            capture_output=True,
            text=True,
            check=False,
        )
        expected = [json.loads(line) for line in alone.stdout.splitlines()]
        recorded = [r for r in records(tmp_path) if (r["kind"], r["project"]) == ("finding", name)]
        assert recorded == [{"kind": "finding", "project": name, **finding} for finding in expected]
    assert statuses(tmp_path)["clean"] == ("done", 0)


def test_finished_projects_are_not_linted_again(tmp_path: Path) -> None:
    write_projects(tmp_path, "one", "two")
    scan(tmp_path, "one")
    (tmp_path / "one" / "train.py").write_text(BAD + BAD)

    result = scan(tmp_path, "one", "two", "./one/", str(tmp_path / "two"))

    assert result.returncode == 1
    assert statuses(tmp_path) == {"one": ("done", 1), "two": ("done", 1)}
    assert len(records(tmp_path)) == 4


def test_there_may_be_nothing_to_retry(tmp_path: Path) -> None:
    write_projects(tmp_path, "one")

    assert scan(tmp_path, "one", "--retry").returncode == 1
    assert scan(tmp_path, "one", "--retry").returncode == 1
    assert statuses(tmp_path) == {"one": ("done", 1)}


def test_paths_come_from_standard_input(tmp_path: Path) -> None:
    write_projects(tmp_path, "one", "with space")

    scan(tmp_path, "-", stdin="one\nwith space\n\n")

    assert set(statuses(tmp_path)) == {"one", "with space"}


def test_failures_are_listed_and_the_other_projects_are_linted(tmp_path: Path) -> None:
    write_projects(tmp_path, "fine", "wrong", "broken")
    (tmp_path / "wrong" / "pyproject.toml").write_text("[tool.wandblint]\nselekt = 1\n")
    (tmp_path / "broken" / "other.py").write_bytes(b"import wandb\nx = '\xff'\n")
    (tmp_path / "file").write_text("")

    result = scan(tmp_path, "missing", "file", "wrong", "broken", "fine", "--jobs", "1")

    assert result.returncode == 2
    assert statuses(tmp_path) == {
        "missing": ("failed", 0),
        "file": ("failed", 0),
        "wrong": ("incomplete", 0),
        "broken": ("incomplete", 1),
        "fine": ("done", 1),
    }
    assert [line.split(":")[1] for line in result.stderr.splitlines()] == [
        f" {name}" for name in ("missing", "file", "wrong", "broken")
    ]
    problems = {r["project"]: r["problems"] for r in records(tmp_path) if r["kind"] == "project"}
    assert problems["missing"] == ["does not exist"]
    assert "selekt" in str(problems["wrong"])


@only_linux
def test_a_crash_in_one_project_does_not_affect_the_others(tmp_path: Path) -> None:
    names = write_projects(tmp_path, "deadly", "crash", "fine")

    result = scan(tmp_path, *names, "--jobs", "2", program=PATCHED)

    assert result.returncode == 2
    assert statuses(tmp_path) == {"deadly": ("failed", 0), "crash": ("incomplete", 0), "fine": ("done", 1)}
    assert "error: deadly: its process ended with signal 9" in result.stderr

    again = scan(tmp_path, *names, "--retry")

    assert (again.returncode, again.stdout) == (1, "3 projects: 3 findings, 0 clean\n")
    assert set(statuses(tmp_path).values()) == {("done", 1)}


@only_linux
def test_a_project_that_times_out_is_ended_and_the_scan_continues(tmp_path: Path) -> None:
    write_projects(tmp_path, "endless")
    (tmp_path / "endless" / "wait").touch()

    result = scan(tmp_path, "endless", "missing", "--timeout", "1", "--jobs", "1", program=PATCHED)

    assert result.returncode == 2
    assert result.stderr == "error: endless: took longer than 1 seconds\nerror: missing: does not exist\n"
    assert statuses(tmp_path) == {"endless": ("failed", 0), "missing": ("failed", 0)}


@only_linux
@pytest.mark.parametrize(
    ("sent_signal", "finished"), [(signal.SIGKILL, 0), (signal.SIGINT, 1), (signal.SIGKILL, 3)]
)
def test_an_interrupted_scan_resumes(tmp_path: Path, sent_signal: signal.Signals, finished: int) -> None:
    names = write_projects(tmp_path, *(f"project{number}" for number in range(5)))
    (tmp_path / names[finished] / "wait").touch()
    command = [
        sys.executable,
        "-c",
        PATCHED,
        "scan",
        *names,
        "--output",
        "scan.jsonl",
        "--no-cache",
        "--jobs",
        "1",
    ]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    while finished and (not (tmp_path / "scan.jsonl").exists() or len(statuses(tmp_path)) < finished):
        assert running.poll() is None
        time.sleep(0.01)

    running.send_signal(sent_signal)
    _, err = running.communicate(timeout=SECONDS)

    assert running.returncode == (130 if sent_signal is signal.SIGINT else -9) or finished == 0, err
    assert err.strip() == b"" or finished == 0
    before = (tmp_path / "scan.jsonl").read_bytes() if (tmp_path / "scan.jsonl").exists() else b""
    (tmp_path / names[finished] / "wait").unlink()
    assert scan(tmp_path, *names, "--jobs", "2").returncode == 1
    assert (tmp_path / "scan.jsonl").read_bytes().startswith(before)
    assert statuses(tmp_path) == dict.fromkeys(names, ("done", 1))
    assert len(records(tmp_path)) == 10


@only_linux
@pytest.mark.parametrize("sent_signal", [None, signal.SIGINT, signal.SIGTERM])
def test_a_scan_leaves_nothing_in_the_temporary_folder(
    tmp_path: Path, sent_signal: signal.Signals | None
) -> None:
    names = write_projects(tmp_path, "first", "second", "third")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    if sent_signal is not None:
        for name in names[1:]:
            (tmp_path / name / "wait").touch()
    running = subprocess.Popen(
        [sys.executable, "-c", PATCHED, "scan", *names, "--output", "scan.jsonl", "--jobs", "2", "-q"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
    )
    if sent_signal is not None:
        while not (tmp_path / "scan.jsonl").exists() or not statuses(tmp_path):
            assert running.poll() is None
            time.sleep(0.01)
        assert os.listdir(temporary) != []
        running.send_signal(sent_signal)
    _, errors = running.communicate(timeout=SECONDS)
    assert errors.strip() == b""
    assert running.returncode == {None: 1, signal.SIGINT: 130}.get(sent_signal, -signal.SIGTERM)
    assert os.listdir(temporary) == []
    assert statuses(tmp_path) == dict.fromkeys(names if sent_signal is None else names[:1], ("done", 1))


def test_a_truncated_file_resumes_after_its_last_complete_project(tmp_path: Path) -> None:
    path = tmp_path / "scan.jsonl"
    results = [
        ProjectResult("one", "done", [{"code": "WB101"}, {"code": "WB202"}], 0.1, []),
        ProjectResult("two", "failed", [], 0.1, ["gone"]),
        ProjectResult("three", "done", [{"code": "WB301"}], 0.1, []),
    ]
    scan_file = ScanFile(path)
    for result in results:
        scan_file.add(result)
    complete = path.read_bytes()

    for end in range(len(complete)):
        path.write_bytes(complete[:end])
        resumed = ScanFile(path)
        for result in results:
            if result.project not in resumed.statuses:
                resumed.add(result)
        assert path.read_bytes() == complete


@pytest.mark.parametrize("content", ["hello\n", '{"a": 1}\n', '{"kind": "finding"\nx\n', "\x00"])
def test_a_file_with_other_content_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "scan.jsonl"
    path.write_text(content)

    with pytest.raises(ScanError):
        ScanFile(path)

    assert path.read_text() == content


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    ScanFile(tmp_path / "scan.jsonl").add(ProjectResult("one", "done", [], 0.1, []))
    text = (tmp_path / "scan.jsonl").read_text()
    other = json.dumps({**json.loads(text), "wandblint": "0.0.1"})
    (tmp_path / "scan.jsonl").write_text(other + "\n")

    result = scan(tmp_path, "one")

    assert result.returncode == 2
    assert result.stderr == "error: scan.jsonl: was written by wandblint 0.0.1; use another file\n"
    assert (tmp_path / "scan.jsonl").read_text() == other + "\n"


@only_linux
def test_on_a_full_disk_the_file_keeps_complete_projects(tmp_path: Path) -> None:
    names = write_projects(tmp_path, *(f"p{number}" for number in range(6)))
    scan(tmp_path, names[0])
    size = (tmp_path / "scan.jsonl").stat().st_size
    limit = -(-size * 2 // 1024) + 1
    command = f"{sys.executable} -m wandblint scan {' '.join(names)} --output scan.jsonl --no-cache --jobs 1"

    result = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; ulimit -f {limit}; exec {command}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert (result.returncode, result.stderr) == (2, "error: scan.jsonl: file too large\n")
    assert 0 < len(statuses(tmp_path)) < len(names)
    assert len(records(tmp_path)) == 2 * len(statuses(tmp_path))


def test_a_folder_that_cannot_be_entered_fails(tmp_path: Path) -> None:
    program = "import sys; from wandblint.cli.scan.result import check_in; check_in(sys.argv[1], [])"

    process = subprocess.run(
        [sys.executable, "-c", program, "gone"], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (process.returncode, process.stderr) == (
        2,
        "error: cannot be entered: no such file or directory\n",
    )


def test_a_process_that_cannot_start_wandblint_fails() -> None:
    result = result_of("one", 1, b"", b"Traceback\nImportError: no libcst\n", 0.1)

    assert (result.status, result.findings) == ("failed", [])
    assert result.problems == ["its process ended with exit code 1", "Traceback", "ImportError: no libcst"]


def test_nothing_of_a_project_is_imported(tmp_path: Path) -> None:
    write_projects(tmp_path, "evil")
    for name in ("click", "json", "wandblint", "sitecustomize", "rich"):
        (tmp_path / "evil" / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")

    scan(tmp_path, "evil", path=os.pathsep.join(path for path in sys.path if path))

    assert statuses(tmp_path) == {"evil": ("done", 1)}
    assert not (tmp_path / "ran").exists()
