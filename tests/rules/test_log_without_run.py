"""WB509: calls with one cause are one finding; a helper may end the process where no run is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine_runs import lint


def test_calls_that_raise_for_the_same_reason_are_one_finding(tmp_path: Path) -> None:
    train = """\
import wandb
from tracking import define

def main(config):
    if config.debug:
        wandb.init(project="p")
    define()
    wandb.log({"loss": 1.0})

main(load())
"""
    tracking = """\
import wandb

def define():
    wandb.define_metric("epoch")
    wandb.define_metric("loss", step_metric="epoch")
"""
    files = {"pyproject.toml": "", "tracking.py": tracking, "train.py": train}
    findings = [finding for finding in lint(tmp_path, files).findings if finding.code == "WB509"]
    assert [finding.span.path for finding in findings] == ["tracking.py", "train.py"]
    messages = [[related.message for related in finding.related] for finding in findings]
    assert messages == [
        ["the condition", "the only init", "it raises here, too"],
        ["the condition", "the only init"],
    ]


@pytest.mark.parametrize(("end", "codes"), [("sys.exit(2)", []), ("usage()", []), ("print(1)", ["WB509"])])
def test_a_helper_may_end_the_process_where_no_run_is_open(
    tmp_path: Path, end: str, codes: list[str]
) -> None:
    train = f"""\
import sys
import wandb

def usage():
    sys.exit(2)

def validate(arguments):
    if not arguments.project:
        {end}

def main(arguments):
    if arguments.project:
        wandb.init(project=arguments.project)
    validate(arguments)
    wandb.log({{"loss": 1.0}})

main(load())
"""
    assert [finding.code for finding in lint(tmp_path, {"train.py": train}).findings] == codes
