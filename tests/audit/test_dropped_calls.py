"""`audit` finds every row that wandb dropped, and says when it cannot know."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.audit.recording import DROPS_TEN, RESUMED, TWO_RUNS, record
from tests.cli.programs import wandblint
from wandblint.audit import reading
from wandblint.audit.dropping import INTERNAL_LOG, MAX_LINE, OUTPUT
from wandblint.dashboard.record import DroppedCall, RecordedLog

KINDS = ("defined", "killed", "loud", "quiet", "silent")
TEN = [DroppedCall(step, step + 20) for step in range(10)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `wandb` folder of all programs."""
    root = tmp_path_factory.mktemp("dropped")
    return record(root, (TWO_RUNS,), (RESUMED, "0"), *((DROPS_TEN, kind) for kind in KINDS))


def run_folder(folder: Path, run_id: str) -> Path:
    (found,) = folder.glob(f"offline-run-*-{run_id}")
    return found


def log_of(folder: Path) -> RecordedLog:
    ((_, log),) = reading.read(folder).logs()
    return log


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder of a run whose console was captured."""
    return shutil.copytree(run_folder(folder, "loud"), tmp_path / "run-copied")


def findings(path: Path) -> str:
    options = ("--isolated", "--output-format", "concise", "--select", "WB907")
    return wandblint("audit", str(path), *options, cwd=path).out


@pytest.mark.parametrize("kind", KINDS)
def test_ten_of_ten(folder: Path, kind: str) -> None:
    log = log_of(run_folder(folder, kind))
    assert log.dropped == TEN
    assert log.dropped_is_complete
    message = "10 rows were dropped: their steps (0-9) were below the run's current step (20-29)"
    assert findings(run_folder(folder, kind)).endswith(f": WB907 {message}\n")


def test_the_console_of_another_run(folder: Path) -> None:
    output = (run_folder(folder, "rises") / OUTPUT).read_text(encoding="utf-8")
    assert "Tried to log to step" in output, "both runs capture the console of their process"
    assert log_of(run_folder(folder, "rises")).dropped == []
    assert log_of(run_folder(folder, "drops")).dropped == [DroppedCall(step, step + 20) for step in range(3)]


def test_the_report_for_programs(folder: Path) -> None:
    options = ("--isolated", "--output-format", "json")
    printed = wandblint("audit", str(run_folder(folder, "silent")), *options, cwd=folder).out
    ((log,),) = (run["logs"] for run in json.loads(printed)["runs"])
    assert log["dropped_steps"] == list(range(10))
    assert log["dropped"] == [{"step": step, "current_step": step + 20} for step in range(10)]
    assert log["dropped_is_complete"] is True


def test_without_the_internal_log_the_console_counts(copied: Path) -> None:
    (copied / INTERNAL_LOG).unlink()
    log = log_of(copied)
    assert set(TEN[:2]) < set(log.dropped)
    assert not log.dropped_is_complete
    assert ": WB907 at least 1" in findings(copied)


@pytest.mark.parametrize(
    "damage",
    [b'{"msg":"handler: igno', b"\xff", b'{"msg":"\xff"}', b"[" * 60_000, b"x" * (2 * MAX_LINE), b""],
    ids=["cut", "no text", "text that is not UTF-8", "deep", "long", "empty"],
)
def test_damaged_lines_are_skipped(copied: Path, damage: bytes) -> None:
    internal_log = copied / INTERNAL_LOG
    internal_log.write_bytes(damage + b"\n" + internal_log.read_bytes())
    log = log_of(copied)
    assert log.dropped == TEN
    assert not log.dropped_is_complete


@pytest.mark.parametrize("text", ["", "2023-01-01 12:00:00 INFO HandlerThread:7 [handler.py:run():1] on\n"])
def test_an_internal_log_without_json(copied: Path, text: str) -> None:
    (copied / INTERNAL_LOG).write_text(text)
    log = log_of(copied)
    assert set(TEN[:2]) < set(log.dropped)
    assert not log.dropped_is_complete


def test_all_good_only_if_all_is_known(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(run_folder(folder, "resumed"), tmp_path / "run-copied")
    command = ("audit", str(copied), "--isolated", "--select", "WB907")
    assert wandblint(*command, cwd=copied).out.endswith("All good: 1 run in 1 log read.\n")
    (copied / INTERNAL_LOG).unlink()
    result = wandblint(*command, cwd=copied)
    assert result.code == 0
    assert result.out.splitlines()[-1] == (
        "Nothing found: 1 run in 1 log read, 1 without a readable logs/debug-internal.log: "
        "wandb may have dropped more rows."
    )
