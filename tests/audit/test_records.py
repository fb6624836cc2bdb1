"""`audit` reads what real runs recorded; damage is reported and never a traceback."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.audit.recording import CRASHED, DIED_AT_ONCE, MIXED, RESUMED, record
from wandblint.audit import reading
from wandblint.audit.inspecting import NoReaderError
from wandblint.audit.log_folders import NoLogsError, logs
from wandblint.cli.program import program
from wandblint.dashboard.record import Record, RecordedChart, RecordedRun


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `wandb` folder of all programs, two of which resume one run one after the other."""
    root = tmp_path_factory.mktemp("recorded")
    record(root, (DIED_AT_ONCE,), (MIXED,), (RESUMED, "0"))
    return record(root, (RESUMED, "1"))


@pytest.fixture(scope="session")
def recorded(folder: Path) -> Record:
    return reading.read(folder)


def run_of(record: Record, run_id: str) -> RecordedRun:
    (run,) = (run for run in record.runs if run.id == run_id)
    return run


def chart_of(run: RecordedRun, key: str) -> RecordedChart:
    (chart,) = (chart for chart in run.charts if chart.key == key)
    return chart


def test_logs_with_one_id_are_one_run(recorded: Record) -> None:
    assert sorted(run.id for run in recorded.runs) == ["died", "mixed", "resumed"]
    assert {run.project for run in recorded.runs if run.id != "died"} == {"audit"}


def test_a_resumed_run_has_two_logs_and_one_chart_per_key(recorded: Record) -> None:
    run = run_of(recorded, "resumed")
    assert [log.exit_code for log in run.logs] == [0, 0]
    chart = chart_of(run, "train/loss")
    assert (chart.axis, chart.rows, chart.x) == ("train/step", 6, frozenset(range(6)))
    assert chart_of(run, "train/step").is_axis


def test_a_crash_leaves_no_exit_record(recorded: Record, tmp_path: Path) -> None:
    ((_, log),) = reading.read(record(tmp_path, (CRASHED,))).logs()
    assert log.exit_code is None
    assert 0 < log.rows <= 300
    (empty,) = run_of(recorded, "died").logs
    assert (empty.exit_code, empty.rows, empty.damage) == (None, 0, [])


def test_numbers_media_and_nested_keys(recorded: Record) -> None:
    run = run_of(recorded, "mixed")
    keys = {chart.key for chart in run.charts}
    assert keys == {"a", "b", "gamma", "epoch", "batch", "nested.x.y"}
    assert {"flag", "word", "nothing", "list", "table._type"} <= run.logs[0].others


def test_definitions_merge_unless_they_overwrite(recorded: Record) -> None:
    run = run_of(recorded, "mixed")
    assert chart_of(run, "a").axis == "epoch"
    assert chart_of(run, "b").axis is None
    assert chart_of(run, "gamma").axes == {"epoch", "batch"}


def test_dropped_and_empty_rows(recorded: Record) -> None:
    (log,) = run_of(recorded, "mixed").logs
    assert [call.step for call in log.dropped] == [1]
    assert log.empty == [2]


def test_log_folders_of_a_run(folder: Path) -> None:
    (of_mixed,) = folder.glob("*-mixed")
    (log,) = of_mixed.glob("*.wandb")
    assert logs(log) == logs(of_mixed) == [log]
    assert len(logs(folder)) == len(logs(folder.parent)) == 4


def test_runs_below_a_folder(folder: Path, tmp_path: Path) -> None:
    (of_mixed,) = folder.glob("*-mixed")
    top, outside = tmp_path / "top", tmp_path / "outside"
    runs = ("wandb/offline-run-a", "outputs/run-1/wandb/run-b", "outputs/run-1/wandb/offline-run-c", "run-d")
    skipped = (".git/wandb/run-e", ".venv/wandb/run-f", "node_modules/a/wandb/run-g", "own/wandb/run-h")
    for name in (*runs, *skipped, "wandb/offline-run-a/files/wandb/run-inner"):
        shutil.copytree(of_mixed, top / name)
    (top / "own" / "pyvenv.cfg").touch()
    (top / "wandb" / "other").mkdir()
    shutil.copy(next(of_mixed.glob("*.wandb")), top / "wandb" / "other")
    assert sorted(log.parent.relative_to(top).as_posix() for log in logs(top)) == sorted(runs)
    shutil.copytree(of_mixed, outside / "wandb" / "run-i")
    try:
        (top / "linked").symlink_to(outside, target_is_directory=True)
        (top / "wandb" / "run-linked").symlink_to(outside / "wandb" / "run-i", target_is_directory=True)
        (top / "loop").symlink_to(top, target_is_directory=True)
        (top / "run-j").mkdir()
        (top / "run-j" / "run-j.wandb").symlink_to(next(of_mixed.glob("*.wandb")))
    except OSError:
        pytest.skip("this user may not create links")
    assert len(logs(top)) == len(runs)
    assert len(logs(top / "linked")) == len(logs(top / "wandb" / "run-linked")) == 1


def test_folders_without_logs(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("text")
    for name, message in (
        ("none", "no such"),
        ("file.txt", "not a .wandb"),
        ("", "no recorded run in or below it"),
    ):
        with pytest.raises(NoLogsError, match=message):
            logs(tmp_path / name)


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["audit", "--isolated", *arguments], standalone_mode=False)
    assert result.exception is None
    assert isinstance(result.return_value, int)
    return result.return_value, result.output


def test_text_format(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, printed = invoke(str(folder))
    assert code == 1
    assert "loss  6 rows  over train/step, 6 x-values from 0 to 5" in printed
    assert all(len(line) <= 80 or str(folder) in line for line in printed.splitlines())
    assert "Found 1 error, 3 warnings; 3 runs in 4 logs read." in printed


def test_concise_format_and_selection(folder: Path) -> None:
    code, printed = invoke(
        str(folder), "--output-format", "concise", "--select", "WB905", "--expect-runs", "9"
    )
    assert code == 1
    (line,) = printed.splitlines()
    assert ": WB905 the log ends without an exit record" in line
    assert invoke(str(folder), "--ignore", "WB9")[0] == 0
    assert ": WB906 " in invoke(str(folder), "--output-format", "concise", "--expect-runs", "9")[1]
    assert invoke(str(folder), "--exit-zero")[0] == 0


def test_json_format(folder: Path) -> None:
    _, printed = invoke(str(folder), "--output-format", "json")
    report = json.loads(printed)
    assert len(report["runs"]) == 3
    assert {finding["code"] for finding in report["findings"]} == {"WB903", "WB904", "WB905", "WB907"}


@pytest.fixture(scope="session")
def intact_log(folder: Path) -> bytes:
    (log,) = folder.glob("*-mixed/*.wandb")
    return log.read_bytes()


@settings(deadline=None, max_examples=6)
@given(data=st.data())
def test_damage_is_reported(
    data: st.DataObject, intact_log: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = bytearray(intact_log[: data.draw(st.integers(0, len(intact_log)), label="cut")])
    for at in data.draw(st.lists(st.integers(0, max(len(broken) - 1, 0)), max_size=4), label="flipped"):
        if broken:
            broken[at] ^= data.draw(st.integers(1, 255), label="bits")
    log = tmp_path_factory.mktemp("damaged") / "run-broken.wandb"
    log.write_bytes(broken)
    code, printed = invoke(str(log))
    (run,) = reading.read(log).runs
    assert code == (1 if run.is_complete else 2)
    assert run.is_complete or "damaged:" in printed


def test_half_a_log_is_read_as_far_as_it_goes(intact_log: bytes, tmp_path: Path) -> None:
    log = tmp_path / "run-half.wandb"
    log.write_bytes(intact_log[: len(intact_log) * 3 // 4])
    code, printed = invoke(str(log))
    assert code == 2
    assert "run mixed" in printed
    assert "incomplete" in printed


def test_without_wandb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    code, printed = invoke(str(folder))
    assert code == 2
    assert 'pip install "wandblint[audit]"' in printed


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_wandb_that_is_too_old(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "wandb"
    old.write_text("#!/bin/sh\necho \"Error: No such command 'leet'.\" >&2\nexit 2\n")
    old.chmod(0o755)
    monkeypatch.setattr(reading, "reader", lambda: str(old))
    with pytest.raises(NoReaderError, match="too old"):
        reading.read(folder)
