"""The benchmark runs, generates the projects it describes, and its check fails where it is slower."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.analysis.projects import model_of

BENCH = Path(__file__).parent.parent / "benchmarks" / "bench.py"


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH), *arguments, "--rounds", "1"]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def test_it_measures_synthetic_projects_and_checkouts(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "train.py").write_text("import wandb\nwandb.init()\n")
    plot = tmp_path / "plot.svg"

    arguments = [
        "--sizes",
        "40,80",
        "--depths",
        "1,2",
        "--lines",
        "",
        "--plot",
        str(plot),
        "--peers",
        str(tmp_path),
    ]
    result = bench(str(checkout), *arguments)

    assert result.returncode == 0, result.stderr
    assert "80 / 40 size, cold:" in result.stdout
    assert "semgrep is not in" in result.stdout
    assert result.stdout.count("cold / parse") == 5
    assert not (checkout / ".wandblint_cache").exists()
    assert plot.read_text().count("<rect") == 18


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(BENCH.parent)
    return importlib.import_module("bench")


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_its_rows_are_logged_at_the_requested_depth(tmp_path: Path, module: ModuleType, depth: int) -> None:
    module.make(tmp_path, 40, depth=depth)
    files = tmp_path.rglob("*.py")
    model = model_of({file.relative_to(tmp_path).as_posix(): file.read_text() for file in files})

    (call,) = model.log_calls
    assert [str(key.name) for key in call.keys] == ["train_0/loss", "train_0/step"]
    assert len(call.call_stack) == depth


def test_the_check_fails_where_a_ratio_is_above_its_limit(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "CHECKED", {"size": 40})
    monkeypatch.setattr(module, "CHECKED_TRAINERS", 1)
    limits = dict.fromkeys(module.LIMITS, 1000.0)
    monkeypatch.setattr(module, "LIMITS", limits)
    assert module.check(1) == 0

    monkeypatch.setattr(module, "LIMITS", {**limits, "cold / parse": 0.01})
    assert module.check(1) == 1
    assert "at most 0.01: too slow" in capsys.readouterr().out


def test_its_trainers_are_analyzed_to_the_end(tmp_path: Path, module: ModuleType) -> None:
    module.make_trainers(tmp_path, 1)
    model = model_of({file.name: file.read_text() for file in tmp_path.glob("*.py")})

    assert not model.over_budget
    assert {key.name.literal for call in model.log_calls for key in call.keys} >= {"train/loss", "epoch"}


def test_a_checkout_gets_a_row(
    tmp_path: Path, module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    module.make_trainers(tmp_path, 1)
    module.table([tmp_path])
    row, summary = capsys.readouterr().out.splitlines()[2:]
    assert row.startswith(f"| {tmp_path.name} | 1 | ")
    assert summary.startswith("Others (1): at most ")
