"""`wandblint charts`, as people and programs see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import in_terminal, wandblint, write

TRACKING = """\
import wandb


def start(kind):
    run = wandb.init(project="demo", job_type=kind)
    run.define_metric("fit/*", step_metric="fit/epoch")
    run.define_metric("eval/*", step_metric="eval/round")
    return run


def log_fit(run, phase, epoch, loss):
    run.log({f"{phase}/loss": loss, f"{phase}/epoch": epoch})
"""
TRAIN = """\
import wandb

from tracking import log_fit, start

run = start("train")
for epoch in range(3):
    log_fit(run, "fit", epoch, 1.0)
    log_fit(run, "fit_robust", epoch, 2.0)
run.log({"eval/score": 0.5, "samples": wandb.Image("a.png"), "note": "done"})
"""
SERVE = """\
import wandb

from metrics import collect

run = wandb.init(mode="offline")
run.log(collect())
run.log({"latency": 1.0, f"user/{input()}/count": 2})
"""


@pytest.fixture
def dashboard(tmp_path: Path) -> Path:
    """Two scripts, each with a run."""
    files = {"pyproject.toml": "", "tracking.py": TRACKING, "train.py": TRAIN, "serve.py": SERVE}
    return write(tmp_path / "dashboard", files)


TREE = """\
run opened at serve.py:5:7
  by: serve.py
  may log more: unknown keys at serve.py:6:1
  Charts
    latency  over wandb's own step
      = logged at serve.py:7:1
  user/
    {input()}/
      count  over wandb's own step
        = logged at serve.py:7:1

run opened at tracking.py:5:11
  by: train.py, through train.py:5:7
  job type: train
  Charts
    note     text
    samples  media
      = logged at train.py:9:1
  eval/
    score    over eval/round, which is never logged (WB202)
      = logged at train.py:9:1, axis defined at tracking.py:7:5
  fit/
    epoch    an x-axis
    loss     over fit/epoch
      = logged at tracking.py:12:5, axis defined at tracking.py:6:5
  fit_robust/
    epoch    no axis, unlike its siblings (WB201)
    loss     no axis, unlike its siblings (WB201)
      = logged at tracking.py:12:5

2 runs with 9 keys; 3 files read.
  1 with an axis of its own
  2 over wandb's own step
  1 whose axis is never logged
  2 without an axis, unlike its siblings
  1 used as x-axis
  2 media or text
"""


def test_the_tree(dashboard: Path) -> None:
    result = wandblint("charts", cwd=dashboard)
    assert (result.out, result.err, result.code) == (TREE, "", 0)


def test_check_agrees_with_the_tree(dashboard: Path) -> None:
    result = wandblint("--output-format", "concise", cwd=dashboard)
    assert sorted(line.split()[1] for line in result.out.splitlines() if ".py:" in line) == ["WB201", "WB202"]


def test_a_path_selects_the_runs_that_it_opens_or_logs_to(dashboard: Path) -> None:
    result = wandblint("charts", "serve.py", cwd=dashboard)
    assert [line for line in result.out.splitlines() if line.startswith("run ")] == [
        "run opened at serve.py:5:7"
    ]


def test_json_format(dashboard: Path) -> None:
    result = wandblint("charts", "--output-format", "json", cwd=dashboard)
    serve, train = json.loads(result.out)["runs"]
    assert serve == {
        "opened": {"filename": "serve.py", "cell": None, "row": 5, "column": 7},
        "front_end": None,
        "openings": [{"filename": "serve.py", "function": None, "calls": []}],
        "may_be": [],
        "may_log_more": True,
        "open_calls": [{"filename": "serve.py", "cell": None, "row": 6, "column": 1}],
        "unseen_from": [],
        "unread_files": [],
        "refused": [],
        "too_early": [],
        "processes": None,
        "name": None,
        "group": None,
        "job_type": None,
        "config": [],
        "summary": [],
        "artifacts": [],
        "charts": [
            {
                "key": "latency",
                "is_template": False,
                "section": None,
                "kind": "number",
                "made_by": None,
                "verdict": "default-axis",
                "axis": None,
                "certain": True,
                "logged": [{"filename": "serve.py", "cell": None, "row": 7, "column": 1}],
                "defined": None,
            },
            {
                "key": "user/{input()}/count",
                "is_template": True,
                "section": "user/",
                "kind": "number",
                "made_by": None,
                "verdict": "default-axis",
                "axis": None,
                "certain": True,
                "logged": [{"filename": "serve.py", "cell": None, "row": 7, "column": 1}],
                "defined": None,
            },
        ],
    }
    assert {chart["key"]: (chart["verdict"], chart["axis"]) for chart in train["charts"]} == {
        "eval/score": ("axis-never-logged", "eval/round"),
        "fit/epoch": ("is-axis", None),
        "fit/loss": ("own-axis", "fit/epoch"),
        "fit_robust/epoch": ("uncovered", None),
        "fit_robust/loss": ("uncovered", None),
        "note": ("no-axis-needed", None),
        "samples": ("no-axis-needed", None),
    }


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit_the_terminal(dashboard: Path, columns: int) -> None:
    result = in_terminal("charts", "--color", "never", "--quiet", cwd=dashboard, columns=columns)
    assert max(map(len, result.out.splitlines())) <= columns
    assert " ".join(result.out.split()) == " ".join(TREE.rpartition("\n2 runs")[0].split())


def test_places_in_a_notebook_name_the_cell(tmp_path: Path) -> None:
    cells = ["import wandb", "run = wandb.init()\n", "x = 1\nrun.log({'loss': x})"]
    notebook = {"cells": [{"cell_type": "code", "source": text} for text in cells], "nbformat": 4}
    write(tmp_path, {"pyproject.toml": "", "a.ipynb": json.dumps(notebook)})
    out = wandblint("charts", cwd=tmp_path).out
    assert out.startswith("run opened at a.ipynb:cell 2:1:7\n")
    assert "= logged at a.ipynb:cell 3:2:1\n" in out
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert run["opened"] == {"filename": "a.ipynb", "cell": 2, "row": 1, "column": 7}


def test_colours(dashboard: Path) -> None:
    result = in_terminal("charts", cwd=dashboard)
    assert "\033[31mover eval/round, which is never logged (WB202)\033[0m" in result.out
    assert "\033[32mover fit/epoch\033[0m" in result.out


def test_nothing_to_show(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "a.py": "print(1)\n"})
    result = wandblint("charts", cwd=tmp_path)
    assert (result.out, result.code) == ("No run is opened and nothing is logged; 0 files read.\n", 0)


def test_problems_are_reported_and_the_rest_is_shown(dashboard: Path) -> None:
    write(dashboard, {"broken.py": "import wandb\ndef (\n"})
    result = wandblint("charts", ".", "lost.py", cwd=dashboard)
    assert result.code == 2
    assert "error: lost.py: no such file or folder" in result.err
    assert "error: broken.py:2:5: cannot be parsed" in result.err
    assert "  may log more: broken.py cannot be read" in result.out


def test_a_function_that_nobody_calls_opens_a_run_and_logs_to_another(tmp_path: Path) -> None:
    body = "import wandb\n\n\ndef go(run: wandb.Run):\n    wandb.init()\n    run.log({'a': 1})\n"
    write(tmp_path, {"pyproject.toml": "", "a.py": body})
    lines = wandblint("charts", cwd=tmp_path).out.splitlines()
    assert lines[:3] == [
        "run opened at a.py:5:5",
        "  by: go (a.py:4:1), which nobody calls",
        "  no log call found",
    ]
    assert lines[4:6] == ["logged to an unknown run", "  may be: the run of a.py:5:5"]
    assert "    a  over wandb's own step (perhaps)" in lines


def test_help_explains_every_verdict(tmp_path: Path) -> None:
    result = wandblint("charts", "--help", cwd=tmp_path)
    assert result.code == 0
    for phrase in (
        "over AXIS",
        "never logged",
        "unlike its siblings",
        "wandb's own step",
        "axis open, perhaps over AXIS",
        "Exit codes: 0",
    ):
        assert phrase in result.out


def test_rows_after_the_end_of_a_run_are_not_drawn(tmp_path: Path) -> None:
    body = """import wandb

run = wandb.init()
run.log({"loss": 1})
wandb.finish()
wandb.log({"late": 1})
"""
    write(tmp_path, {"pyproject.toml": "", "a.py": body})
    result = wandblint("charts", cwd=tmp_path)
    words = " ".join(result.out.split())
    assert "not drawn: what is logged at a.py:6:1, where the run is finished: wandb raises" in words
    assert "late" not in result.out
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert [chart["key"] for chart in run["charts"]] == ["loss"]
    assert [place["row"] for place in run["refused"]] == [6]


@pytest.mark.parametrize(
    "early",
    ["wandb.log({'early': 1})", "wandb.run.log({'early': 1})", "run = None\nrun.log({'early': 1})"],
)
def test_rows_before_a_run_is_open_are_not_drawn(tmp_path: Path, early: str) -> None:
    body = f"import wandb\n{early}\nrun = wandb.init()\nrun.log({{'loss': 1}})\n"
    write(tmp_path, {"pyproject.toml": "", "a.py": body})
    row = body.splitlines().index(early.splitlines()[-1]) + 1
    words = " ".join(wandblint("charts", cwd=tmp_path).out.split())
    assert f"not drawn: what is logged at a.py:{row}:1, where no run is open: wandb raises" in words
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert [chart["key"] for chart in run["charts"]] == ["loss"]
    assert [place["row"] for place in run["too_early"]] == [row]


def test_rows_without_any_run_are_not_drawn(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "a.py": "import wandb\nwandb.log({'early': 1})\n"})
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert (run["opened"], run["charts"], [place["row"] for place in run["too_early"]]) == (None, [], [2])


def test_rows_are_drawn_where_unseen_code_may_have_opened_a_run(tmp_path: Path) -> None:
    body = "import wandb\nfrom elsewhere import start\nstart()\nwandb.log({'loss': 1})\n"
    write(tmp_path, {"pyproject.toml": "", "a.py": body})
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert ([chart["key"] for chart in run["charts"]], run["too_early"]) == (["loss"], [])


DETAILS = """\
import wandb

def start(kind, debug):
    run = wandb.init(name=f"{kind}-1", group="demo", job_type=input(), config={"lr": 0.1, kind: 1})
    run.config.update({"size": 2})
    if debug:
        run.summary["best"] = 1
    weights = wandb.Artifact("weights", type="model")
    run.log_artifact(weights)
    run.log_artifact(input(), name="data")
    run.log({"rows": wandb.Table(columns=["a"]), "image": wandb.Image("a.png"), "plot": wandb.plot.line()})
    run.finish()
    run.config["late"] = 1

start("fit", input())
"""


def test_a_run_has_its_details(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "a.py": DETAILS})
    (run,) = json.loads(wandblint("charts", "--output-format", "json", cwd=tmp_path).out)["runs"]
    assert (run["name"], run["group"], run["job_type"]) == (["fit-1"], ["demo"], [])
    assert [(key["key"], key["certain"]) for key in run["config"]] == [
        ("fit", True),
        ("lr", True),
        ("size", True),
    ]
    assert [(key["key"], [at["row"] for at in key["written"]]) for key in run["summary"]] == [("best", [7])]
    assert [(artifact["name"], artifact["type"]) for artifact in run["artifacts"]] == [
        ("data", None),
        ("weights", "model"),
    ]
    assert {chart["key"]: chart["made_by"] for chart in run["charts"]} == {
        "image": "wandb.Image",
        "plot_table": None,
        "rows": "wandb.Table",
    }
    tree = wandblint("charts", cwd=tmp_path).out
    for line in ("group: demo", "job type: set to what the code does not say", "summary: best"):
        assert f"  {line}\n" in tree
    assert "  artifacts: data, weights (model)\n" in tree
    assert "    rows        table\n" in tree


def test_a_call_that_two_runs_reach_is_drawn_for_the_open_one(tmp_path: Path) -> None:
    body = """import wandb

def log(run):
    run.log({"loss": 1})

for name in ("a", "b"):
    run = wandb.init(name=name)
    log(run)
    run.finish()
    run = wandb.init(name=name)
    log(run)
    run.finish()
    log(run)
"""
    write(tmp_path, {"pyproject.toml": "", "a.py": body})
    result = wandblint("charts", cwd=tmp_path)
    assert result.out.count("logged at a.py:4:5") == 2
    assert "not drawn" not in result.out


def test_keys_that_may_be_written_are_apart_from_those_that_are(tmp_path: Path) -> None:
    program = """\
import os
import wandb

options = {"lr": 0.1}
if os.environ.get("DEBUG"):
    options.update(a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1)
run = wandb.init(config=options)
run.config["depth"] = 3
run.log({"loss": 1.0})
"""
    write(tmp_path, {"pyproject.toml": "", "train.py": program})
    lines = wandblint("charts", "--no-cache", "train.py", cwd=tmp_path).out.splitlines()
    assert lines[2:4] == [
        "  config: depth, lr",
        "  config, perhaps: a, b, c, d, e, f and 3 more",
    ]


JOIN = "import os\nimport torch.distributed as dist\nimport wandb\ndist.init_process_group('nccl')\n"


@pytest.mark.parametrize(
    ("opening", "words", "fields"),
    [
        ("wandb.init()", "each one of the job that train.py:4:1 starts", ("each", None, True, 4)),
        (
            "if dist.get_rank() == 0:\n    wandb.init()",
            "those where `dist.get_rank() == 0` holds (train.py:5:4)",
            ("checked", "dist.get_rank() == 0", True, 5),
        ),
        (
            "if int(os.environ['LOCAL_RANK']) > 0:\n    os._exit(0)\nwandb.init()",
            "one per node where `int(os.environ['LOCAL_RANK']) > 0` does not hold (train.py:5:4)",
            ("one per node", "int(os.environ['LOCAL_RANK']) > 0", False, 5),
        ),
    ],
)
def test_which_processes_open_a_run(
    tmp_path: Path, opening: str, words: str, fields: tuple[object, ...]
) -> None:
    project = write(tmp_path, {"train.py": f"{JOIN}{opening}\nwandb.log({{'loss': 1}})\n"})
    assert f"processes: {words}" in wandblint("charts", "train.py", cwd=project).out
    result = wandblint("charts", "--output-format", "json", "train.py", cwd=project)
    (run,) = json.loads(result.out)["runs"]
    found = run["processes"]
    assert (found["which"], found["check"], found["holds"], found["at"]["row"]) == fields


def test_a_decorator_decides_which_processes_open_a_run(tmp_path: Path) -> None:
    source = "import wandb\nfrom lightning.pytorch.utilities import rank_zero_only\n@rank_zero_only\n"
    files = {"train.py": f"{source}def main():\n    wandb.init()\nmain()\n"}
    result = wandblint("charts", "train.py", cwd=write(tmp_path, files))
    assert "processes: those where a decorator checks the rank" in result.out
