"""`audit --against` reports an axis that moves although the code never logs it, and one recorded twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.audit.recording import record
from tests.cli.programs import wandblint, write

MOVES = """\
import wandb
run = wandb.init(id="moves")
run.define_metric("fit/*", step_metric="epoch")
for epoch in range(3):
    run.log({"fit/loss": 1.0, "epoch": epoch})
"""
FILLED_IN = MOVES.replace(', "epoch": epoch', "").replace("moves", "filled")
ONE_VALUE = MOVES.replace("range(3)", "[7]").replace("moves", "one")
ALWAYS_0 = MOVES.replace("range(3)", "[0]").replace("moves", "zero")
DOTTED = """\
import wandb
run = wandb.init(id="dotted")
run.define_metric("loss", step_metric="fit.step")
for step in range(3):
    run.log({"fit.step": step, "loss": 1.0})
"""
NESTED = DOTTED.replace('"fit.step": step', '"fit": {"step": step}').replace("dotted", "nested")
DEEP = DOTTED.replace("fit.step", "a.b.c").replace("dotted", "deep")
LATE = """\
import wandb
run = wandb.init(id="late")
run.define_metric("loss", step_metric="fit.step")
run.log({"fit.step": 1})
run.log({"loss": 1.0, "fit.step": 2, "fit": {"other": 1}})
"""
PROGRAMS = {
    "moves": MOVES,
    "filled": FILLED_IN,
    "one": ONE_VALUE,
    "zero": ALWAYS_0,
    "dotted": DOTTED,
    "nested": NESTED,
    "deep": DEEP,
    "late": LATE,
}


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The `wandb` folder of each program."""
    return {name: record(tmp_path_factory.mktemp("axes"), (program,)) for name, program in PROGRAMS.items()}


def against(logs: Path, folder: Path, program: str, *, output: str = "json") -> str:
    project = write(folder, {"pyproject.toml": "", "train.py": program})
    options = ("--output-format", output, "--ignore", "ALL", "--exit-zero")
    return wandblint("audit", str(logs), "--against", "train.py", *options, cwd=project).out


@pytest.mark.parametrize(
    ("name", "differs"), [("moves", True), ("one", True), ("filled", False), ("zero", False)]
)
def test_an_axis_that_the_code_never_logs(
    logs: dict[str, Path], tmp_path: Path, name: str, differs: bool
) -> None:
    comparison = json.loads(against(logs[name], tmp_path, FILLED_IN))["against"]
    different = [key["key"] for key in comparison["keys"] if key["axis_differs"]]
    assert different == (["fit/loss"] if differs else [])
    assert comparison["agrees"] is not differs


@pytest.mark.parametrize(
    ("name", "axes"),
    [("dotted", ["fit.step"]), ("deep", ["a.b.c"]), ("late", ["fit.step"]), ("nested", []), ("moves", [])],
)
def test_an_axis_that_is_recorded_twice(
    logs: dict[str, Path], tmp_path: Path, name: str, axes: list[str]
) -> None:
    comparison = json.loads(against(logs[name], tmp_path, PROGRAMS[name]))["against"]
    assert comparison["recorded_twice"] == [{"run": name, "key": axis} for axis in axes]
    assert comparison["agrees"] is not bool(axes)


def test_the_text_for_people(logs: dict[str, Path], tmp_path: Path) -> None:
    moves = against(logs["moves"], tmp_path, FILLED_IN, output="concise")
    assert moves == (
        "run moves: `fit/loss` is recorded over epoch, which is logged, "
        "predicted over epoch, which is never logged (WB202)\n"
    )
    dotted = against(logs["dotted"], tmp_path, DOTTED, output="text")
    assert "fit.step: recorded twice" in dotted
    assert "Found 1 difference from the code" in dotted
