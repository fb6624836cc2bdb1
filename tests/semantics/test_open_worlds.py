"""Runs that are opened and closed in ways that are hard to follow: no rule claims a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine_runs import lint
from tests.semantics.offline_outcomes import outcomes
from tests.semantics.open_worlds import PROGRAMS, files_of

CLAIMS = {"WB102", "WB103", "WB104", "WB105", "WB106", "WB401", "WB402", "WB405", "WB407", "WB509"}
"""Rules that say that wandb refuses something, or that it is lost or missing."""


def test_wandb_refuses_nothing(tmp_path: Path) -> None:
    answers = outcomes([(files_of(name), "train.py") for name in PROGRAMS], tmp_path)
    assert dict(zip(PROGRAMS, answers, strict=True)) == dict.fromkeys(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_rule_claims_a_refusal(tmp_path: Path, name: str) -> None:
    result = lint(tmp_path, files_of(name))
    assert not [finding for finding in result.findings if finding.code in CLAIMS]
    assert not result.problems
