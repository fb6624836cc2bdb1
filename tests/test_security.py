"""SECURITY.md claims only what a test checks."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
TABLES = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| ---",))]
HEADINGS = 5


@pytest.mark.parametrize(("file", "test"), sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE))))
def test_every_named_test_exists(file: str, test: str) -> None:
    assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_tests_named_alone_are_those_of_rule_packs() -> None:
    text = (ROOT / "tests/cli/test_plugins.py").read_text(encoding="utf-8")
    assert all(f"\ndef {test}(" in text for test in re.findall(r"`(test_\w+)`", PAGE))


def test_every_row_names_a_test() -> None:
    claims = [line for line in TABLES if not line.endswith("| Test |")]
    assert len(TABLES) - len(claims) == HEADINGS
    assert [line for line in claims if "::test_" not in line] == []
