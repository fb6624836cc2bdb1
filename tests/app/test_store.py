"""Runs with a cache: what it saves, and what it survives."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.programs import wandblint
from wandblint import analysis, engine
from wandblint.app.project import Project, RunResources
from wandblint.app.settings import Settings
from wandblint.findings.finding import Finding
from wandblint.infra import cache as caching
from wandblint.infra.cache import FOLDER, Cache

UNLOGGED_AXIS = """\
import wandb
from keys import AXIS
run = wandb.init()
run.define_metric("train/*", step_metric=AXIS)
run.log({"train/loss": 1.0})
"""
FIXABLE = 'import wandb\n\nwandb.init(project="p", reinit=True)\n'
KEYS = 'AXIS = "train/step"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "train.py").write_text(UNLOGGED_AXIS)
    (root / "keys.py").write_text(KEYS)
    for file in root.iterdir():
        age(file)
    return root


def age(file: Path, seconds: int = 60) -> None:
    """Makes a file look untouched for a while, as far as its change time allows."""
    then = time.time() - seconds
    os.utime(file, (then, then))


def lint(root: Path) -> list[Finding]:
    return engine.check(root, None, Settings(), resources=RunResources(root / FOLDER)).findings


def lint_strictly(root: Path) -> list[Finding]:
    """As `lint`, but a failed analysis raises."""
    result = engine.check(root, None, Settings(), resources=RunResources(root / FOLDER))
    assert not result.problems, result.problems
    return result.findings


def database(root: Path) -> Path:
    return root / FOLDER / "cache.sqlite"


def never(*arguments: object) -> None:
    raise AssertionError(f"read again: {arguments}")


def test_a_second_run_finds_the_same_and_reads_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lint(project)
    monkeypatch.setattr(Project, "_parse", never)

    assert [finding.code for finding in first] == ["WB202"]
    assert lint(project) == first


def run(root: Path, *options: str) -> tuple[str, bool]:
    """The output of a new process, and whether it imported LibCST."""
    program = (
        f"import sys; from wandblint.cli import main; main([*{options}, '--exit-zero']);"
        "sys.exit('libcst' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
    return result.stdout, result.returncode == 1


def test_neither_the_first_run_nor_the_second_imports_libcst(project: Path) -> None:
    for _ in range(2):
        printed, imports_libcst = run(project)

        assert "WB202" in printed
        assert not imports_libcst


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_second_run_reports_fixes_without_libcst(project: Path, kind: str) -> None:
    (project / "train.py").write_text(FIXABLE)
    printed, imports_libcst = run(project, "--output-format", kind)

    assert ("[fix]" if kind == "text" else "finish_previous") in printed
    assert imports_libcst
    assert run(project, "--output-format", kind) == (printed, False)


def test_cached_fixes_match_the_current_text(project: Path) -> None:
    (project / "train.py").write_text(FIXABLE)
    run(project)
    # No position changes, but no fix applies to the new argument.
    (project / "train.py").write_text(FIXABLE.replace("reinit=True", "reinit=1==1"))

    assert run(project)[0] == run(project, "--no-cache")[0]
    (project / "train.py").write_text(f"\n{FIXABLE}")
    shown = run(project, "--output-format", "json")
    assert shown == run(project, "--output-format", "json", "--no-cache")
    assert "finish_previous" in shown[0]


def test_nothing_is_analyzed_where_nothing_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    monkeypatch.setattr(analysis, "analyze_incremental", never)

    assert lint(project) == first
    (project / "notes.py").write_text("import os\n")
    with pytest.raises(AssertionError, match="read again"):
        lint_strictly(project)


def test_a_file_that_the_analysis_does_not_read_may_change(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = project / "other.py"
    other.write_text("import os\n\nprint(os.name)\n")
    first = lint(project)
    monkeypatch.setattr(analysis, "analyze_incremental", never)
    other.write_text("import os\n\nprint(os.sep)\n")

    assert lint_strictly(project) == first
    other.write_text("import train\n\nprint(train.run)\n")
    with pytest.raises(AssertionError, match="read again"):
        lint_strictly(project)


def test_dependencies_of_restored_entry_points_still_count(project: Path) -> None:
    other = project / "other.py"
    other.write_text("import wandb\n\nwandb.init()\n")
    assert [finding.code for finding in lint(project)] == ["WB202"]
    other.write_text("import wandb\n\nwandb.init(project='p')\n")
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]

    whole, after = (
        engine.check(project, None, Settings(), resources=means)
        for means in (None, RunResources(project / FOLDER))
    )
    assert whole.files_read == after.files_read == 3

    # Only `train.py` depends on it, and was restored in the last run.
    (project / "keys.py").write_text('AXIS = "train/loss"\n')
    assert lint_strictly(project) == []


@pytest.mark.parametrize("first", ["0", " + ".join(["9223372036854775807"] * 3)])
def test_numbers_too_large_for_the_cache_lose_no_finding(project: Path, first: str) -> None:
    logs = "import wandb\n\nwandb.init()\nfor i in range(9):\n    wandb.log({{'a': 1}}, step=i + {})\n".format
    (project / "big.py").write_text(logs(first))
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]

    (project / "big.py").write_text(logs(f"{2**63 - 1} + {2**63 - 1} + {2**63 - 1}"))
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]


@pytest.mark.parametrize("end", ["# a remark\n", "\n\n", "    # inside\n\n# and outside", "\n\t\n#\r\n"])
def test_a_comment_after_the_last_statement_causes_no_analysis(
    project: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lint(project)
    monkeypatch.setattr(analysis, "analyze_incremental", never)

    for file in project.glob("*.py"):
        with file.open("a", newline="") as stream:
            stream.write(end)

    assert lint_strictly(project) == first


@pytest.mark.parametrize(
    "end",
    [
        '"""\n# text\n"""\n',
        "x = 1\n",
        "x = 1\n# a remark\n",
        "if x: \\\n# here\n    pass",
        "# for wandb: now analyzed itself\n",
    ],
)
def test_code_at_the_end_of_a_file_causes_an_analysis(
    project: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint(project)
    with (project / "keys.py").open("a") as stream:
        stream.write(end)
    monkeypatch.setattr(analysis, "analyze_incremental", never)

    with pytest.raises(AssertionError, match="the analysis of the project failed"):
        lint_strictly(project)


def test_a_suppression_at_the_end_of_a_file_takes_effect_at_once(project: Path) -> None:
    assert lint(project) != []
    with (project / "train.py").open("a") as stream:
        stream.write("# wandblint: ignore-file\n")

    assert lint(project) == []


def test_another_analysis_setting_gives_another_model(project: Path) -> None:
    (project / "keys.py").unlink()
    (project / "python").mkdir()
    (project / "python" / "keys.py").write_text(KEYS.replace("train/step", "train/loss"))
    (project / "more").mkdir()
    (project / "more" / "keys.py").write_text(KEYS)

    def findings_with(source: str) -> list[Finding]:
        return engine.check(
            project, None, Settings(src=[source]), resources=RunResources(project / FOLDER)
        ).findings

    assert [finding.code for finding in findings_with("python")] == []
    assert [finding.code for finding in findings_with("more")] == ["WB202"]
    assert [finding.code for finding in findings_with("python")] == []


def test_a_changed_file_is_read_again(project: Path) -> None:
    lint(project)
    (project / "train.py").write_text(
        UNLOGGED_AXIS.replace('"train/loss": 1.0', '"train/loss": 1.0, AXIS: 1')
    )

    assert lint(project) == []


def test_a_change_that_keeps_size_and_time_is_noticed(project: Path) -> None:
    train = project / "train.py"
    train.write_text(UNLOGGED_AXIS.replace('"train/loss": 1.0', '"train/step": 1.0'))
    age(train)
    assert lint(project) == []
    status = train.stat()

    train.write_text(UNLOGGED_AXIS)
    os.utime(train, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert [finding.code for finding in lint(project)] == ["WB202"]


def test_a_file_that_moved_keeps_its_facts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lint(project)
    (project / "train.py").rename(project / "fit.py")
    monkeypatch.setattr(Project, "_parse", never)

    assert [finding.span.path for finding in lint(project)] == ["fit.py"]


def test_a_project_that_moved_keeps_its_cache(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    moved = project.rename(project.parent / "elsewhere")
    monkeypatch.setattr(Project, "_parse", never)

    assert lint(moved) == first
    assert str(project).encode() not in database(moved).read_bytes()


def test_a_syntax_error_is_reported_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "train.py").write_text("import wandb\nwandb.init(\n")
    first = lint(project)
    monkeypatch.setattr(Project, "_parse", never)

    assert [finding.code for finding in first] == ["WB001"]
    assert lint(project) == first


@pytest.mark.parametrize("junk", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database_is_replaced(project: Path, junk: bytes) -> None:
    first = lint(project)
    database(project).write_bytes(junk)

    assert lint(project) == first
    assert database(project).stat().st_size > len(junk)
    assert sqlite3.connect(database(project)).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_damaged_values_are_ignored(project: Path) -> None:
    first = lint(project)
    data = database(project).read_bytes()
    database(project).write_bytes(data.replace(b"train/step", b"train/steq"))

    assert lint(project) == first


def test_a_cache_of_another_layout_is_replaced(project: Path) -> None:
    first = lint(project)
    with sqlite3.connect(database(project)) as older:
        older.execute(f"PRAGMA user_version = {caching._LAYOUT + 1}")
    older.close()

    assert lint(project) == first
    assert sqlite3.connect(database(project)).execute("PRAGMA user_version").fetchone() == (caching._LAYOUT,)


def test_facts_of_another_schema_are_read_again(project: Path) -> None:
    first = lint(project)
    cache = Cache(project / FOLDER)
    with sqlite3.connect(database(project)) as connection:
        keys = [key for (key,) in connection.execute("SELECT key FROM entries")]
    connection.close()
    for key in keys:
        cache.put(key, b"\x93\x01\x02\x03")
    cache.save()

    assert lint(project) == first


def test_a_folder_in_its_place_is_left_alone(project: Path) -> None:
    database(project).mkdir(parents=True)

    assert [finding.code for finding in lint(project)] == ["WB202"]
    assert database(project).is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_is_not_written_through(project: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / FOLDER).symlink_to(outside)

    assert [finding.code for finding in lint(project)] == ["WB202"]
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_project_that_is_read_only_is_linted(project: Path) -> None:
    project.chmod(0o555)
    try:
        assert [finding.code for finding in lint(project)] == ["WB202"]
    finally:
        project.chmod(0o755)


def test_a_locked_database_is_not_used_after_a_wait(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    monkeypatch.setattr(caching, "_SECONDS", 0.01)
    other = sqlite3.connect(database(project), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    assert lint(project) == first
    other.close()


def test_it_is_left_out_of_git_and_of_backups(project: Path) -> None:
    lint(project)

    assert "*" in (project / FOLDER / ".gitignore").read_text().splitlines()
    assert (project / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172")


def test_no_cache_leaves_nothing(project: Path) -> None:
    wandblint("--no-cache", cwd=project)

    assert not (project / FOLDER).exists()


def test_the_cache_can_be_stored_elsewhere(project: Path, tmp_path: Path) -> None:
    first = wandblint("--cache-dir", str(tmp_path / "elsewhere"), cwd=project)
    second = wandblint("--cache-dir", str(tmp_path / "elsewhere"), cwd=project)

    assert second.out == first.out
    assert not (project / FOLDER).exists()
    assert (tmp_path / "elsewhere" / "cache.sqlite").is_file()


def test_clean_is_a_verb(project: Path) -> None:
    wandblint(cwd=project)
    result = wandblint("clean", cwd=project)
    again = wandblint("clean", cwd=project)

    assert (result.code, result.out) == (0, f"{project / FOLDER}: removed\n")
    assert (again.code, again.out) == (0, f"{project / FOLDER}: does not exist\n")
    assert not (project / FOLDER).exists()


def test_what_only_a_newer_python_can_read_is_told_again(project: Path) -> None:
    (project / "keys.py").write_text("# wandb\nAXIS = '\\N{no such character}'\n")
    first, second = (
        engine.check(project, None, Settings(), resources=RunResources(project / FOLDER)) for _ in range(2)
    )

    assert first.newer_syntax is not None
    assert first.newer_syntax.path == "keys.py"
    assert second.newer_syntax == first.newer_syntax


def test_a_foreign_file_is_named(project: Path) -> None:
    (project / "data").mkdir()
    (project / "data" / "cache.sqlite").write_text("a diary")

    result = wandblint("--cache-dir", "data", ".", cwd=project)
    cleaned = wandblint("clean", "--cache-dir", "data", cwd=project)

    note = "data/cache.sqlite: not a cache of wandblint; it stays as it is, and nothing is cached"
    assert (result.code, result.err) == (1, f"note: {note}\n")
    assert "does not exist" in cleaned.out
    assert [file.name for file in (project / "data").iterdir()] == ["cache.sqlite"]
