"""Sweeps in YAML files: which files define one, and what they say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.semantics.offline import answer
from wandblint.semantics.sweeps import SweepFile, sweep_file

SWEEP = """\
program: train.py
method: bayes
metric: {name: val_loss, goal: minimize}
parameters:
  lr: {min: 0.1, max: 0.2}
  1: {value: 2}
"""


def test_a_sweep() -> None:
    expected = SweepFile("a/sweep.yaml", "train.py", "val_loss", ("lr",), needs_metric=True)
    assert sweep_file("a/sweep.yaml", SWEEP) == expected
    assert sweep_file("a/sweep.yaml", "\ufeff" + SWEEP.replace("\n", "\r\n")) == expected
    assert expected.paths == {"train.py", "a/train.py"}


def test_what_a_search_needs() -> None:
    random = SWEEP.replace("bayes", "random")
    for text, needs_metric in ((random, False), (random + "early_terminate: {type: hyperband}", True)):
        found = sweep_file("sweep.yaml", text)
        assert found is not None
        assert found.needs_metric is needs_metric


def test_its_command_starts_the_program() -> None:
    assert sweep_file("s.yaml", SWEEP + "command: [python, '${program}', '${args}']") is not None
    assert sweep_file("s.yaml", SWEEP + "command: [bash, run.sh]") is None
    assert sweep_file("s.yaml", SWEEP + "command: bash run.sh ${program}") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "program: train.py",
        "- program: train.py\n- method: bayes",
        SWEEP.replace("bayes", "[bayes]"),
        SWEEP.replace("bayes", "{{ method }}"),
        SWEEP.replace("train.py", "run.sh"),
        SWEEP.replace("train.py", "[1]"),
        SWEEP + "\t: [",
        SWEEP + "a: &a [*a]\nb: !!python/object:os.system x",
        SWEEP + "day: 2020-99-99",
        SWEEP + "a: " + "[" * 19_000,
        SWEEP + "a:\n" + "- " * 9_000 + "1",
        SWEEP + "? " * 9_000,
        SWEEP + "#" * 20_000,
        SWEEP + "---\n" + SWEEP,
    ],
)
def test_what_is_no_sweep(text: str) -> None:
    assert sweep_file("sweep.yaml", text) is None


@pytest.mark.parametrize("part", ["metric: loss", "metric: {name: [1]}", "parameters: [lr]", "parameters:"])
def test_parts_of_another_form_say_nothing(part: str) -> None:
    text = f"program: train.py\nmethod: grid\n{part}"
    assert sweep_file("sweep.yaml", text) in {SweepFile("sweep.yaml", "train.py"), None}


def test_only_the_config_has_what_the_sweep_chooses(tmp_path: Path) -> None:
    own = {"mu": 0.0, "sigma": 1.0}
    assert answer("offline_sweep_job.py", tmp_path) == {"config": {"mu": 3.0, "sigma": 2}, "own": own}
