from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import wandblint
from wandblint.app import registry
from wandblint.rule import Rule


def test_all_rules_are_listed(tmp_path: Path) -> None:
    lines = wandblint("rule", cwd=tmp_path).out.splitlines()
    assert [tuple(line.split()[:3]) for line in lines] == [
        (rule.code, rule.name, rule.severity.value) for rule in registry.rules()
    ]
    assert lines[0].split(maxsplit=3)[3] == "A file that cannot be parsed, so what it logs is unknown"


def test_all_rules_are_listed_as_json(tmp_path: Path) -> None:
    listed = json.loads(wandblint("rule", "--output-format", "json", cwd=tmp_path).out)
    assert [rule["code"] for rule in listed] == [rule.code for rule in registry.rules()]
    assert listed[0] == {
        "code": "WB001",
        "name": "syntax-error",
        "severity": "error",
        "summary": "A file that cannot be parsed, so what it logs is unknown",
        "on_by_default": True,
        "options": {},
        "url": "https://wandblint.readthedocs.io/en/latest/rules/syntax-error",
    }


@pytest.mark.parametrize("rule", registry.rules(), ids=lambda rule: rule.code)
def test_a_rule_is_explained_without_its_cases(tmp_path: Path, rule: Rule) -> None:
    result = wandblint("rule", rule.name, cwd=tmp_path)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"# {rule.code} {rule.name}\n")
    assert "\n## Why it matters\n" in result.out
    assert "\n## Cases" not in result.out
    assert registry.page(rule).startswith(result.out.rstrip())


def test_a_rule_is_explained_as_json(tmp_path: Path) -> None:
    rule = json.loads(wandblint("rule", "WB001", "--output-format", "json", cwd=tmp_path).out)
    assert rule["name"] == "syntax-error"
    assert rule["explanation"] == wandblint("rule", "WB001", cwd=tmp_path).out.rstrip()


def test_a_prefix_lists_what_it_selects(tmp_path: Path) -> None:
    lines = wandblint("rule", "WB0", cwd=tmp_path).out.splitlines()
    assert [line.split()[0] for line in lines] == ["WB001", "WB002"]
