"""The pages about steps tell the truth: their cases are run with the installed wandb, offline."""

from __future__ import annotations

import pytest

from wandblint.app import registry
from wandblint.pages.page import Case, parse

from .dropping import Outcome, run_all

# The scripts are run once a session: with several workers, in one of them.
pytestmark = pytest.mark.xdist_group("dropping")

CODES = ("WB302", "WB303")
LOST_AT_MOST = 1
"""Rows that a silent case may lose: the rules keep quiet about a first row."""


def cases() -> dict[str, Case]:
    """The cases of the pages that are one script, or a `train.py` and what it imports."""
    found: dict[str, Case] = {}
    for code in CODES:
        (rule,) = registry.resolve(code)
        for number, case in enumerate(parse(registry.page(rule)).cases):
            scripts = [path for path in case.files if path.endswith(".py")]
            if len(scripts) == 1 or "train.py" in scripts:
                found[f"{code} {number} {case.name.replace('/', ' ')}"] = case
    return found


CASES = cases()


def files(case: Case) -> dict[str, str]:
    if "train.py" in case.files:
        return case.files
    (text,) = case.files.values()
    return {"train.py": text}


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    return run_all({name: files(case) for name, case in CASES.items()}, tmp_path_factory.mktemp("scripts"))


@pytest.mark.parametrize("name", CASES)
def test_case_of_a_page(outcomes: dict[str, Outcome], name: str) -> None:
    case, found = CASES[name], outcomes[name]
    if found.error is not None and found.error.startswith("ModuleNotFoundError"):
        pytest.skip(f"cannot run here: {found.error}")
    assert found.error is None
    assert found.calls, "the script logs"
    marks = {(mark.path, mark.row) for mark in case.expected if mark.code in CODES}
    if len(case.files) == 1:
        marks = {("train.py", row) for _, row in marks}
    kept = [mark for mark in marks if not any(mark in places for places in found.dropped)]
    assert not kept, "wandb drops what is marked"
    if marks or (not case.is_exact and "Use instead" not in name):
        assert len(found.dropped) > LOST_AT_MOST
    else:
        assert len(found.dropped) <= LOST_AT_MOST
