"""Names of files with control characters: every output escapes them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.audit.recording import record
from tests.cli.programs import Completed, wandblint, write
from wandblint.reports.display import quoted
from wandblint.reports.formats import FORMATS

NAMES = (
    "new\nline.py",
    "title\033]0;x\a.py",
    "evil\u202eyp.exe\u2066.py",
    "c1\x9b31m.py",
    "delete\x7f\r\t.py",
)
QUOTED = (
    r'"new\nline.py"',
    r'"title\033]0;x\a.py"',
    r'"evil\342\200\256yp.exe\342\201\246.py"',
    r'"c1\302\23331m.py"',
    r'"delete\177\r\t.py"',
)
FORBIDDEN = set("\033\a\u202e\u2066\x9b\x7f\r\t")
BAD = 'import wandb\n\nwandb.init(project="p", reinit=True)\n'

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, {"pyproject.toml": "", **dict.fromkeys(NAMES, BAD)})


def assert_safe(*texts: str) -> None:
    for text in texts:
        assert FORBIDDEN.isdisjoint(text)
        assert "new\nline" not in text


@pytest.mark.parametrize(("name", "expected"), [*zip(NAMES, QUOTED, strict=True)])
def test_special_characters_are_quoted(name: str, expected: str) -> None:
    assert quoted(name) == expected
    assert quoted(f"a/{name}") == f'"a/{expected[1:]}'


@pytest.mark.parametrize("name", ["a.py", "a b.py", "é/漢字.py", "it's $HOME.py"])
def test_other_names_stay(name: str) -> None:
    assert quoted(name) == name


def test_what_git_quotes_besides() -> None:
    assert quoted('a"b\\c.py') == r'"a\"b\\c.py"'
    assert quoted(os.fsdecode(b"\xff.py")) == r'"\377.py"'
    assert quoted("\ud800.py") == r'"\355\240\200.py"', "half a character, as Windows allows"


def test_the_list_of_files(project: Path) -> None:
    result = wandblint("--show-files", cwd=project)
    assert result.out.splitlines() == sorted(QUOTED)


def test_the_list_of_fixes(project: Path) -> None:
    result = wandblint("--fix", "--show-fixes", "-q", cwd=project)
    names = [line for line in result.out.splitlines() if line.endswith(":")]
    assert names == [f"{name}:" for name in sorted(QUOTED)]


def test_a_diff(project: Path) -> None:
    result = wandblint("--diff", cwd=project)
    heads = [line for line in result.out.split("\n") if line.startswith("+++")]
    assert heads == [f'+++ "b/{name[1:]}' for name in sorted(QUOTED)]
    assert_safe(result.out)


def test_annotations_of_github(project: Path) -> None:
    result = wandblint("--output-format", "github", cwd=project)
    files = sorted(line.partition("file=")[2].partition(",")[0] for line in result.out.splitlines())
    assert files == sorted(QUOTED)
    assert_safe(result.out)


@pytest.mark.parametrize("output_format", FORMATS)
def test_reports(project: Path, output_format: str) -> None:
    result = wandblint("--output-format", output_format, "--output", f"{output_format}=report", cwd=project)
    assert "WB101" in result.out
    assert_safe(result.out, result.err, (project / "report").read_text(encoding="utf-8"))


def test_programs_get_the_names_themselves(project: Path) -> None:
    findings = json.loads(wandblint("--output-format", "json", cwd=project).out)
    assert sorted(finding["filename"] for finding in findings) == sorted(NAMES)


def all_texts(result: Completed) -> tuple[str, str]:
    return result.out, result.err


def test_errors_and_settings(project: Path) -> None:
    inner = project / "fold\033er\nnew"
    write(inner, {"pyproject.toml": "", "a\033.py": "import wandb\nx = \n", "b\n\r.ipynb": "wandb {"})
    for arguments in (
        (),
        ("--show-settings",),
        ("--interactive",),
        ("--add-ignore",),
        ("--write-baseline",),
        ("clean",),
        ("charts",),
        ("charts", "--output-format", "json"),
        ("no\033such\nfile.py",),
        ("--config", "no\033such\n.toml"),
        ("--baseline", "no\033such\n.json"),
    ):
        assert_safe(*all_texts(wandblint(*arguments, cwd=inner)))
    assert_safe(*all_texts(wandblint("clean", str(inner), cwd=project)))
    assert_safe(*all_texts(wandblint("scan", "--output", "scan", inner.name, "no\033\n", cwd=project)))
    (inner / "pyproject.toml").write_text("[tool.wandblint]\nx = 1\n")
    assert_safe(*all_texts(wandblint(inner.name, cwd=project)))
    (inner / "pyproject.toml").unlink()
    assert_safe(*all_texts(wandblint("init", inner.name, cwd=project)))


def test_records(tmp_path: Path) -> None:
    program = 'import wandb\nrun = wandb.init(project="p\\033", id="i")\nrun.log({"k\\x9b\\n\\u202e": 1})\n'
    folder = tmp_path / "fold\033er\n\u202e"
    folder.mkdir()
    recorded = record(folder, (program,))
    write(folder, {"t\033.py": program})
    for output_format in ("text", "concise", "json"):
        arguments = (str(recorded), "--against", ".", "--output-format", output_format)
        result = wandblint("audit", *arguments, cwd=folder)
        assert result.code in (0, 1)
        assert_safe(*all_texts(result))
    (log,) = recorded.rglob("*.wandb")
    log.write_bytes(log.read_bytes()[:-30])
    result = wandblint("audit", str(recorded), "--output-format", "json", cwd=folder)
    assert result.code == 2
    assert_safe(*all_texts(result))
