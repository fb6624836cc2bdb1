"""Which rules are on, and with which severity."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.engine_runs import lint
from wandblint.app.settings import Settings
from wandblint.engine import enabled_rules
from wandblint.findings.finding import Finding, Severity
from wandblint.rule import Rule
from wandblint.span import Span


def codes(settings: Settings) -> set[str]:
    return {rule.code for rule in enabled_rules(settings)}


def test_notes_are_off_by_default() -> None:
    assert {"WB001", "WB002", "WB101", "WB201"} <= codes(Settings())
    assert "WB211" not in codes(Settings())
    assert "WB211" in codes(Settings(extend_select=["WB211"]))
    assert codes(Settings(extend_select=["unused-definition"])) == codes(Settings()) | {"WB211"}


STEP_BESIDE_AN_AXIS = """\
import wandb

run = wandb.init()
run.define_metric("loss", step_metric="epoch")
for epoch in range(10):
    for batch in range(10):
        run.log({"loss": batch, "epoch": epoch}, step={step})
"""


@pytest.mark.parametrize(
    ("step", "settings", "severities"),
    [
        ("epoch", Settings(), []),
        ("epoch", Settings(extend_select=["WB301"]), [Severity.NOTE]),
        ("batch", Settings(), [Severity.WARNING]),
    ],
)
def test_a_rule_of_notes_that_can_warn_is_on_for_its_warnings(
    tmp_path: Path, step: str, settings: Settings, severities: list[Severity]
) -> None:
    result = lint(tmp_path, {"a.py": STEP_BESIDE_AN_AXIS.replace("{step}", step)}, settings)
    assert [finding.severity for finding in result.findings] == severities


def with_severity(name: str, severity: str, **others: Any) -> Settings:
    return Settings(rules={name: {"severity": severity}}, **others)


@pytest.mark.parametrize(
    ("step", "settings", "severities"),
    [
        ("epoch", with_severity("step-with-custom-axis", "warning"), [Severity.WARNING]),
        ("epoch", with_severity("step-with-custom-axis", "error"), [Severity.ERROR]),
        ("batch", with_severity("step-with-custom-axis", "error"), [Severity.ERROR]),
        # The loss is certain, so WB303 reports it where WB301 does not run.
        ("batch", with_severity("step-with-custom-axis", "note"), [Severity.WARNING]),
        ("batch", with_severity("step-with-custom-axis", "note", extend_select=["WB301"]), [Severity.NOTE]),
        ("epoch", with_severity("step-with-custom-axis", "error", ignore=["WB301"]), []),
    ],
)
def test_the_settings_give_a_rule_another_severity(
    tmp_path: Path, step: str, settings: Settings, severities: list[Severity]
) -> None:
    result = lint(tmp_path, {"a.py": STEP_BESIDE_AN_AXIS.replace("{step}", step)}, settings)
    assert [finding.severity for finding in result.findings] == severities


def test_findings_milder_than_their_rule_keep_their_severity() -> None:
    span = Span("a.py", 0, 1)
    severities = (Severity.ERROR, Severity.WARNING, Severity.NOTE)

    def check(model: object, options: object) -> Iterator[Finding]:
        yield from (rule.finding(span, "", "", severity=severity) for severity in severities)

    rule = Rule("OUR001", "our-rule", Severity.WARNING, "Ours", check)
    severities_by_rule = {
        severity: [finding.severity for finding in graded(None, {})]  # type: ignore[arg-type]
        for severity in severities
        if (graded := rule.with_severity(severity).check) is not None
    }
    assert severities_by_rule == {
        Severity.ERROR: [Severity.ERROR, Severity.ERROR, Severity.NOTE],
        Severity.WARNING: [Severity.WARNING, Severity.WARNING, Severity.NOTE],
        Severity.NOTE: [Severity.NOTE, Severity.NOTE, Severity.NOTE],
    }


def test_the_severity_of_findings_of_the_engine_itself(tmp_path: Path) -> None:
    result = lint(tmp_path, {"a.py": "import wandb\nrun = = 1\n"}, with_severity("syntax-error", "warning"))
    assert [(finding.code, finding.severity) for finding in result.findings] == [("WB001", Severity.WARNING)]


@pytest.mark.parametrize(
    ("settings", "selected"),
    [
        (Settings(select=["WB101", "always-none-guard"]), {"WB101", "WB110"}),
        (Settings(select=["WB2"], ignore=["WB211"]), {"WB201", "WB202"}),
        (Settings(select=["WB211"], ignore=["WB2"]), {"WB211"}),
        (Settings(select=["WB21"], ignore=["WB2"]), {"WB211"}),
        (Settings(select=["WB211"], ignore=["WB211"]), set()),
        (Settings(select=["WB1"], extend_select=["WB301"], ignore=["ALL"]), {"WB101", "WB110", "WB301"}),
        (Settings(select=["ALL"], ignore=["ALL"]), set()),
        (Settings(ignore=["WB0", "WB1", "WB2", "WB3"]), set()),
    ],
)
def test_the_more_specific_selector_wins(settings: Settings, selected: set[str]) -> None:
    assert (
        codes(settings) & {"WB001", "WB002", "WB101", "WB110", "WB201", "WB202", "WB211", "WB301"} == selected
    )
