"""The options that users know from ruff, short options and environment variables, with the real program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cli.programs import Completed, wandblint, write
from wandblint import __version__

BAD = "import wandb\n\nwandb.init(reinit=True)\n"
SUPPRESSED = "import wandb\n\nwandb.init(reinit=True)  # noqa: WB101\n"
SETTINGS = """\
[tool.wandblint]
extend-exclude = ["old"]
unfixable = ["WB1"]
per-file-ignores = { "a.py" = ["WB101"] }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project that excludes one of its files and ignores the finding of another one."""
    files = {"a.py": BAD, "b.py": BAD, "old/c.py": BAD, "new/d.py": BAD}
    return write(tmp_path / "root", {"pyproject.toml": SETTINGS, **files})


def concise(root: Path, *options: str, **variables: str) -> Completed:
    return wandblint("-n", "--output-format", "concise", *options, cwd=root, **variables)


def found(root: Path, *options: str, **variables: str) -> list[str]:
    """The files with findings."""
    result = concise(root, *options, **variables)
    assert result.err == ""
    return [line.partition(":")[0] for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ((), ["b.py", "new/d.py"]),
        (("--extend-exclude", "new,b.*"), []),
        (("--extend-exclude", "new", "--extend-exclude", "[a]"), ["b.py"]),
        (("--exclude", "new"), ["b.py"]),
        (("--exclude", "b.py", "--config", "extend-exclude = ['new']"), []),
        (("--per-file-ignores", "new/*:WB1"), ["a.py", "b.py"]),
        (("--per-file-ignores", "b.py:WB2,b.py:WB1, new/:reinit-bool"), ["a.py"]),
        (("--config", "per-file-ignores = {'b.py' = ['ALL']}"), ["new/d.py"]),
        (
            ("--config", "per-file-ignores = {'b.py' = ['ALL']}", "--isolated"),
            ["a.py", "new/d.py", "old/c.py"],
        ),
        (("--config", "select = ['WB2']"), []),
        (("--config", "select = ['WB2']", "--select", "WB1"), ["b.py", "new/d.py"]),
        (("--config", "other.toml"), ["a.py", "new/d.py"]),
        (("--config", "other.toml", "--config", "exclude = ['a.py']"), ["b.py", "new/d.py", "old/c.py"]),
    ],
)
def test_options_apply_over_the_settings(root: Path, options: tuple[str, ...], files: list[str]) -> None:
    write(root, {"other.toml": "exclude = ['b.py', 'old']\n"})
    assert found(root, *options) == files


def test_a_file_whose_name_looks_like_a_setting(root: Path) -> None:
    write(root, {"select=1": "exclude = ['b.py']\n"})
    assert found(root, "--config", "select=1") == ["a.py", "new/d.py", "old/c.py"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (
            ("--config", "select = ["),
            "Invalid value for '--config': `select = [` is neither a file nor TOML: ",
        ),
        (
            ("--config", "a.toml", "--config", "b.toml"),
            "Invalid value for '--config': only one file can be given",
        ),
        (("--config", "selct = ['WB1']"), "--config: unknown setting `selct`; did you mean `select`?\n"),
        (
            ("--config", "src = ['gone']"),
            '--config: `src` is ["gone"], but gone is not a folder of the project\n',
        ),
        (("--exclude", "[z-a]"), 'command line: `exclude`: the pattern "[z-a]" matches nothing: '),
        (("--fixable", "WB20x"), "command line: `fixable`: unknown rule `WB20x`; did you mean `WB20`?\n"),
        (
            ("--per-file-ignores", "a.py"),
            "Invalid value for '--per-file-ignores': `a.py` is not PATTERN:RULE",
        ),
        (("-q", "-v"), "--quiet and --verbose contradict each other\n"),
        (("--add-ignore", "--ignore-noqa"), "--add-ignore writes comments and cannot be combined with "),
        (("-o", "x", "--output", "json=x"), "`x` cannot hold two reports (--output-file and --output)\n"),
    ],
)
def test_each_error_is_one_line(root: Path, options: tuple[str, ...], error: str) -> None:
    result = concise(root, *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {error}")
    assert result.err.count("\n") == 1


def test_charts_and_audit_take_settings_too(root: Path) -> None:
    for verb in ("charts", "audit"):
        error = wandblint(verb, "--config", "selct = 1", cwd=root).err
        assert error == "error: --config: unknown setting `selct`; did you mean `select`?\n"


def fixed(root: Path) -> list[str]:
    files = ("a.py", "b.py", "old/c.py", "new/d.py")
    return [file for file in files if "finish_previous" in (root / file).read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ((), []),
        (("--unfixable", "WB2"), ["b.py", "new/d.py"]),
        (("--config", "unfixable = []"), ["b.py", "new/d.py"]),
        (("--config", "unfixable = []", "--fixable", "WB2"), []),
    ],
)
def test_what_may_be_fixed(root: Path, options: tuple[str, ...], files: list[str]) -> None:
    concise(root, "--fix", *options)
    assert fixed(root) == files


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--fix",), 0),
        (("--fix", "--exit-non-zero-on-fix"), 1),
        (("--fix-only",), 0),
        (("--fix-only", "--exit-non-zero-on-fix"), 1),
        (("--fix", "--exit-non-zero-on-fix", "-e"), 0),
        (("--exit-non-zero-on-fix", "--ignore", "ALL"), 0),
    ],
)
def test_the_exit_code_after_fixes(root: Path, options: tuple[str, ...], code: int) -> None:
    assert concise(root, "--isolated", *options).code == code


def test_comments_can_be_ignored(clean: Path) -> None:
    write(clean, {"train.py": SUPPRESSED, "other.py": "import wandb\nx = 1  # wandblint: ignore[WB101]\n"})
    assert [line.split()[1] for line in concise(clean).out.splitlines()] == ["WB002"]
    assert [line.split()[1] for line in concise(clean, "--ignore-noqa").out.splitlines()] == ["WB101"]


def test_the_report_goes_to_a_file(root: Path) -> None:
    printed = wandblint("-n", cwd=root)
    result = wandblint("-n", "-o", "report.txt", "--color", "always", cwd=root)
    assert (result.code, result.out, result.err) == (1, "", "")
    assert (root / "report.txt").read_text(encoding="utf-8") == printed.out
    result = wandblint("-n", "-o", "none/report.txt", cwd=root)
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: none/report.txt: cannot write the report: no such file or directory\n"


def test_short_options(root: Path) -> None:
    assert wandblint("-V", cwd=root).out == f"wandblint {__version__}\n"
    assert wandblint("check", "-V", cwd=root).out == f"wandblint {__version__}\n"
    assert wandblint("-neq", cwd=root).code == 0
    assert not (root / ".wandblint_cache").exists()
    assert wandblint("-w", "-", cwd=root).err.startswith("error: --watch cannot be combined with `-`")


def test_verbose_says_what_decides_the_result(root: Path) -> None:
    write(root, {"requirements.txt": "wandb>=0.20\n"})
    assert concise(root, "-v").err.splitlines() == [
        "note: project ., settings of pyproject.toml; wandb: >=0.20, required by requirements.txt",
        "note: project .: 3 of 3 files mention wandb, 3 read; no cache",
    ]
    result = wandblint("-v", "--isolated", "--cache-dir", "cache", "--select", "WB2", cwd=root)
    assert "note: project ., no settings file; wandb: " in result.err
    assert result.err.endswith("note: project .: 4 of 4 files mention wandb, 4 read; cache in cache\n")


def test_environment_variables(root: Path) -> None:
    variables = {
        "WANDBLINT_OUTPUT_FORMAT": "concise",
        "WANDBLINT_CACHE_DIR": str(root / "own cache"),
        "WANDBLINT_CONFIG": "exclude = ['b.py', 'a b']",
    }
    result = wandblint(cwd=root, **variables)
    assert [line.partition(":")[0] for line in result.out.splitlines()] == ["new/d.py"]
    assert (root / "own cache").is_dir()
    assert (
        wandblint("--output-format", "json", "--config", "select = ['WB2']", cwd=root, **variables).out
        == "[]\n"
    )
    wandblint(cwd=root, WANDBLINT_NO_CACHE="1")
    assert not (root / ".wandblint_cache").exists()
    result = wandblint(cwd=root, WANDBLINT_OUTPUT_FORMAT="jsn")
    assert result.err.startswith(
        "error: Invalid value for WANDBLINT_OUTPUT_FORMAT: `jsn` is not one of text, "
    )
    assert result.err.endswith("; did you mean `json`?\n")


def test_the_verbs_help_and_version(root: Path) -> None:
    assert wandblint("version", cwd=root).out == f"wandblint {__version__}\n"
    assert wandblint("help", cwd=root) == wandblint("--help", cwd=root)
    assert wandblint("help", "charts", cwd=root) == wandblint("charts", "--help", cwd=root)
    result = wandblint("help", "chrts", cwd=root)
    assert (result.code, result.err) == (2, "error: there is no verb `chrts`; did you mean `charts`?\n")


def test_a_mistyped_verb(root: Path) -> None:
    for arguments in (("chekc",), ("chekc", "--isolated", "b.py"), ("chrts", "--output-format", "xml")):
        result = wandblint(*arguments, cwd=root)
        verb = "check" if arguments[0] == "chekc" else "charts"
        message = f"error: {arguments[0]}: no such file or folder; did you mean `wandblint {verb}`?\n"
        assert (result.code, result.out, result.err) == (2, "", message)


def test_a_path_that_resembles_a_verb(root: Path) -> None:
    write(root, {"chart/e.py": BAD, "scn.py": BAD})
    assert found(root / "chart", "--isolated") == ["e.py"]
    assert wandblint("chart", "-n", cwd=root).code == 1
    missing = wandblint("scripts", "b.py", "-n", cwd=root)
    assert missing.err == "error: scripts: no such file or folder\n"
    missing = wandblint("scan.py", "b.py", "-n", cwd=root)
    assert missing.err == "error: scan.py: no such file or folder; did you mean `scn.py`?\n"
    assert "b.py:3:12" in missing.out, "the other paths are linted"


def test_watching_with_a_short_option(root: Path) -> None:
    pytest.importorskip("watchfiles")
    result = wandblint("-wn", "nowhere", cwd=root)
    assert (result.code, result.err) == (2, "error: nowhere: no such file or folder\n")


def test_scan_is_not_confused_by_variables(root: Path, tmp_path: Path) -> None:
    result = wandblint("scan", str(root), "--output", "s.jsonl", cwd=tmp_path, WANDBLINT_OUTPUT_FORMAT="text")
    assert result.code == 1
    assert (tmp_path / "s.jsonl").read_text(encoding="utf-8").count('"kind": "finding"') == 2


def test_git_is_still_asked(root: Path) -> None:
    """`--exclude` replaces the patterns of the settings, not those of git."""
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    write(root, {".gitignore": "new\n"})
    assert found(root, "--exclude", "old") == ["b.py"]
