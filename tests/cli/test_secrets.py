"""API keys in code, settings and records are in no output and no cache; fixes keep them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.audit.recording import record
from tests.cli.programs import in_terminal, wandblint, write
from wandblint.reports.formats import FORMATS

DIGITS = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
KEYS = (DIGITS, f"local-{DIGITS}", "wandb_v1_aUrHqZ0rQW3E5T7y9UiOpAsDfGhJkLzXcVbNm1234")
HIDDEN = (DIGITS[4:], "HqZ0rQW3E5T7y9UiOpAsDfGhJkLzXcVbNm1234")
"""The parts of the keys that must not be seen."""
LINES = "".join(f'wandb.login(key="{key}")  # {key}\n' for key in KEYS)
ON_A_LINE = "".join(
    f'wandb.init(reinit=True, id="{key}", config={{"a": "{key}", b"{key}": 1}})  # {key}\n' for key in KEYS
)
CODE = f"""\
import wandb

{LINES}{ON_A_LINE}
run = wandb.init(project="p")
run.define_metric("fit/*", step_metric="fit/epoch")
for epoch in range(3):
    run.log({{"fit/loss": 1 / (epoch + 1), "fit_again/loss": 2, "{KEYS[0]}": 1, f"{{epoch}} {KEYS[2]}": 2}})
match run.id:
    case "{KEYS[1]}":
        pass
# wandblint: ignore[{KEYS[0]}]
"""
UNPARSABLE = f'import wandb\nwandb.login(key="{KEYS[0]}") "{KEYS[2]}" = 1\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"pyproject.toml": "", "a.py": CODE, "b.py": CODE, "c.py": UNPARSABLE}
    return write(tmp_path, files)


def assert_hidden(*texts: str) -> None:
    for text in texts:
        assert [part for part in HIDDEN if part in text] == []


@pytest.mark.parametrize("output_format", FORMATS)
def test_reports(project: Path, output_format: str) -> None:
    arguments = ("--output-format", output_format, "--select", "ALL", "--output", f"{output_format}=report")
    result = wandblint(*arguments, cwd=project)
    report = (project / "report").read_text(encoding="utf-8")
    assert result.code == 1
    assert "WB101" in result.out
    assert "WB101" in report
    assert_hidden(result.out, result.err, report)


@pytest.mark.skipif("os.name == 'nt'")
@pytest.mark.parametrize("columns", [60, 100, 140])
def test_cropped_source(project: Path, columns: int) -> None:
    """A line is cropped around its mark: half a key does not look like one."""
    result = in_terminal("--no-cache", "--color", "never", cwd=project, columns=columns)
    assert DIGITS[:4] in result.out
    windows = [DIGITS[start : start + 8] for start in range(4, len(DIGITS) - 8)]
    assert [window for window in windows if window in result.out] == []


def test_the_cache_contains_no_key(project: Path) -> None:
    for arguments in (("--diff", "--unsafe-fixes"), ("charts",), ("--output-format", "json")):
        wandblint(*arguments, cwd=project)
    with closing(sqlite3.connect(project / ".wandblint_cache" / "cache.sqlite")) as database:
        values = [value for (value,) in database.execute("SELECT value FROM entries")]
    assert values
    for data in (*values, (project / ".wandblint_cache" / "cache.sqlite").read_bytes()):
        assert [part for part in HIDDEN if part.encode() in data] == []


def test_charts(project: Path) -> None:
    for output_format in ("text", "json"):
        result = wandblint("charts", "--output-format", output_format, cwd=project)
        assert "fit/" in result.out
        assert_hidden(result.out, result.err)


def test_a_baseline(project: Path) -> None:
    result = wandblint("--write-baseline", "--select", "ALL", cwd=project)
    assert_hidden(result.err, (project / "wandblint-baseline.json").read_text(encoding="utf-8"))
    assert wandblint("--select", "ALL", cwd=project).code == 0, "the entries are those of the findings"


def test_settings(project: Path) -> None:
    write(project, {"pyproject.toml": f'[tool.wandblint]\nexclude = ["data", "{KEYS[0]}"]\n'})
    result = wandblint("--show-settings", cwd=project)
    assert f'"{DIGITS[:4]}' in result.out
    assert_hidden(result.out, result.err)
    write(project, {"pyproject.toml": f'[tool.wandblint]\nselect = ["{KEYS[0]}"]\n"{KEYS[2]}" = 1\n'})
    result = wandblint(cwd=project)
    assert DIGITS[:4] in result.err or "wandb_v1_aUrH" in result.err
    assert_hidden(result.out, result.err)


def test_the_record_of_a_run(tmp_path: Path) -> None:
    program = f"""
import wandb
run = wandb.init(project="{KEYS[2]}", notes="{KEYS[1]}")
run.define_metric("{KEYS[0]}", step_metric="{KEYS[2]}")
run.log({{"{KEYS[0]}": 1, "loss": 2}})
run.log({{"{KEYS[0]}": 1, "loss": 2}})
"""
    folder = record(tmp_path, (program,))
    write(tmp_path, {"train.py": program})
    for output_format in ("text", "concise", "json"):
        arguments = (str(folder), "--against", "train.py", "--output-format", output_format)
        result = wandblint("audit", *arguments, cwd=tmp_path)
        assert result.code == 1
        assert DIGITS[:4] in result.out
        assert_hidden(result.out, result.err)


SAFE = f"""\
import wandb

run = wandb.init(project="p", reinit=True)
a = 1
b = 2
c = 3
d = 4
e = 5
wandb.login(key="{DIGITS}")
"""


def test_a_fix_keeps_keys(tmp_path: Path) -> None:
    near = SAFE.replace("a = 1\n", f'key = "{DIGITS}"\n')
    for code in (SAFE, near):
        write(tmp_path, {"pyproject.toml": "", "a.py": code})
        result = wandblint("--fix", "--show-fixes", cwd=tmp_path)
        assert "1 WB101 (reinit-bool)" in result.out
        assert (tmp_path / "a.py").read_text() == code.replace("True", '"finish_previous"')
    assert wandblint("-", "--fix", cwd=tmp_path, stdin=near).out == near.replace("True", '"finish_previous"')


def test_a_masked_diff_is_no_patch(tmp_path: Path) -> None:
    near = SAFE.replace("a = 1\n", f'key = "{DIGITS}"\n')
    write(tmp_path, {"pyproject.toml": "", "far.py": SAFE, "near.py": near})
    result = wandblint("--diff", "--no-cache", cwd=tmp_path)
    far, _, shown = result.out.partition("--- a/near.py\n")
    assert "@@ -1,6 +1,6 @@\n" in far, "no line of its diff contains a key"
    assert "@@ an API key is masked, so this is no patch: -1,6 +1,6 @@\n" in shown
    assert f' key = "9f86{"*" * 36}"\n' in shown
    assert result.err == (
        "note: near.py: its diff contains what looks like an API key: masked, so it is no patch\n"
    )


REWRITTEN = f"""\
import wandb

for fold in range(3):
    run = wandb.init(project="p", config={{"key": "{DIGITS}"}})
    run.log({{"loss": fold}})
"""


def test_no_program_gets_a_masked_edit(tmp_path: Path) -> None:
    """An editor would write what a report says."""
    write(tmp_path, {"pyproject.toml": "", "a.py": REWRITTEN})
    plain = REWRITTEN.replace(DIGITS, "x")
    for code, has_fix in ((plain, True), (REWRITTEN, False)):
        write(tmp_path, {"a.py": code})
        (finding,) = json.loads(wandblint("--output-format", "json", cwd=tmp_path).out)
        assert (finding["fix"] is not None) == has_fix
        (result,) = json.loads(wandblint("--output-format", "sarif", cwd=tmp_path).out)["runs"][0]["results"]
        assert ("fixes" in result) == has_fix
    assert "[unsafe fix]" in wandblint(cwd=tmp_path).out
    wandblint("--fix", "--unsafe-fixes", cwd=tmp_path)
    assert DIGITS in (tmp_path / "a.py").read_text()
    assert "with wandb.init" in (tmp_path / "a.py").read_text()
