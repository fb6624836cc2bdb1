"""`--diff` makes patches: `git apply` and `patch` turn the files into what `--fix` makes of them."""

from __future__ import annotations

import codecs
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.programs import COMMAND, environment, in_terminal, write

BAD = 'import wandb\n\nwandb.init(project="p", reinit=True)\n'
CELL: dict[str, object] = {
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": BAD,
}
NOTEBOOK = json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
FILES = {
    "plain.py": BAD.encode(),
    "carriage_returns.py": BAD.replace("\n", "\r").encode(),
    "crlf.py": BAD.replace("\n", "\r\n").encode(),
    "mixed.py": b"a = 1\rb = 2\r\n" + BAD.encode() + b"c = 3\rd = 4\n",
    "form_feed.py": BAD.replace("\n\n", "\n# \x0c\nx = '\x0b \x0c \x1c \x85'\n").encode() + b"# \x0c\n",
    "separators.py": ("# \u2028 \u2029 \x85\n" + BAD + "x = '\u2028 y'\n").encode(),
    "no_end.py": BAD.rstrip("\n").encode(),
    "no_end_far.py": BAD.encode() + b"# end\n" * 10 + b"# end",
    "no_end_near.py": BAD.encode() + b"# end",
    "crlf_no_end.py": BAD.replace("\n", "\r\n").rstrip().encode(),
    "mark.py": codecs.BOM_UTF8 + BAD.encode(),
    "latin.py": "# coding: latin-1\n# é\n".encode("latin-1") + BAD.encode() + "# é\n".encode("latin-1"),
    "notebook.ipynb": NOTEBOOK.encode(),
    "with a space.py": BAD.encode(),
    "é.py": BAD.encode(),
    'quoted"\\.py': BAD.encode(),
    "lines\n\ttab\r.py": BAD.encode(),
    "escape\033[31m\u202e\x85.py": BAD.encode(),
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="names and programs of Unix")


def project(folder: Path) -> Path:
    write(folder, {"pyproject.toml": ""})
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def output(*arguments: str, cwd: Path) -> bytes:
    command = [*COMMAND, *arguments, "--no-cache", "--isolated"]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, check=False).stdout


@pytest.mark.parametrize("program", [("git", "apply"), ("patch", "-p1", "--binary")], ids=["git", "patch"])
def test_a_diff_is_a_patch(tmp_path: Path, program: tuple[str, ...]) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"there is no {program[0]}")
    for name in ("applied", "fixed"):
        (tmp_path / name).mkdir()
        project(tmp_path / name)
    diff = output("--diff", cwd=tmp_path / "applied")
    assert contents(tmp_path / "applied") == FILES
    result = subprocess.run(program, cwd=tmp_path / "applied", input=diff, capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b""), result.stdout
    output("--fix", cwd=tmp_path / "fixed")
    fixed = contents(tmp_path / "fixed")
    assert [name for name in FILES if b"finish_previous" not in fixed[name]] == []
    assert contents(tmp_path / "applied") == fixed


def test_the_diff_of_standard_input_has_its_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": ""})
    result = subprocess.run(
        [*COMMAND, "-", "--diff", "--stdin-filename", "latin.py", "--isolated"],
        cwd=tmp_path,
        env=environment(),
        input=FILES["latin.py"],
        capture_output=True,
        check=False,
    )
    assert result.stdout.startswith(
        b"--- a/latin.py\n+++ b/latin.py\n@@ -2,5 +2,5 @@\n # \xe9\n import wandb\n"
    )


def test_a_patch_applies_without_the_masked_files(tmp_path: Path) -> None:
    key = f'key = "{"0123456789" * 4}"\n'
    write(tmp_path, {"pyproject.toml": "", "a.py": key + BAD, "b.py": BAD, "c.py": BAD + key})
    diff = output("--diff", "-q", cwd=tmp_path)
    for program in (["git", "apply"], ["patch", "-p1"]):
        if shutil.which(program[0]) is None:
            continue
        write(tmp_path, {"b.py": BAD})
        result = subprocess.run(program, cwd=tmp_path, input=diff, capture_output=True, check=False)
        assert result.returncode == 0
        assert (tmp_path / "b.py").read_text() == BAD.replace("True", '"finish_previous"')
        assert (tmp_path / "a.py").read_text() == key + BAD
        assert (tmp_path / "c.py").read_text() == BAD + key


def test_a_terminal_gets_no_control_characters(tmp_path: Path) -> None:
    name = "a\033.py"
    write(tmp_path, {"pyproject.toml": "", name: BAD + "x =\t'\033]0;title\a\u202e'\r# more\n"})
    shown = in_terminal("--diff", "--no-cache", cwd=tmp_path).out
    assert '--- "a/a\\033.py"' in shown
    assert " x =    '␛]0;title␇\N{REPLACEMENT CHARACTER}'␍# more" in shown
    assert not {"\033", "\a", "\u202e", "\r"}.intersection(shown)
