"""Packs: what they must contain, and what a selector selects."""

from __future__ import annotations

import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.app import registry
from wandblint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    MakePack = Callable[[dict[str, str]], str]

RULE = """\
from wandblint.findings.finding import Severity
from wandblint.rule import Rule

rule = Rule(code="{code}", name="{name}", severity=Severity.WARNING, summary="For a test")
"""


@pytest.fixture
def make_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakePack]:
    """Makes an importable pack of files; forgets it afterwards."""
    monkeypatch.syspath_prepend(str(tmp_path))
    name = "team_rules"

    def make(files: dict[str, str]) -> str:
        folder = tmp_path / name
        folder.mkdir()
        for file, text in {"__init__.py": "", **files}.items():
            (folder / file).write_text(text, encoding="utf-8")
        return name

    yield make
    _forget(name)


def _forget(name: str) -> None:
    registry.load_pack.cache_clear()
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def test_the_built_in_rules_are_in_the_order_of_their_codes() -> None:
    codes = [rule.code for rule in registry.rules()]
    assert codes == sorted(codes)
    assert {"WB001", "WB002"} <= set(codes)


def test_a_pack_joins_the_built_in_rules(make_pack: MakePack) -> None:
    files = {
        "late_log.py": RULE.format(code="TEAM001", name="late-log"),
        "late_log.md": "# TEAM001 late-log\n",
        "_helper.py": "",
    }
    pack = make_pack(files)
    (rule,) = registry.load_pack(pack)
    assert registry.rules([pack]) == [rule, *registry.rules()]
    assert registry.page(rule, [pack]) == "# TEAM001 late-log\n"
    assert registry.resolve("TEAM", [pack]) == registry.resolve("late-log", [pack]) == [rule]
    with pytest.raises(registry.UnknownRuleError):
        registry.resolve("TEAM")
    with pytest.raises(registry.PackError, match="no rule pack contains TEAM001"):
        registry.page(rule)


def test_a_pack_in_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = tmp_path / "rules.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("zipped_rules/__init__.py", "")
        zipped.writestr("zipped_rules/late_log.py", RULE.format(code="ZIP001", name="late-log"))
        zipped.writestr("zipped_rules/late_log.md", "# ZIP001 late-log\n")
    monkeypatch.syspath_prepend(str(archive))
    (rule,) = registry.load_pack("zipped_rules")
    assert registry.page(rule, ["zipped_rules"]) == "# ZIP001 late-log\n"
    _forget("zipped_rules")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"late_log.py": "x = 1"}, "team_rules.late_log has no `rule = Rule"),
        ({"late_log.py": "1 / 0"}, "team_rules.late_log cannot be imported: ZeroDivisionError"),
        (
            {
                "late_log.py": RULE.format(code="TEAM001", name="late-log")
                + "rule.options['severity'] = 'bad'\n"
            },
            "`severity` is a setting of every rule",
        ),
        ({"late.py": RULE.format(code="TEAM001", name="late-log")}, "must have the name of its module"),
        ({"late_log.py": RULE.format(code="TEAM1", name="late-log")}, "`TEAM1` must be capital letters"),
        (
            {"late_log.py": RULE.format(code="WB901", name="late-log")},
            "`WB901` must be capital letters other than WB",
        ),
        (
            {f"{name}.py": RULE.format(code="TEAM001", name=name) for name in ("one", "two")},
            "the code `TEAM001` is used twice",
        ),
        (
            {"syntax_error.py": RULE.format(code="TEAM001", name="syntax-error")},
            "the name `syntax-error` is used twice: in wandblint_rules and in team_rules",
        ),
    ],
)
def test_invalid_packs(make_pack: MakePack, files: dict[str, str], message: str) -> None:
    pack = make_pack(files)
    with pytest.raises(registry.PackError, match=message):
        registry.rules([pack])


@pytest.mark.parametrize(
    ("pack", "message"),
    [("no_such_pack", "cannot be imported: ModuleNotFoundError"), ("json.decoder", "not a package")],
)
def test_a_missing_pack(pack: str, message: str) -> None:
    with pytest.raises(registry.PackError, match=message):
        registry.load_pack(pack)


def test_a_rule_without_a_page(make_pack: MakePack) -> None:
    pack = make_pack({"late_log.py": RULE.format(code="TEAM001", name="late-log")})
    (rule,) = registry.load_pack(pack)
    with pytest.raises(registry.PackError, match=r"late_log\.md is missing"):
        registry.page(rule, [pack])


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        ("WB001", ["WB001"]),
        ("unused-suppression", ["WB002"]),
        ("WB00", ["WB001", "WB002"]),
    ],
)
def test_selectors(selector: str, codes: list[str]) -> None:
    assert [rule.code for rule in registry.resolve(selector)] == codes


def test_everything_is_selected_by_all_and_by_the_letters() -> None:
    assert registry.resolve("ALL") == registry.resolve("WB") == registry.rules()


@pytest.mark.parametrize(
    ("selector", "suggestion"),
    [
        ("wb001", "WB001"),
        ("WBB001", "WB001"),
        ("W", "WB"),
        ("all", "ALL"),
        ("syntax_error", "syntax-error"),
        ("sintax-error", "syntax-error"),
        ("pycodestyle", None),
        ("", None),
    ],
)
def test_did_you_mean(selector: str, suggestion: str | None) -> None:
    with pytest.raises(registry.UnknownRuleError) as caught:
        registry.resolve(selector)
    assert caught.value.suggestion == suggestion
    hint = f"; did you mean `{suggestion}`?" if suggestion else ""
    assert str(caught.value) == f"unknown rule `{selector}`{hint}"


@given(st.sampled_from(registry.rules()), st.integers(2, 5))
def test_a_prefix_selects_the_codes_that_begin_with_it(rule: Rule, length: int) -> None:
    prefix = rule.code[:length]
    assert registry.resolve(prefix) == [other for other in registry.rules() if other.code.startswith(prefix)]
