"""How much work sessions and charts need: no more comparisons than names, times the globs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.analysis.projects import FilesInMemory
from wandblint.analysis import analyze
from wandblint.app import registry
from wandblint.dashboard.prediction import predict
from wandblint.model import LogCall, TrackingModel, sessions

COUNT = 300
DEFINITIONS = "".join(f"run.define_metric('k{at}', step_metric='s{at}')\n" for at in range(COUNT))
LOGGED = ", ".join(f"'k{at}': 1" for at in range(COUNT))


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each comparison that a session makes."""
    made: list[str] = []

    def counted(name: str, original: Callable[..., object]) -> Callable[..., object]:
        def compare(*arguments: object) -> object:
            made.append(name)
            return original(*arguments)

        return compare

    for name in ("covers", "equal"):
        monkeypatch.setattr(sessions, name, counted(name, getattr(sessions, name)))
    return made


def model(text: str) -> TrackingModel:
    return analyze(FilesInMemory({"train.py": f"import wandb\nrun = wandb.init()\n{text}"}))


@pytest.mark.parametrize("code", ["WB201", "WB202", "WB211", "WB301"])
def test_rules_do_not_compare_each_key_with_each_definition(code: str, comparisons: list[str]) -> None:
    (rule,) = registry.resolve(code)
    assert rule.check is not None
    findings = list(rule.check(model(f"{DEFINITIONS}while x:\n    run.log({{{LOGGED}}})\n"), rule.options))
    assert len(findings) == (COUNT if code == "WB202" else 0)
    assert len(comparisons) < 10 * COUNT


def test_a_chart_needs_no_look_at_all_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    original = LogCall.__hash__
    hashed: list[LogCall] = []

    def counted(call: LogCall) -> int:
        hashed.append(call)
        return original(call)

    monkeypatch.setattr(LogCall, "__hash__", counted)
    (run,) = predict(model(f"run.log({{{LOGGED}}})\n"))
    assert len(run.charts) == COUNT
    assert len(hashed) < 10


def test_a_row_with_many_uncovered_keys(comparisons: list[str]) -> None:
    text = f"run.define_metric('loss', step_metric='s')\nrun.log({{{LOGGED}, 'loss': 1, 's': 2}})\n"
    (rule,) = registry.resolve("WB201")
    assert rule.check is not None
    assert list(rule.check(model(text), rule.options)) == []
    assert len(comparisons) < 10 * COUNT
