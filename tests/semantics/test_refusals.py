"""The rules about calls without an open run, against the installed wandb: it raises where they say so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wandblint.app import registry
from wandblint.pages.page import Case, parse

RAISES_AT_THE_FINDING = ("WB104", "WB105", "WB106")
RAISES_LATER = ("WB103",)
NEEDS_MORE = ("team_tracking", "lightning", "torch", "wandb.agent")
"""Cases that need what is not installed, or a server."""


def cases(code: str) -> list[Case]:
    """The cases of a page that can run here."""
    rule = next(rule for rule in registry.rules() if rule.code == code)
    found = [case for case in parse(registry.page(rule)).cases if case.is_exact]
    return [
        case for case in found if not any(word in text for word in NEEDS_MORE for text in case.files.values())
    ]


def script_of(case: Case) -> str:
    """The file of a case that runs: the first one."""
    return next(path for path in case.files if path.endswith(".py"))


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[object] | None]:
    """How wandb answers each case."""
    root = tmp_path_factory.mktemp("cases")
    chosen = [(code, case) for code in (*RAISES_AT_THE_FINDING, *RAISES_LATER) for case in cases(code)]
    requests = []
    for number, (_, case) in enumerate(chosen):
        folder = root / str(number)
        folder.mkdir()
        for path, text in case.files.items():
            (folder / path).write_text(text, encoding="utf-8")
        requests.append((str(folder), script_of(case)))
    environment = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(root)}
    program = Path(__file__).with_name("offline_cases.py")
    result = subprocess.run(
        [sys.executable, str(program)],
        input=json.dumps(requests),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers = json.loads(result.stdout.splitlines()[-1])
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
