"""Files that look like what wandblint reads, and would stop it or cost it the findings of all others."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import wandblint
from tests.hostile import GOOD, GOOD_FINDING, START, lint, other_findings
from wandblint.reports.formats import FORMATS

DEEP = "[" * 20_000 + "]" * 20_000
LONG = "1" * 6000


@pytest.mark.parametrize("depth", [450, 4000])
@pytest.mark.parametrize(
    ("first", "repeated", "last"),
    [
        ("if x:\n    run.log({'a': 1})\n", "elif x:\n    run.log({'a': 1})\n", ""),
        ("x = a", " + a", "\n"),
        ("x = a", ".b(1)", "\n"),
        ("x = a", "[0]", "\n"),
        ("x = ", "1 if x else ", "1\n"),
        ("x = ", "lambda: ", "1\n"),
    ],
    ids=["elif", "sum", "calls", "items", "if else", "lambda"],
)
def test_long_chains(tmp_path: Path, depth: int, first: str, repeated: str, last: str) -> None:
    files = {"bad.py": f"{START}{first}{repeated * depth}{last}wandb.init(reinit=True)\n"}
    result = lint(tmp_path, files)
    if result.code == 2:
        assert re.fullmatch(
            r"error: bad\.py: cannot be read: line \d+ is nested too deeply to be read\n", result.err
        )
    else:
        assert (len(other_findings(result)), result.err) == (1, "")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (f"x = {DEEP}", "it is nested too deeply"),
        (f"x = {LONG}", "a number has too many digits"),
        ("x =", "Invalid value (at end of document)"),
    ],
)
@pytest.mark.parametrize("name", ["pyproject.toml", "wandblint.toml"])
def test_settings_that_cannot_be_read(tmp_path: Path, name: str, settings: str, why: str) -> None:
    result = lint(tmp_path, {name: settings}, ".", "--fix")
    assert (result.code, result.err) == (2, f"error: {name}: not valid TOML: {why}\n")
    assert GOOD_FINDING in result.out, "nothing may be fixed: who knows what the file excludes"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (f"select = 0x{LONG}", "`select` is a number with too many digits"),
        (f"wandb-version = '=={LONG}'", "`wandb-version` is "),
    ],
)
def test_settings_with_long_numbers(tmp_path: Path, settings: str, error: str) -> None:
    (tmp_path / "wandblint.toml").write_text(settings)
    result = wandblint(cwd=tmp_path)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith(f"error: wandblint.toml: {error}")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("requirements.txt", f"wandb=={LONG}\n"),
        ("environment.yml", f"- wandb={LONG}\n"),
        ("setup.py", f"install_requires=['wandb>={LONG}']\n"),
        ("pyproject.toml", f"[project]\ndependencies = ['wandb=={LONG}']\n"),
        ("pyproject.toml", f"[tool.poetry.dependencies]\nwandb = '^{LONG}'\n"),
        ("uv.lock", f'name = "wandb"\nversion = "{LONG}"\n'),
        ("Pipfile", f"x = {DEEP}\n"),
        ("Pipfile", f"x = {LONG}\n"),
        ("Pipfile.lock", f'{{"x": {DEEP}}}\n'),
        ("Pipfile.lock", f'{{"x": {LONG}}}\n'),
    ],
)
def test_requirements_that_cannot_be_used_require_nothing(tmp_path: Path, name: str, content: str) -> None:
    result = lint(tmp_path, {name: content})
    assert (result.code, result.err) == (1, "")


def test_requirements_that_include_one_another(tmp_path: Path) -> None:
    files = {f"requirements{at}.txt": f"-r requirements{at + 1}.txt\n" for at in range(1001)}
    assert lint(tmp_path, {**files, "requirements1001.txt": "-r requirements0.txt\n"}).err == ""


def test_notebooks(tmp_path: Path) -> None:
    cells = json.dumps([{"cell_type": "code", "source": GOOD}])
    result = lint(
        tmp_path, {f"{at}.ipynb": f'{{"cells": {cells}, "x": {x}}}' for at, x in enumerate((LONG, DEEP))}
    )
    assert other_findings(result) == ["0.ipynb:cell 1:3:18:"]
    assert (result.code, result.err) == (2, "error: 1.ipynb: cannot be read: its JSON is nested too deeply\n")


@pytest.mark.skipif(sys.platform == "win32", reason="its paths are short")
def test_deep_folders(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    with open(os.open("a.py", os.O_WRONLY | os.O_CREAT, dir_fd=here), "w") as file:
        file.write(GOOD)
    os.close(here)
    result = lint(tmp_path, {})
    assert (result.code, result.err, len(other_findings(result))) == (1, "", 1)
    subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)  # what Python 3.10 has, recurs


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders there")
@pytest.mark.parametrize("kind", ["pipe", "device", "socket"])
@pytest.mark.parametrize("settings", ["pyproject.toml", "wandblint.toml"])
def test_only_regular_files_are_read(tmp_path: Path, kind: str, settings: str) -> None:
    errors = [settings, ".git/info/exclude", ".gitignore", "lib/.gitignore", "wandblint-baseline.json"]
    for name in (*errors, "requirements.txt", "setup.py", "setup.cfg", "uv.lock", "Pipfile", "Pipfile.lock"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if kind == "pipe":
            os.mkfifo(file)
        elif kind == "device":
            file.symlink_to("/dev/zero")
        else:
            os.mknod(file, stat.S_IFSOCK | 0o600)
    (tmp_path / "good.py").write_text(GOOD)
    result = wandblint("--output-format", "concise", cwd=tmp_path)
    assert (result.code, GOOD_FINDING in result.out) == (2, True)
    lines = [
        re.sub("not a regular file|no such device or address", "NO", line) for line in result.err.splitlines()
    ]
    assert lines == [f"error: {name}: cannot be read: NO" for name in errors]


def test_settings_may_come_from_a_pipe_that_the_user_names(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text(GOOD)
    result = wandblint("--config", "/dev/stdin", cwd=tmp_path, stdin="ignore = ['ALL']")
    assert (result.code, result.err) == (0, "")


NOT_UTF8 = os.fsdecode(b"b\xffd")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    lint(tmp_path, {f"{NOT_UTF8}.py": GOOD, f"{NOT_UTF8}/a.py": GOOD})
    for arguments in (
        *(("--output-format", name) for name in FORMATS),
        ("--write-baseline",),
        ("--add-ignore",),
        ("charts",),
    ):
        result = wandblint(*arguments, cwd=tmp_path)
        lines = [line for line in result.err.splitlines() if line.startswith("error: ")]
        assert lines == [f"error: b\ufffdd{suffix}: its name is not UTF-8" for suffix in ("", ".py")]
        assert (result.code, "Traceback" in result.err) == (2, False)
    listed = wandblint("--show-files", cwd=tmp_path)
    assert (listed.code, listed.out.splitlines()) == (0, ["good.py"])
    named = wandblint(f"{NOT_UTF8}.py", "good.py", cwd=tmp_path)
    assert (named.code, set(named.err.splitlines())) == (2, set(lines))


@pytest.mark.skipif(sys.platform != "linux", reason="file names are text there")
@pytest.mark.parametrize("name", ["json", "sarif", "junit"])
def test_a_project_below_a_name_that_is_not_utf8(tmp_path: Path, name: str) -> None:
    root = tmp_path / NOT_UTF8 / "project"
    root.mkdir(parents=True)
    (root / "good.py").write_text(GOOD)
    for path in (".", str(root)):
        result = wandblint(path, "--output-format", name, cwd=root)
        assert (result.code, "WB101" in result.out, result.err) == (1, True, "")
    outside = wandblint(f"{NOT_UTF8}/project", "--output-format", name, cwd=tmp_path)
    assert (outside.code, outside.err) == (2, "error: b\ufffdd/project: its name is not UTF-8\n")
