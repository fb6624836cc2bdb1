"""What real runs recorded is what `audit` reads, and damage is named and never a traceback."""

from __future__ import annotations

import json
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
def found(folder: Path) -> Record:
    return reading.read(folder)


def run_of(record: Record, run_id: str) -> RecordedRun:
    (found,) = (run for run in record.runs if run.id == run_id)
    return found


def chart_of(run: RecordedRun, key: str) -> RecordedChart:
    (found,) = (chart for chart in run.charts if chart.key == key)
    return found


def test_a_run_is_an_id(found: Record) -> None:
    assert sorted(run.id for run in found.runs) == ["died", "mixed", "resumed"]
    assert {run.project for run in found.runs if run.id != "died"} == {"audit"}


def test_a_resumed_run_has_two_logs_and_one_chart_a_key(found: Record) -> None:
    run = run_of(found, "resumed")
    assert [log.exit_code for log in run.logs] == [0, 0]
    chart = chart_of(run, "train/loss")
    assert (chart.axis, chart.rows, chart.x) == ("train/step", 6, frozenset(range(6)))
    assert chart_of(run, "train/step").is_axis


def test_a_crash_leaves_no_exit_record(found: Record, tmp_path: Path) -> None:
    ((_, log),) = reading.read(record(tmp_path, (CRASHED,))).logs()
    assert log.exit_code is None
    assert 0 < log.rows <= 300
    (empty,) = run_of(found, "died").logs
    assert (empty.exit_code, empty.rows, empty.damage) == (None, 0, [])


def test_numbers_media_and_nested_keys(found: Record) -> None:
    run = run_of(found, "mixed")
    keys = {chart.key for chart in run.charts}
    assert keys == {"a", "b", "gamma", "epoch", "batch", "nested.x.y"}
    assert {"flag", "word", "nothing", "list", "table._type"} <= run.logs[0].others


def test_definitions_merge_unless_they_overwrite(found: Record) -> None:
    run = run_of(found, "mixed")
    assert chart_of(run, "a").axis == "epoch"
    assert chart_of(run, "b").axis is None
    assert chart_of(run, "gamma").axes == {"epoch", "batch"}


def test_dropped_and_empty_rows(found: Record) -> None:
    (log,) = run_of(found, "mixed").logs
    assert log.dropped == [1]
    assert log.empty == [2]


def test_the_places_of_a_run(folder: Path) -> None:
    (of_mixed,) = folder.glob("*-mixed")
    (log,) = of_mixed.glob("*.wandb")
    assert logs(log) == logs(of_mixed) == [log]
    assert len(logs(folder)) == len(logs(folder.parent)) == 4


def test_places_without_logs(tmp_path: Path) -> None:
    (tmp_path / "file.txt").write_text("text")
    for place, words in (("none", "no such"), ("file.txt", "not a .wandb"), ("", "contains no recorded run")):
        with pytest.raises(NoLogsError, match=words):
            logs(tmp_path / place)


def invoke(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(program, ["audit", "--isolated", *arguments], standalone_mode=False)
    assert done.exception is None
    assert isinstance(done.return_value, int)
    return done.return_value, done.output


def test_text(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code, printed = invoke(str(folder))
    assert code == 1
    assert "loss  6 rows  over train/step, 6 places from 0 to 5" in printed
    assert all(len(line) <= 80 or str(folder) in line for line in printed.splitlines())
    assert "Found 1 error, 3 warnings; 3 runs in 4 logs read." in printed


def test_concise_and_selection(folder: Path) -> None:
    code, printed = invoke(
        str(folder), "--output-format", "concise", "--select", "WB905", "--expect-runs", "9"
    )
    assert code == 1
    (line,) = printed.splitlines()
    assert ": WB905 the log ends without an exit record" in line
    assert invoke(str(folder), "--ignore", "WB9")[0] == 0
    assert ": WB906 " in invoke(str(folder), "--output-format", "concise", "--expect-runs", "9")[1]
    assert invoke(str(folder), "--exit-zero")[0] == 0


def test_json(folder: Path) -> None:
    _, printed = invoke(str(folder), "--output-format", "json")
    told = json.loads(printed)
    assert len(told["runs"]) == 3
    assert {finding["code"] for finding in told["findings"]} == {"WB903", "WB904", "WB905", "WB907"}


@pytest.fixture(scope="session")
def whole(folder: Path) -> bytes:
    (log,) = folder.glob("*-mixed/*.wandb")
    return log.read_bytes()


@settings(deadline=None, max_examples=15)
@given(data=st.data())
def test_damage_is_named(data: st.DataObject, whole: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)), label="cut")])
    for at in data.draw(st.lists(st.integers(0, max(len(broken) - 1, 0)), max_size=4), label="flipped"):
        if broken:
            broken[at] ^= data.draw(st.integers(1, 255), label="bits")
    place = tmp_path_factory.mktemp("damaged") / "run-broken.wandb"
    place.write_bytes(broken)
    code, printed = invoke(str(place))
    (run,) = reading.read(place).runs
    assert code == (1 if run.is_whole else 2)
    assert run.is_whole or "damaged:" in printed


def test_half_a_log_is_read_as_far_as_it_goes(whole: bytes, tmp_path: Path) -> None:
    place = tmp_path / "run-half.wandb"
    place.write_bytes(whole[: len(whole) * 3 // 4])
    code, printed = invoke(str(place))
    assert code == 2
    assert "run mixed" in printed
    assert "incomplete" in printed


def test_no_wandb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
