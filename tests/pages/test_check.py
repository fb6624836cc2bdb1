"""The check of pages reports wrong cases, through the real engine."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from wandblint.app import registry
from wandblint.pages.check import check_case, check_page, check_prose
from wandblint.pages.page import SECTIONS, Case, parse
from wandblint.rule import Rule

ROOT = Path(__file__).resolve().parent.parent.parent
BROKEN = "import wandb\n\nwandb.init(\n"


@pytest.fixture(scope="module")
def rule() -> Rule:
    (rule,) = registry.resolve("syntax-error")
    return rule


def case_of(text: str) -> Case:
    head = "# WB001 syntax-error\n\n**error** · Text\n\n## Cases\n\n### wrong\n"
    (case,) = parse(f'{head}```python title="a.py"\n{text}```\n').cases
    return case


def problems(rule: Rule, case: Case) -> list[str]:
    failures = check_case(rule, case)
    assert {failure.case for failure in failures} <= {case.name}
    return [failure.message for failure in failures]


@pytest.fixture(scope="module")
def row(rule: Rule) -> int:
    """The row at which the broken file is reported."""
    (problem,) = problems(rule, case_of(BROKEN))
    match = re.fullmatch(r"unexpected: a\.py:(\d+):\d+: WB001 .+", problem)
    assert match, problem
    return int(match[1])


def marked(row: int, mark: str) -> str:
    lines = BROKEN.splitlines()
    lines[row - 1] += f"  # error: {mark}"
    return "".join(f"{line}\n" for line in lines)


def test_a_correct_case(rule: Rule, row: int) -> None:
    assert problems(rule, case_of(marked(row, 'WB001 "parsed"'))) == []


@pytest.mark.parametrize("mark", ['WB001 "other words"', 'WB002 "parsed"'])
def test_a_mark_that_no_finding_matches(rule: Rule, row: int, mark: str) -> None:
    unexpected, missing = problems(rule, case_of(marked(row, mark)))
    assert unexpected.startswith(f"unexpected: a.py:{row}:")
    assert missing == f"expected, but not found: a.py:{row}: {mark}"


def test_a_mark_on_another_row(rule: Rule, row: int) -> None:
    unexpected, missing = problems(rule, case_of(marked(1, 'WB001 "parsed"')))
    assert unexpected.startswith(f"unexpected: a.py:{row}:")
    assert missing == 'expected, but not found: a.py:1: WB001 "parsed"'


def test_two_marks_for_one_finding(rule: Rule, row: int) -> None:
    (missing,) = problems(rule, case_of(marked(row, 'WB001 "parsed"  # error: WB001 "parsed"')))
    assert missing == f'expected, but not found: a.py:{row}: WB001 "parsed"'


def test_an_example_without_the_mistake(rule: Rule) -> None:
    example = replace(case_of("import wandb\n"), is_exact=False)
    assert problems(rule, example) == ["the example produces no WB001"]
    assert problems(rule, replace(case_of(BROKEN), is_exact=False)) == []


def test_a_fix_that_changes_nothing(rule: Rule) -> None:
    case = replace(case_of("import wandb\n"), after_fix={"a.py": "import wandb as wb\n"})
    assert problems(rule, case) == [
        "--fix does not change a.py",
        "--fix --unsafe-fixes does not change a.py",
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [('[tool.wandblint]\nselct = ["ALL"]\n', "unknown setting `selct`"), ("[tool", "not valid TOML")],
)
def test_invalid_settings(rule: Rule, settings: str, message: str) -> None:
    case = case_of("import wandb\n")
    (problem,) = problems(rule, replace(case, files={**case.files, "pyproject.toml": settings}))
    assert problem.startswith("the case cannot be run: ")
    assert message in problem


def test_a_file_that_cannot_be_read(rule: Rule) -> None:
    case = case_of("# -*- coding: wandb -*-\n")
    (problem,) = problems(rule, case)
    assert problem.startswith("the case cannot be run: a.py: cannot be read")


def test_a_page_that_contradicts_its_rule(rule: Rule) -> None:
    page = parse("# WB901 syntax-error\n\n**note** · Text\n\n## Cases\n")
    assert [failure.message for failure in check_prose(rule, page)] == [
        "the code is `WB901` on the page and `WB001` in the rule",
        "the severity is `note` on the page and `error` in the rule",
        f"the summary is `Text` on the page and `{rule.summary}` in the rule",
        f"the order of sections is `Cases` on the page and `{' · '.join(SECTIONS)}` in the rule",
    ]


def test_the_rule_of_the_contributors_guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("WB199", "GUIDE199")
    match = re.search(r"```python\n(\"\"\"GUIDE.*?)```\n.*?````markdown\n(.*?)````", guide, re.DOTALL)
    assert match
    pack = tmp_path / "guide_rules"
    pack.mkdir()
    (pack / "__init__.py").touch()
    (pack / "unnamed_run.py").write_text(match[1], encoding="utf-8")
    (pack / "unnamed_run.md").write_text(match[2], encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (rule,) = registry.load_pack(pack.name)
    page = parse(registry.page(rule, [pack.name]))
    with_all_sections = replace(page, sections=SECTIONS)
    assert page.cases
    assert check_page(rule, with_all_sections, [pack.name]) == []
    for module in [name for name in sys.modules if name.startswith(pack.name)]:
        del sys.modules[module]


LATE = """# LATE198 late-config

**note** · A key of the config after the first row

## Cases

### after a row

```python title="a.py"
import wandb

run = wandb.init(config={"seed": 1})
run.config["lr"] = 0.1
run.log({"loss": 1})
run.config["layers"] = 2  # error: LATE198 "`layers` gets into the config after the first row"
```

### the row is of another run

```python title="a.py"
import wandb

with wandb.init() as run:
    run.log({"loss": 1})
with wandb.init() as run:
    run.config["lr"] = 0.1
```
"""


def test_the_rule_over_events_of_the_contributors_guide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").replace("WB198", "LATE198")
    match = re.search(r"```python\n(\"\"\"LATE.*?)```\n", guide, re.DOTALL)
    assert match
    assert match[1].count("\n") < 40
    pack = tmp_path / "late_rules"
    pack.mkdir()
    (pack / "__init__.py").touch()
    (pack / "late_config.py").write_text(match[1], encoding="utf-8")
    (pack / "late_config.md").write_text(LATE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (rule,) = registry.load_pack(pack.name)
    page = replace(parse(registry.page(rule, [pack.name])), sections=SECTIONS)
    assert check_page(rule, page, [pack.name]) == []
    for module in [name for name in sys.modules if name.startswith(pack.name)]:
        del sys.modules[module]
