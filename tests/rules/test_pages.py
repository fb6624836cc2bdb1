"""Every built-in rule passes its page, with one test per case, and all pages have one form."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from wandblint.app import registry
from wandblint.pages.check import check_case, check_prose
from wandblint.pages.page import Case, Page, parse
from wandblint.rule import BUILT_IN_PACK, Rule

ROOT = Path(__file__).resolve().parent.parent.parent
RULES = ROOT / "rules"


def has_page(rule: Rule) -> bool:
    """A missing page fails one test by name (`test_every_rule_is_two_files`), not the collection of all."""
    return (RULES / f"{rule.name.replace('-', '_')}.md").exists()


PAGES = [(rule, parse(registry.page(rule))) for rule in registry.rules() if has_page(rule)]
CASES = [(rule, case) for rule, page in PAGES for case in page.cases]
CASE_IDS = [f"{rule.code} {case.name}" for rule, case in CASES]
PAGE_IDS = [rule.code for rule, _ in PAGES]


@pytest.mark.parametrize(("rule", "case"), CASES, ids=CASE_IDS)
def test_case(rule: Rule, case: Case) -> None:
    problems = [failure.message for failure in check_case(rule, case)]
    assert not problems, "\n".join([f"rules/{rule.name.replace('-', '_')}.md:{case.row}", *problems])


@pytest.mark.parametrize(("rule", "page"), PAGES, ids=PAGE_IDS)
def test_page_agrees_with_its_rule(rule: Rule, page: Page) -> None:
    assert [failure.message for failure in check_prose(rule, page)] == []


@pytest.mark.parametrize(("rule", "page"), PAGES, ids=PAGE_IDS)
def test_page_has_enough_cases(rule: Rule, page: Page) -> None:
    cases = [case for case in page.cases if not case.name.startswith(("Example", "Use instead"))]
    failing = [case for case in cases if case.expected]
    silent = [case for case in cases if not case.expected]
    of_several_files = [case for case in cases if sum(path.endswith(".py") for path in case.files) > 1]
    # A case of a rule about records starts a run of wandb for each of its scripts.
    least_of_each, least_of_several_files = (5, 2) if rule.audit is None else (2, 1)
    assert min(len(failing), len(silent)) >= least_of_each
    assert len(of_several_files) >= least_of_several_files


@pytest.mark.parametrize(("rule", "page"), PAGES, ids=PAGE_IDS)
def test_page_shows_the_mistake_and_the_remedy(rule: Rule, page: Page) -> None:
    names = {case.name for case in page.cases}
    assert {"Example", "Use instead"} <= names, f"{rule.code} has a section without code"


def test_every_rule_is_two_files() -> None:
    modules = {file.stem for file in RULES.glob("[a-z]*.py")}
    pages = {file.stem for file in RULES.glob("*.md")}
    assert modules == pages == {rule.name.replace("-", "_") for rule in registry.rules()}


def test_the_built_in_codes_have_one_form() -> None:
    assert all(re.fullmatch(r"WB\d{3}", rule.code) for rule in registry.load_pack(BUILT_IN_PACK))


@pytest.mark.parametrize("rule", registry.rules(), ids=lambda rule: rule.code)
def test_a_summary_is_short_and_starts_a_row_of_a_table(rule: Rule) -> None:
    assert not rule.summary[0].islower()
    assert not rule.summary.endswith(".")
    assert "|" not in rule.summary
    assert len(rule.summary) <= 100


def test_generated_documentation_is_fresh() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "generate_docs.py"), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_every_rule_is_in_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    missing = [
        rule.code
        for rule in registry.rules()
        if f"{rule.code} `{rule.name}`" not in " ".join(changelog.split())
    ]
    assert missing == []
