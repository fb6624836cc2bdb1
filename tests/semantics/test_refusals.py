"""The rules about calls without an open run, against the installed wandb: it raises where they say so."""

from __future__ import annotations

import pytest

from tests.semantics.offline_outcomes import outcomes as outcomes_of
from wandblint.app import registry
from wandblint.pages.page import Case, parse

RAISES_AT_THE_FINDING = ("WB104", "WB105", "WB106", "WB407")
RAISES_LATER = ("WB103",)
NEEDS_MORE = ("team_tracking", "lightning", "torch", "wandb.agent")
"""Cases that need what is not installed, or a server."""

RETURNS_A_DEFAULT = "summary.get("
"""What reads a key of a summary without an error."""


def cases(code: str) -> list[Case]:
    """The cases of a page that can run here."""
    rule = next(rule for rule in registry.rules() if rule.code == code)
    found = [case for case in parse(registry.page(rule)).cases if case.is_exact]
    words = (*NEEDS_MORE, RETURNS_A_DEFAULT) if code == "WB407" else NEEDS_MORE
    return [case for case in found if not any(word in text for word in words for text in case.files.values())]


def script_of(case: Case) -> str:
    """The file of a case that runs: the first one."""
    return next(path for path in case.files if path.endswith(".py"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[object] | None]:
    """How wandb answers each case."""
    chosen = [(code, case) for code in (*RAISES_AT_THE_FINDING, *RAISES_LATER) for case in cases(code)]
    projects = [(case.files, script_of(case)) for _, case in chosen]
    answers = outcomes_of(projects, tmp_path_factory.mktemp("cases"))
    return {(code, case.name): answer for (code, case), answer in zip(chosen, answers, strict=True)}


@pytest.mark.parametrize("code", RAISES_AT_THE_FINDING)
def test_wandb_raises_at_each_finding_and_nowhere_else(
    code: str, outcomes: dict[tuple[str, str], list[object] | None]
) -> None:
    for case in cases(code):
        places = [[found.path, found.row] for found in case.expected if found.code == code]
        answer = outcomes[code, case.name]
        assert (answer[1:] if answer else None) == (places[0] if places else None), (case.name, answer)


@pytest.mark.parametrize("code", RAISES_LATER)
def test_wandb_raises_in_each_case_with_a_finding(
    code: str, outcomes: dict[tuple[str, str], list[object] | None]
) -> None:
    for case in cases(code):
        assert bool(outcomes[code, case.name]) == bool(case.expected), case.name
