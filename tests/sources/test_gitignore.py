"""Patterns that need no comparison with git; `test_discovery` compares the others."""

from __future__ import annotations

import subprocess
import warnings
from pathlib import Path

import pytest

from wandblint.sources.gitignore import Patterns


def test_the_last_pattern_that_matches_a_path_decides() -> None:
    patterns = Patterns(["*.py", "!keep.py", "# !a.py", "", "/", "build/", "!/src/"])
    assert patterns.verdict("a.py") is True
    assert patterns.verdict("lib/keep.py") is False
    assert patterns.verdict("a.txt") is None
    assert patterns.verdict("build") is None
    assert patterns.verdict("src/") is False
    assert patterns.verdict("src/build/") is True


@pytest.mark.parametrize(
    "pattern", ["tests", "tests/", "/tests", "tests/**", "**/tests/deep", "test_*.py", "**"]
)
def test_files_below_a_matched_folder_match(pattern: str) -> None:
    patterns = Patterns([pattern])
    assert patterns.apply("tests/deep/test_a.py")
    assert patterns.apply("train.py") is (pattern == "**")


@pytest.mark.parametrize(
    "pattern",
    [
        "*a" * 25 + "b",
        "?*" * 30 + "x",
        "[a-z]*" * 25 + "0",
        "a**" * 25 + "b",
        "**/*a" * 12 + "/b",
        "**/" * 30 + "b",
    ],
)
@pytest.mark.parametrize("path", ["a" * 200, "a/" * 100 + "a"])
def test_no_pattern_is_tried_in_exponentially_many_ways(pattern: str, path: str) -> None:
    assert Patterns([pattern]).verdict(path) is None
    assert Patterns([f"**/{pattern}", "a*"]).verdict(path) is True


@pytest.mark.parametrize("pattern", ["[a", "a[", "[]", "\\"])
def test_an_invalid_pattern_matches_nothing(pattern: str) -> None:
    assert Patterns([pattern]).verdict("b.py") is None


@pytest.mark.parametrize(
    "pattern", ["[z-a]", "[a--c]", "[!z-a]", "[a-]", r"[\--0]", "[a-c-z]", "[]-a]", "[[&&a]", "[~~]"]
)
def test_a_class_has_the_members_that_git_gives_it(pattern: str, tmp_path: Path) -> None:
    names = ["a", "b", "c", "z", "-", "q", "]", "_", "&", "[", "~", "0"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / ".gitignore").write_text(pattern)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    told = subprocess.run(
        ["git", "check-ignore", "--", *names], cwd=tmp_path, capture_output=True, text=True, check=False
    ).stdout.split()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ignored = [name for name in names if Patterns([pattern]).verdict(name)]

    assert ignored == told
