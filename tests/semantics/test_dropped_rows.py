"""The pages about steps are true: their cases run offline with the installed wandb."""

from __future__ import annotations

import pytest

from wandblint.app import registry
from wandblint.pages.page import Case, parse

from .dropped_rows import ProjectRun, run_all

# The scripts run once per session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("dropping")

CODES = ("WB302", "WB303")
TOLERATED_DROPS = 1
"""Rows that a silent case may drop: a first row, where the analysis cannot be sure of it."""


def cases() -> dict[str, Case]:
    """The cases of the pages that are one script, or a `train.py` and what it imports."""
    cases_by_name: dict[str, Case] = {}
    for code in CODES:
        (rule,) = registry.resolve(code)
        for number, case in enumerate(parse(registry.page(rule)).cases):
            scripts = [path for path in case.files if path.endswith(".py")]
            if len(scripts) == 1 or "train.py" in scripts:
                cases_by_name[f"{code} {number} {case.name.replace('/', ' ')}"] = case
    return cases_by_name


CASES = cases()


def files(case: Case) -> dict[str, str]:
    if "train.py" in case.files:
        return case.files
    (text,) = case.files.values()
    return {"train.py": text}


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ProjectRun]:
    return run_all({name: files(case) for name, case in CASES.items()}, tmp_path_factory.mktemp("scripts"))


@pytest.mark.parametrize("name", CASES)
def test_case_of_a_page(runs: dict[str, ProjectRun], name: str) -> None:
    case, run = CASES[name], runs[name]
    if run.error is not None and run.error.startswith("ModuleNotFoundError"):
        pytest.skip(f"cannot run here: {run.error}")
    assert run.error is None
    assert run.call_stacks, "the script logs"
    marks = {(mark.path, mark.row) for mark in case.expected if mark.code in CODES}
    if len(case.files) == 1:
        marks = {("train.py", row) for _, row in marks}
    not_dropped = [mark for mark in marks if not any(mark in call_stack for call_stack in run.dropped)]
    assert not not_dropped, "wandb drops the marked rows"
    if not marks and not case.is_exact and "Use instead" not in name:
        assert len(run.dropped) > TOLERATED_DROPS
    elif not marks:
        assert len(run.dropped) <= TOLERATED_DROPS
