"""The cache: what it saves, and what it survives."""

from __future__ import annotations

import multiprocessing
import os
import signal
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
from wandblint.infra.cache import DAYS, FOLDER, Cache, clean

LOSES = """\
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
    (root / "train.py").write_text(LOSES)
    (root / "keys.py").write_text(KEYS)
    for file in root.iterdir():
        age(file)
    return root


def age(file: Path, seconds: int = 60) -> None:
    """Lets a file look as if nobody had touched it for a while, as far as its time of change allows."""
    then = time.time() - seconds
    os.utime(file, (then, then))


def lint(root: Path) -> list[Finding]:
    return engine.check(root, None, Settings(), means=RunResources(root / FOLDER)).findings


def lint_strictly(root: Path) -> list[Finding]:
    """As `lint`, but a mistake of the linker is not only a problem."""
    done = engine.check(root, None, Settings(), means=RunResources(root / FOLDER))
    assert not done.problems, done.problems
    return done.findings


def database(root: Path) -> Path:
    return root / FOLDER / "cache.sqlite"


def never(*arguments: object) -> None:
    raise AssertionError(f"read anew: {arguments}")


def test_a_second_run_says_the_same_and_reads_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    monkeypatch.setattr(Project, "_read_again", never)

    assert [finding.code for finding in first] == ["WB202"]
    assert lint(project) == first


def run(root: Path, *options: str) -> tuple[str, bool]:
    """What a new process prints, and whether it imported LibCST."""
    program = (
        f"import sys; from wandblint.cli import main; main([*{options}, '--exit-zero']);"
        "sys.exit('libcst' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout, done.returncode == 1


def test_neither_the_first_run_nor_the_second_imports_libcst(project: Path) -> None:
    for _ in range(2):
        printed, imports_libcst = run(project)

        assert "WB202" in printed
        assert not imports_libcst


@pytest.mark.parametrize("kind", ["text", "json"])
def test_nor_does_it_to_tell_what_fixes_come_to(project: Path, kind: str) -> None:
    (project / "train.py").write_text(FIXABLE)
    printed, imports_libcst = run(project, "--output-format", kind)

    assert ("[fix]" if kind == "text" else "finish_previous") in printed
    assert imports_libcst
    assert run(project, "--output-format", kind) == (printed, False)


def test_fixes_are_those_of_the_text_as_it_is(project: Path) -> None:
    (project / "train.py").write_text(FIXABLE)
    run(project)
    # Nothing moves, but the argument is now one that no fix touches.
    (project / "train.py").write_text(FIXABLE.replace("reinit=True", "reinit=1==1"))

    assert run(project)[0] == run(project, "--no-cache")[0]
    (project / "train.py").write_text(f"\n{FIXABLE}")
    shown = run(project, "--output-format", "json")
    assert shown == run(project, "--output-format", "json", "--no-cache")
    assert "finish_previous" in shown[0]


def test_where_nothing_changed_nothing_is_linked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    monkeypatch.setattr(analysis, "analyze_incremental", never)

    assert lint(project) == first
    (project / "notes.py").write_text("import os\n")
    with pytest.raises(AssertionError, match="read anew"):
        lint_strictly(project)


def test_a_file_that_linking_does_not_look_at_may_change(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = project / "other.py"
    other.write_text("import os\n\nprint(os.name)\n")
    first = lint(project)
    monkeypatch.setattr(analysis, "analyze_incremental", never)
    other.write_text("import os\n\nprint(os.sep)\n")

    assert lint_strictly(project) == first
    other.write_text("import train\n\nprint(train.run)\n")
    with pytest.raises(AssertionError, match="read anew"):
        lint_strictly(project)


def test_what_paths_looked_at_that_were_not_followed_again_still_counts(project: Path) -> None:
    other = project / "other.py"
    other.write_text("import wandb\n\nwandb.init()\n")
    assert [finding.code for finding in lint(project)] == ["WB202"]
    other.write_text("import wandb\n\nwandb.init(project='p')\n")
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]

    whole, after = (
        engine.check(project, None, Settings(), means=means)
        for means in (None, RunResources(project / FOLDER))
    )
    assert whole.files_read == after.files_read == 3

    # Only `train.py` looks into it, which was not followed again.
    (project / "keys.py").write_text('AXIS = "train/loss"\n')
    assert lint_strictly(project) == []


@pytest.mark.parametrize("first", ["0", " + ".join(["9223372036854775807"] * 3)])
def test_numbers_that_no_cache_holds_cost_the_cache_and_no_finding(project: Path, first: str) -> None:
    logs = "import wandb\n\nfor i in range(9):\n    wandb.log({{'a': 1}}, step=i + {})\n".format
    (project / "big.py").write_text(logs(first))
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]

    (project / "big.py").write_text(logs(f"{2**63 - 1} + {2**63 - 1} + {2**63 - 1}"))
    assert [finding.code for finding in lint_strictly(project)] == ["WB202"]


@pytest.mark.parametrize("end", ["# a remark\n", "\n\n", "    # within\n\n# and without", "\n\t\n#\r\n"])
def test_what_stands_behind_the_last_statement_links_nothing_again(
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
        "# for wandb: linked itself now\n",
    ],
)
def test_what_means_something_at_the_end_does(
    project: Path, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint(project)
    with (project / "keys.py").open("a") as stream:
        stream.write(end)
    monkeypatch.setattr(analysis, "analyze_incremental", never)

    with pytest.raises(AssertionError, match="linking the project failed"):
        lint_strictly(project)


def test_a_suppression_at_the_end_of_a_file_counts_at_once(project: Path) -> None:
    assert lint(project) != []
    with (project / "train.py").open("a") as stream:
        stream.write("# wandblint: ignore-file\n")

    assert lint(project) == []


def test_another_setting_of_linking_is_another_model(project: Path) -> None:
    (project / "keys.py").unlink()
    (project / "python").mkdir()
    (project / "python" / "keys.py").write_text(KEYS.replace("train/step", "train/loss"))
    (project / "more").mkdir()
    (project / "more" / "keys.py").write_text(KEYS)

    def found(source: str) -> list[Finding]:
        return engine.check(
            project, None, Settings(src=[source]), means=RunResources(project / FOLDER)
        ).findings

    assert [(finding.code) for finding in found("python")] == []
    assert [(finding.code) for finding in found("more")] == ["WB202"]
    assert [(finding.code) for finding in found("python")] == []


def test_what_changed_is_read_anew(project: Path) -> None:
    lint(project)
    (project / "train.py").write_text(LOSES.replace('"train/loss": 1.0', '"train/loss": 1.0, AXIS: 1'))

    assert lint(project) == []


def test_a_change_that_keeps_size_and_time_is_seen(project: Path) -> None:
    train = project / "train.py"
    train.write_text(LOSES.replace('"train/loss": 1.0', '"train/step": 1.0'))
    age(train)
    assert lint(project) == []
    status = train.stat()

    train.write_text(LOSES)
    os.utime(train, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert [finding.code for finding in lint(project)] == ["WB202"]


def test_a_file_that_moved_keeps_its_facts(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lint(project)
    (project / "train.py").rename(project / "fit.py")
    monkeypatch.setattr(Project, "_read_again", never)

    assert [finding.span.path for finding in lint(project)] == ["fit.py"]


def test_a_project_that_moved_keeps_its_cache(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = lint(project)
    moved = project.rename(project.parent / "elsewhere")
    monkeypatch.setattr(Project, "_read_again", never)

    assert lint(moved) == first
    assert str(project).encode() not in database(moved).read_bytes()


def test_a_syntax_error_is_said_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "train.py").write_text("import wandb\nwandb.init(\n")
    first = lint(project)
    monkeypatch.setattr(Project, "_read_again", never)

    assert [finding.code for finding in first] == ["WB001"]
    assert lint(project) == first


@pytest.mark.parametrize("junk", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_broken_file_is_made_anew(project: Path, junk: bytes) -> None:
    first = lint(project)
    database(project).write_bytes(junk)

    assert lint(project) == first
    assert database(project).stat().st_size > len(junk)
    assert sqlite3.connect(database(project)).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_bytes_that_change_inside_are_no_values(project: Path) -> None:
    first = lint(project)
    data = database(project).read_bytes()
    database(project).write_bytes(data.replace(b"train/step", b"train/steq"))

    assert lint(project) == first


def test_a_database_of_others_is_replaced(project: Path) -> None:
    (project / FOLDER).mkdir()
    with sqlite3.connect(database(project)) as other:
        other.execute("CREATE TABLE entries (something)")
    other.close()

    assert [finding.code for finding in lint(project)] == ["WB202"]
    assert sqlite3.connect(database(project)).execute("PRAGMA user_version").fetchone() == (caching._LAYOUT,)


def test_facts_of_another_schema_are_read_anew(project: Path) -> None:
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


def test_a_file_that_another_process_keeps_is_waited_for_and_then_done_without(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def _write(folder: Path, number: int) -> None:
    for turn in range(20):
        cache = Cache(folder)
        cache.put(b"shared", b"x" * 10_000)
        cache.put(f"{number} {turn}".encode(), bytes([number]) * 10_000)
        cache.save()


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    cache = Cache(tmp_path)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert cache.get(b"shared") == b"x" * 10_000
    for number in range(3):
        assert cache.get(f"{number} 19".encode()) == bytes([number]) * 10_000
    cache.save()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_writer_that_is_killed_leaves_a_whole_file(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(b"kept", b"whole")
    cache.save()
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        writer = context.Process(target=_write_on, args=(tmp_path,))
        writer.start()
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        (tmp_path / "started").unlink()

        found = Cache(tmp_path)
        assert found.get(b"kept") == b"whole"
        found.put(b"kept", b"whole")
        found.save()


def _write_on(folder: Path) -> None:
    for turn in range(1_000_000):
        cache = Cache(folder)
        cache.put(b"kept", b"whole")
        cache.put(str(turn).encode(), b"y" * 1_000_000)
        cache.save()
        (folder / "started").touch()


def test_what_nobody_asks_for_goes(tmp_path: Path) -> None:
    today = int(time.time() // 86_400)

    def on_day(day: int) -> Cache:
        cache = Cache(tmp_path)
        cache._today = day
        return cache

    cache = on_day(today)
    cache.put(b"used", b"1")
    cache.put(b"unused", b"2")
    cache.save()
    cache = on_day(today + DAYS)
    assert cache.get(b"used") == b"1"
    cache.save()
    cache = on_day(today + DAYS + 1)
    cache.put(b"other", b"3")
    cache.save()

    cache = on_day(today + DAYS + 1)
    assert (cache.get(b"used"), cache.get(b"unused")) == (b"1", None)
    cache.save()


def test_clean_leaves_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    cache = Cache(tmp_path)
    cache.put(b"key", b"value")
    cache.save()

    assert clean(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [".gitignore"]
    assert not clean(tmp_path)


def test_no_cache_leaves_nothing(project: Path) -> None:
    wandblint("--no-cache", cwd=project)

    assert not (project / FOLDER).exists()


def test_the_cache_can_be_kept_elsewhere(project: Path, tmp_path: Path) -> None:
    first = wandblint("--cache-dir", str(tmp_path / "kept"), cwd=project)
    second = wandblint("--cache-dir", str(tmp_path / "kept"), cwd=project)

    assert second.out == first.out
    assert not (project / FOLDER).exists()
    assert (tmp_path / "kept" / "cache.sqlite").is_file()


def test_clean_is_a_verb(project: Path) -> None:
    wandblint(cwd=project)
    done = wandblint("clean", cwd=project)
    again = wandblint("clean", cwd=project)

    assert (done.code, done.out) == (0, f"{project / FOLDER}: removed\n")
    assert (again.code, again.out) == (0, f"{project / FOLDER}: does not exist\n")
    assert not (project / FOLDER).exists()
