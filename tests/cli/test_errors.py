"""Exit code 2: each problem is reported in one line, and the rest is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import COMMAND, environment, wandblint, write

posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has neither FIFOs nor permissions like these"
)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--selct", "WB1"), "no such option: --selct; did you mean `--select`?"),
        (("check", "--statistic"), "no such option: --statistic; did you mean `--statistics`?"),
        (
            ("rule", "--output-fromat", "json"),
            "no such option: --output-fromat; did you mean `--output-format`?",
        ),
        (("--select", "WB202,WB20x"), "unknown rule `WB20x`; did you mean `WB20`?"),
        (("--ignore", "reinit-bol"), "unknown rule `reinit-bol`; did you mean `reinit-bool`?"),
        (
            ("rule", "metric-not-coverd"),
            "unknown rule `metric-not-coverd`; did you mean `metric-not-covered`?",
        ),
        (
            ("--output-format", "jsn"),
            "Invalid value for '--output-format': `jsn` is not one of text, concise, grouped, "
            "json, json-lines, github, azure, gitlab, junit, pylint, rdjson, sarif; did you mean `json`?",
        ),
        (("--color", "purple"), "Invalid value for '--color': `purple` is not one of auto, always, never"),
        (("-", "lib"), "`-` reads one file and cannot be combined with other paths"),
        (
            ("--stdin-filename", "a.py"),
            "--stdin-filename needs the path `-`",
        ),
        (("server",), "the verb `server` does not exist yet; write a path of this name as ./server"),
    ],
)
def test_invalid_command_lines(project: Path, arguments: tuple[str, ...], error: str) -> None:
    result = wandblint(*arguments, cwd=project)
    assert (result.code, result.out, result.err) == (2, "", f"error: {error}\n")


def test_a_path_that_does_not_exist(project: Path) -> None:
    result = wandblint("script", "lib", "nowhere/at/all.py", "--output-format", "concise", cwd=project)
    assert result.code == 2
    assert result.err == (
        "error: script: no such file or folder; did you mean `scripts`?\n"
        "error: nowhere/at/all.py: no such file or folder\n"
    )
    assert len(result.out.splitlines()) == 2


def test_a_broken_notebook(project: Path) -> None:
    write(project, {"train.ipynb": '{"cells": ["wandb"\n}'})
    result = wandblint("train.ipynb", cwd=project)
    assert (result.code, result.err) == (
        2,
        "error: train.ipynb: cannot be read: not valid JSON: expecting ',' delimiter in line 2\n",
    )


def test_a_crash_does_not_look_like_findings(project: Path) -> None:
    program = (
        "import sys, wandblint.engine as engine\n"
        "def crash(*args, **options): raise ValueError('the cause')\n"
        "engine.check = crash\n"
        "from wandblint.cli import main\n"
        "sys.exit(main([]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert "ValueError: the cause\nerror: wandblint crashed" in result.stderr


def test_only_paths_that_do_not_exist(project: Path) -> None:
    assert wandblint("nowhere", cwd=project).out == ""
    assert wandblint("nowhere", "--output-format", "json", cwd=project).out == "[]\n"


def test_a_mistyped_verb_gets_a_suggestion(project: Path) -> None:
    assert (
        wandblint("rulw", cwd=project).err
        == "error: rulw: no such file or folder; did you mean `wandblint rule`?\n"
    )


def test_a_path_named_like_a_verb(project: Path) -> None:
    write(project, {"rule/a.py": "import wandb\nwandb.init(reinit=True)\n"})
    for arguments in (("./rule",), ("check", "rule")):
        result = wandblint(*arguments, "--output-format", "concise", cwd=project)
        assert result.out.startswith("rule/a.py:2:12: WB101 ")


def test_invalid_settings(project: Path, clean: Path) -> None:
    write(clean, {"pyproject.toml": '[tool.wandblint]\nselct = ["WB1"]\n'})
    result = wandblint(str(clean), ".", "--output-format", "concise", cwd=project)
    assert result.code == 2
    assert "selct" in result.err
    assert "did you mean `select`?" in result.err
    assert len(result.err.splitlines()) == 1
    assert len(result.out.splitlines()) == 2, "the other project is linted"


def test_a_settings_file_that_does_not_exist(project: Path) -> None:
    result = wandblint("--config", "nowhere.toml", cwd=project)
    assert result.code == 2
    assert result.err.startswith("error: nowhere.toml: ")


def test_a_file_that_is_not_text(project: Path) -> None:
    (project / "bad.py").write_bytes(b"import wandb\nx = '\xff'\n")
    result = wandblint("--output-format", "concise", cwd=project)
    assert result.code == 2
    assert result.err.startswith("error: bad.py: ")
    assert len(result.err.splitlines()) == 1
    assert "WB101" in result.out


def test_standard_input_that_is_not_text(project: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "-"], cwd=project, env=environment(), input=b"\xff", capture_output=True, check=False
    )
    assert (result.returncode, result.stderr.startswith(b"error: stdin.py: cannot be read: ")) == (2, True)


@posix
def test_a_file_that_cannot_be_opened(project: Path) -> None:
    (project / "lib/secret.py").symlink_to(project / "lib/loop.py")
    (project / "lib/loop.py").symlink_to(project / "lib/secret.py")
    result = wandblint("lib/secret.py", cwd=project)
    assert result.code == 2
    assert result.err.startswith("error: lib/secret.py: ")


@posix
def test_a_closed_pipe_is_not_an_error(project: Path) -> None:
    process = subprocess.Popen(
        COMMAND, cwd=project, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
@pytest.mark.parametrize("buffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(
    "arguments", [(), ("--diff",), ("--show-settings",), ("charts",), ("rule", "WB101"), ("--help",)]
)
def test_a_full_disk_for_standard_output_gives_one_line(
    project: Path, arguments: tuple[str, ...], buffered: str
) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [*COMMAND, *arguments],
            cwd=project,
            env=environment(PYTHONUNBUFFERED=buffered),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert result.stderr == "error: standard output cannot be written: no space left on device\n"
    assert result.returncode == 2


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_full_disk_for_standard_error_changes_no_exit_code(project: Path) -> None:
    with open("/dev/full", "wb") as full:
        codes = [
            subprocess.run(
                [*COMMAND, *arguments],
                cwd=project,
                env=environment(),
                stdout=subprocess.PIPE,
                stderr=full,
                check=False,
            ).returncode
            for arguments in (("lib",), ("lib", "nowhere"), ("--no-such-option",))
        ]
    assert codes == [1, 2, 2]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux has it")
def test_a_report_that_cannot_be_written(project: Path) -> None:
    result = wandblint("--output", "json=/dev/full", "--output", "json=lib", "-q", cwd=project)
    assert result.code == 2
    assert result.err == (
        "error: /dev/full: cannot write the report: no space left on device\n"
        "error: lib: cannot write the report: is a directory\n"
    )


@posix
@pytest.mark.parametrize(
    ("arguments", "name", "error"),
    [
        (("--write-baseline",), "wandblint-baseline.json", "cannot be written: file too large"),
        (("--output", "sarif=report"), "report", "cannot write the report: file too large"),
        (("init",), "pyproject.toml", "cannot be written: file too large"),
    ],
)
def test_a_file_that_cannot_be_written_keeps_its_content(
    project: Path, arguments: tuple[str, ...], name: str, error: str
) -> None:
    assert wandblint("--write-baseline", "-q", cwd=project).code == 0
    write(project, {"report": "earlier", "pyproject.toml": "# settings\n"})
    before = {file: file.read_bytes() for file in project.rglob("*") if file.is_file()}
    limited = ("sh", "-c", 'ulimit -f 0 && exec "$@"', "sh")
    result = wandblint(*arguments, cwd=project, launcher=limited)
    assert (result.code, result.err) == (2, f"error: {name}: {error}\n")
    assert {
        file: file.read_bytes()
        for file in project.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    } == before


@posix
def test_ctrl_c_ends_the_program_quietly(project: Path) -> None:
    settings = project / "settings.toml"
    os.mkfifo(settings)
    process = subprocess.Popen(
        [*COMMAND, "--config", "settings.toml"],
        cwd=project,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with settings.open("wb"):  # returns when the program has opened it for reading
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err.strip()) == (130, b"", b"")


def test_a_missing_rule_pack_gives_one_line(tmp_path: Path) -> None:
    write(tmp_path, {"wandblint.toml": 'plugins = ["no_such_pack"]\n', "train.py": "import wandb\n"})
    result = wandblint("train.py", cwd=tmp_path)
    assert result.code == 2
    assert result.err.startswith("error: wandblint.toml: `plugins`: rule pack no_such_pack is not loaded: ")
    assert len(result.err.splitlines()) == 1


def test_a_file_that_is_not_python_is_refused(tmp_path: Path) -> None:
    write(tmp_path, {"notes.txt": "# A project\n", "train.py": "import wandb\n"})
    result = wandblint("notes.txt", "train.py", cwd=tmp_path)
    assert result.code == 2
    assert result.err == "error: notes.txt: is neither Python nor a notebook\n"
