"""Coverage: which spans count as log calls, and how much is known of each."""

from __future__ import annotations

import pytest

from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze
from wandblint.analysis.state import budget
from wandblint.dashboard.statistics import Known, Reach, reach


def reach_of(body: str, name: str = "train.py") -> Reach:
    files = FilesInMemory({name: f"import wandb\nrun = wandb.init()\n{body}"})
    return reach(analyze(files), files)


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ('run.log({"loss": 1})', [Known.ALL]),
        ("run.log({})", [Known.ALL]),
        ('wandb.log({f"{stage()}/loss": 1})', [Known.ALL]),
        ("run.log({stage(): 1})", [Known.NONE]),
        ('run.log({"loss": 1, **compute()})', [Known.SOME]),
        ("run.log(compute())", [Known.NONE]),
        ('run.log({f"val/{k}": v for k, v in compute().items()})', [Known.ALL]),
        ('def put(k):\n    run.log({k: 1})\nput("a")\nput("b")', [Known.ALL]),
        ('def put(k):\n    run.log({k: 1})\nput("a")\nput(stage())', [Known.SOME]),
        ('run.log({"a": 1})\nrun.log(compute())', [Known.ALL, Known.NONE]),
        ('log = run.log\nlog({"a": 1})', [Known.ALL]),
        ('DEBUG = False\nif DEBUG:\n    run.log({"a": 1})', [Known.UNREACHED]),
        ('class T:\n    def log(self, row): pass\nrun = T()\nrun.log({"a": 1})', []),
        ('logger.log({"a": 1})\nwriter.add_scalar("b", 1)\nrun.watch(model)', []),
        ('run = wandb.init(mode="disabled")\nrun.log({"a": 1})', []),
        ("import math\nmath.log(2)", []),
    ],
)
def test_a_log_call(body: str, known: list[Known]) -> None:
    assert list(reach_of(body).log_calls.values()) == known


def test_tests_are_left_out() -> None:
    assert reach_of('run.log({"a": 1})', "test_train.py").log_calls == {}


def test_counting() -> None:
    coverage = reach_of('run.log({"a": 1})\nrun.log({"b": 1, **c()})\nrun.log(c())')
    assert (coverage.count(Known.ALL), coverage.count(Known.ALL, Known.SOME)) == (1, 2)


WORK = """
def late():
    run.log({"late": 1})
def main(x):
    {calls}
    late()
def work(x):
    wandb.config.x = x
"""


def test_functions_beyond_the_budget_are_analyzed_on_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "STEPS_PER_ENTRY", 20)
    body = WORK.replace("{calls}", "; ".join(["work(x)"] * 20))
    coverage = reach_of(f"{body}main(1)")
    assert list(coverage.log_calls.values()) == [Known.ALL]
    assert coverage.entries_cut_off == 1
