"""`--fix` and related options, with the real program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

SAFE = 'import wandb\n\nwandb.init(project="p", reinit=True)  # one run per fold\n'
FIXED = 'import wandb\n\nwandb.init(project="p", reinit="finish_previous")  # one run per fold\n'
UNSAFE = """\
import wandb

run = wandb.init()
run.define_metric("fit/*", step_metric="fit/epoch")
for epoch in range(3):
    run.log({"fit/loss": 1 / (epoch + 1)}, step=epoch)
"""
UNSAFE_FIXED = UNSAFE.replace("(epoch + 1)}, step=epoch", '(epoch + 1), "fit/epoch": epoch}')
QUIET = ("--no-cache", "--isolated")


def project(folder: Path, **files: str) -> Path:
    return write(folder, {"pyproject.toml": "", **{f"{name}.py": text for name, text in files.items()}})


def text_of(file: Path) -> str:
    return file.read_bytes().decode()


def test_safe_fixes_alone(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE, unsafe=UNSAFE)
    result = wandblint("--fix", *QUIET, cwd=root)
    assert text_of(root / "safe.py") == FIXED
    assert text_of(root / "unsafe.py") == UNSAFE
    assert result.code == 1
    assert "WB202" in result.out
    assert "[unsafe fix]" in result.out
    assert result.out.endswith(
        "Found 1 error in 1 file (1 fixed); 2 files read.\nFixable: 1 with --fix --unsafe-fixes.\n"
    )


@pytest.mark.parametrize(
    "statement", ["(x): int = 1\n", f"x = {' and '.join(['a'] * 20_000)}\n"], ids=["annotation", "chain"]
)
def test_code_that_libcst_cannot_parse_is_linted_but_not_fixed(tmp_path: Path, statement: str) -> None:
    """On the second text LibCST's parser would overflow the stack, which nothing catches."""
    root = project(tmp_path, safe=SAFE + statement)
    result = wandblint("--fix", *QUIET, cwd=root)
    assert text_of(root / "safe.py") == SAFE + statement
    assert result.code == 1
    assert "WB101" in result.out


def test_unsafe_fixes_leave_nothing_for_a_second_run(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE, unsafe=UNSAFE)
    result = wandblint("--fix", "--unsafe-fixes", "--show-fixes", *QUIET, cwd=root)
    assert text_of(root / "unsafe.py") == UNSAFE_FIXED
    assert result.code == 0
    assert result.out.splitlines()[1:] == [
        "safe.py:",
        "    1 WB101 (reinit-bool)",
        "unsafe.py:",
        "    1 WB202 (step-metric-never-logged)",
    ]
    again = wandblint("--unsafe-fixes", "--diff", "--select", "ALL", *QUIET, cwd=root)
    assert (again.code, again.out) == (0, "")


def test_the_list_of_fixes_does_not_break_a_json_report(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE)
    result = wandblint("--fix", "--show-fixes", "--output-format", "json", *QUIET, cwd=root)
    assert json.loads(result.out) == []
    assert result.err == "safe.py:\n    1 WB101 (reinit-bool)\n"


def test_available_fixes_are_reported(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE, unsafe=UNSAFE)
    result = wandblint(*QUIET, cwd=root)
    assert result.out.endswith("\nFixable: 1 with --fix, 1 more with --unsafe-fixes.\n")
    (first, second) = json.loads(wandblint("--output-format", "json", *QUIET, cwd=root).out)
    assert first["fix"] == {
        "applicability": "safe",
        "message": 'write `reinit="finish_previous"`',
        "edits": [
            {
                "filename": "safe.py",
                "location": {"row": 3, "column": 32},
                "end_location": {"row": 3, "column": 36},
                "content": '"finish_previous"',
            }
        ],
    }
    assert [edit["content"] for edit in second["fix"]["edits"]] == [', "fit/epoch": epoch', ""]


def test_a_diff_writes_nothing(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE)
    result = wandblint("--diff", *QUIET, cwd=root)
    assert result.code == 1
    assert result.out.splitlines() == [
        "--- a/safe.py",
        "+++ b/safe.py",
        "@@ -1,3 +1,3 @@",
        " import wandb",
        " ",
        '-wandb.init(project="p", reinit=True)  # one run per fold',
        '+wandb.init(project="p", reinit="finish_previous")  # one run per fold',
    ]
    assert text_of(root / "safe.py") == SAFE


def test_fix_only(tmp_path: Path) -> None:
    root = project(tmp_path, safe=SAFE, unsafe=UNSAFE)
    result = wandblint("--fix-only", *QUIET, cwd=root)
    assert (result.code, result.out) == (0, "")
    assert "1 finding fixed" in result.err
    assert text_of(root / "safe.py") == FIXED


def test_standard_input(tmp_path: Path) -> None:
    result = wandblint("-", "--fix", *QUIET, cwd=project(tmp_path), stdin=SAFE)
    assert (result.code, result.out) == (0, FIXED)


@pytest.mark.parametrize(("answer", "text"), [("y\n", FIXED), ("n\n", SAFE)])
def test_interactive(tmp_path: Path, answer: str, text: str) -> None:
    root = project(tmp_path, safe=SAFE)
    result = wandblint("--interactive", *QUIET, cwd=root, stdin=answer)
    assert '+wandb.init(project="p", reinit="finish_previous")' in result.out
    assert text_of(root / "safe.py") == text


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ('unfixable = ["WB101"]', SAFE),
        ('fixable = ["WB2"]', SAFE),
        ('extend-unsafe-fixes = ["reinit-bool"]', SAFE),
        ('fixable = ["WB1"]', FIXED),
    ],
)
def test_settings(tmp_path: Path, settings: str, text: str) -> None:
    root = project(tmp_path, safe=SAFE)
    (root / "pyproject.toml").write_text(f"[tool.wandblint]\n{settings}\n", encoding="utf-8")
    wandblint("--fix", "--no-cache", cwd=root)
    assert text_of(root / "safe.py") == text


def test_a_fix_that_the_settings_declare_safe(tmp_path: Path) -> None:
    root = project(tmp_path, unsafe=UNSAFE)
    (root / "wandblint.toml").write_text('extend-safe-fixes = ["WB202"]\n', encoding="utf-8")
    assert wandblint("--fix", "--no-cache", cwd=root).code == 0
    assert text_of(root / "unsafe.py") == UNSAFE_FIXED


def test_suppressed_findings_are_not_fixed(tmp_path: Path) -> None:
    text = SAFE.replace("# one run per fold", "# wandblint: ignore[WB101] on purpose")
    root = project(tmp_path, safe=text)
    assert wandblint("--fix", *QUIET, cwd=root).code == 0
    assert text_of(root / "safe.py") == text


def test_files_keep_their_encoding_permissions_and_links(tmp_path: Path) -> None:
    root = project(tmp_path, safe="")
    marked = tmp_path / "marked.py"
    marked.write_bytes(b"\xef\xbb\xbf" + SAFE.replace("\n", "\r\n").encode())
    marked.chmod(0o751)
    latin = tmp_path / "latin.py"
    latin.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n" + SAFE.encode())
    target = tmp_path / "elsewhere" / "real.py"
    target.parent.mkdir()
    target.write_text(SAFE, encoding="utf-8")
    (tmp_path / "safe.py").unlink()
    (tmp_path / "safe.py").symlink_to(target)
    assert wandblint("--fix", *QUIET, cwd=root).code == 0
    assert marked.read_bytes() == b"\xef\xbb\xbf" + FIXED.replace("\n", "\r\n").encode()
    assert marked.stat().st_mode & 0o777 == 0o751
    assert latin.read_bytes() == b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\n" + FIXED.encode()
    assert (tmp_path / "safe.py").is_symlink()
    assert text_of(target) == FIXED


def test_fixing_and_ignoring_conflict(tmp_path: Path) -> None:
    result = wandblint("--fix", "--add-ignore", *QUIET, cwd=project(tmp_path, safe=SAFE))
    assert result.code == 2
    assert "apply fixes first, then ignore the remaining findings" in result.err
