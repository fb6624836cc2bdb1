"""`wandblint check --explain-silence`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.programs import wandblint, write

SILENT = """\
import wandb
from company import anything

run = wandb.init()
run.define_metric("train/*", step_metric="epoch")
anything(run)
run.log({"train/loss": 1})
"""
SUPPRESSED = "import wandb\n\nwandb.init(reinit=True)  # noqa: WB101\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "root", {"train.py": SILENT, "lib/start.py": SUPPRESSED})


def test_each_claim_with_what_silences_it(root: Path) -> None:
    result = wandblint("-n", "--explain-silence", cwd=root)
    claims = [line for line in result.out.splitlines() if not line.startswith(" ")]
    assert [line.partition(" `")[0] for line in claims] == [
        "lib/start.py:3:12: WB101",
        "train.py:5:30: WB202",
    ]
    assert "  lib/start.py:3:34: a comment suppresses it" in result.out.splitlines()
    assert (
        "  train.py:6:1: code that wandblint does not see may log any key from here on"
        in result.out.splitlines()
    )
    assert (result.code, result.err) == (0, "note: 2 claims silenced\n")


def test_rules_and_files_narrow_it(root: Path) -> None:
    result = wandblint("-n", "-q", "lib", "--explain-silence=WB1,WB202", cwd=root)
    assert [line.split(" ")[1] for line in result.out.splitlines() if line[0] != " "] == ["WB101"]
    assert result.err == ""


def test_nothing_is_silenced(tmp_path: Path) -> None:
    write(tmp_path, {"train.py": "import wandb\nwandb.init()\n"})
    result = wandblint("-n", "--explain-silence", cwd=tmp_path)
    assert (result.code, result.out, result.err) == (0, "", "note: no claim is silenced\n")


def test_a_confidence_that_is_too_low(tmp_path: Path) -> None:
    source = "import wandb\nimport torch.distributed as dist\ndist.init_process_group('nccl')\nwandb.init()\n"
    write(tmp_path, {"train.py": source})
    result = wandblint("-n", "--min-confidence=high", "--explain-silence=WB502", cwd=tmp_path)
    assert "its confidence is medium, which --min-confidence leaves out" in result.out


def test_a_second_run_says_the_same(root: Path) -> None:
    first = wandblint("--explain-silence", cwd=root)
    assert wandblint("--explain-silence", cwd=root) == first


@pytest.mark.parametrize("option", ["--fix", "--diff", "--watch", "--write-baseline", "--diff-base=x"])
def test_options_that_contradict_it(root: Path, option: str) -> None:
    result = wandblint("--explain-silence", option, cwd=root)
    assert result.code == 2
    assert "--explain-silence reports no findings" in result.err


def test_an_unknown_rule(root: Path) -> None:
    result = wandblint("-n", "--explain-silence=WB999", cwd=root)
    assert result.code == 2
    assert "error: --explain-silence: unknown rule `WB999`" in result.err


def test_a_path_in_the_place_of_a_rule(root: Path) -> None:
    result = wandblint("-n", "--explain-silence", ".", cwd=root)
    assert result.code == 2
    assert "paths come first: `wandblint . --explain-silence`" in result.err
