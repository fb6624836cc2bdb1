"""`audit --against`: real runs record what the code predicts, and differences are reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.audit.recording import record
from tests.cli.programs import in_terminal, wandblint, write
from wandblint.dashboard.contract import KeySource

SCRIPT = """\
import wandb

run = wandb.init(project="against", id="true")
run.define_metric("fit/*", step_metric="fit/epoch")
run.define_metric("eval/*", step_metric="eval/round")
for epoch in range(2):
    run.log({"fit/epoch": epoch, "fit/loss": 1.0, "shape": {"a": 1, "b": {"c": 2}}})
    for part in ("left", str(epoch)):
        run.log({f"part/{part}/size": 3})
row = {"picture": wandb.Html("<b>a</b>"), "note": "done", "is_good": True, "sizes": [1, 2]}
run.log({"eval/score": 1, **row})
run.finish()
"""
CHANGED = """\
import wandb

run = wandb.init(project="against")
run.define_metric("eval/*", step_metric="eval/step")
run.define_metric("fit/loss", step_metric="fit/epoch")
run.log({"fit/epoch": 0, "fit/loss": 1.0, "fit/lr": 2, "shape": {"a": 1, "b": {"c": 2}}})
run.log({"eval/score": 1, "eval/step": 2, "is_good": True, "sizes": [1, 2]})
run.log({f"part/{input()}/size": 3})
if input():
    other = wandb.init(reinit="create_new")
    other.log({"only/here": 1})
"""


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `wandb` folder of the script."""
    return record(tmp_path_factory.mktemp("against"), (SCRIPT,))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, {"pyproject.toml": "", "train.py": SCRIPT, "changed.py": CHANGED})


def sources_by_key(out: str) -> dict[str, str]:
    return {key["key"]: key["source"] for key in json.loads(out)["against"]["keys"]}


def test_the_code_that_was_run_accounts_for_every_key(logs: Path, project: Path) -> None:
    result = wandblint(
        "audit", str(logs), "--against", "train.py", "--output-format", "json", "--exit-zero", cwd=project
    )
    against = json.loads(result.out)["against"]
    assert (against["agrees"], against["never_recorded"], against["not_run"], result.code) == (
        True,
        [],
        [],
        0,
    )
    assert sources_by_key(result.out) == {
        "eval/round": KeySource.AXIS.value,
        "eval/score": KeySource.KEY.value,
        "fit/epoch": KeySource.KEY.value,
        "fit/loss": KeySource.KEY.value,
        "is_good": KeySource.KEY.value,
        "note": KeySource.KEY.value,
        "part/0/size": KeySource.TEMPLATE.value,
        "part/1/size": KeySource.TEMPLATE.value,
        "part/left/size": KeySource.KEY.value,
        "picture": KeySource.KEY.value,
        "shape.a": KeySource.KEY.value,
        "shape.b.c": KeySource.KEY.value,
        "sizes": KeySource.KEY.value,
    }


def test_differences_are_reported(logs: Path, project: Path) -> None:
    result = wandblint("audit", str(logs), "--against", "changed.py", "--ignore", "ALL", cwd=project)
    report = result.out.partition("the record against the code\n")[2]
    assert report == DIFFERENCES
    assert result.code == 1


DIFFERENCES = """\
  = eval/round: recorded in run true, not predicted
  = note: recorded in run true, not predicted
  = picture: recorded in run true, not predicted
  = eval/score: recorded over eval/round, predicted over eval/step (changed.py:7:1)
  = eval/step: predicted (changed.py:7:1), never recorded
  = fit/lr: predicted (changed.py:6:1), never recorded
  = not recorded: the run opened at changed.py:10:13
  = 13 recorded keys: 7 predicted by name, 3 predicted by a name with holes, 3 not predicted

Found 6 differences from the code; 1 run in 1 log read.
"""


def test_concise_format(logs: Path, project: Path) -> None:
    arguments = ("--against", "changed.py", "--output-format", "concise", "--ignore", "ALL")
    assert wandblint("audit", str(logs), *arguments, cwd=project).out.splitlines() == [
        "run true: `eval/round` is recorded, not predicted",
        "run true: `note` is recorded, not predicted",
        "run true: `picture` is recorded, not predicted",
        "run true: `eval/score` is recorded over eval/round, predicted over eval/step",
        "changed.py:7:1: `eval/step` is predicted, never recorded",
        "changed.py:6:1: `fit/lr` is predicted, never recorded",
    ]


def test_json_format(logs: Path, project: Path) -> None:
    arguments = ("--against", "changed.py", "--output-format", "json", "--ignore", "ALL")
    against = json.loads(wandblint("audit", str(logs), *arguments, cwd=project).out)["against"]
    assert against["never_recorded"] == [
        {
            "key": key,
            "opened": {"filename": "changed.py", "cell": None, "row": 3, "column": 7},
            "logged": [{"filename": "changed.py", "cell": None, "row": row, "column": 1}],
        }
        for key, row in (("eval/step", 7), ("fit/lr", 6))
    ]
    assert against["not_run"] == [{"filename": "changed.py", "cell": None, "row": 10, "column": 13}]
    (score,) = (key for key in against["keys"] if key["axis_differs"])
    assert score == {
        "run": "true",
        "key": "eval/score",
        "source": "key",
        "predicted": ["eval/score"],
        "recorded_axes": ["eval/round"],
        "axis_differs": True,
    }


def test_an_open_log_call_accounts_for_unpredicted_keys(logs: Path, project: Path) -> None:
    write(project, {"open.py": "import wandb\nrun = wandb.init()\nrun.log(rows())\n"})
    arguments = ("--against", "open.py", "--output-format", "json", "--ignore", "ALL")
    result = wandblint("audit", str(logs), *arguments, cwd=project)
    assert set(sources_by_key(result.out).values()) == {KeySource.OPEN.value}
    assert result.code == 0


def test_keys_inside_an_unknown_dictionary(logs: Path, project: Path) -> None:
    body = "import wandb\nrun = wandb.init()\nrun.log({'shape': measure(), 'fit/epoch': 1})\n"
    write(project, {"inside.py": body})
    arguments = ("--against", "inside.py", "--output-format", "json", "--ignore", "ALL")
    source_of = sources_by_key(wandblint("audit", str(logs), *arguments, cwd=project).out)
    assert (source_of["shape.a"], source_of["shape.b.c"], source_of["fit/epoch"]) == (
        "nested",
        "nested",
        "key",
    )


def test_a_missing_path(logs: Path, project: Path) -> None:
    result = wandblint("audit", str(logs), "--against", "lost.py", "--ignore", "ALL", cwd=project)
    assert result.code == 2
    assert "error: lost.py: no such file or folder" in result.err


def test_lines_fit_the_terminal(logs: Path, project: Path) -> None:
    arguments = ("--against", "changed.py", "--color", "never", "--quiet")
    result = in_terminal("audit", str(logs), *arguments, cwd=project, columns=60)
    assert max(map(len, result.out.splitlines())) <= 60
