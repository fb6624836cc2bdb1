"""How much work generated programs take: one that is twice as long takes about twice the work."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from wandblint.analysis import analyze

from .projects import FilesInMemory, script


def work_of(program: str) -> int:
    """How many calls, and steps of generators, the analysis of a program takes."""
    files = FilesInMemory({"train.py": program})
    files.facts("train.py")
    calls = 0

    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        analyze(files)
    finally:
        sys.setprofile(before)
    return calls


def log_calls_under_tests(count: int) -> str:
    return script("".join(f"if x{n}:\n    run.log({{'m{n}': {n}}})\n" for n in range(count)))


def log_calls_under_called_tests(count: int) -> str:
    return script("".join(f"if is_x{n}(value):\n    run.log({{'m{n}': {n}}})\n" for n in range(count)))


def log_calls_in_functions(count: int) -> str:
    return script("".join(f"def f{n}(run):\n    run.log({{'m{n}': {n}}})\n" for n in range(count)))


@pytest.mark.parametrize(
    "program", [log_calls_under_tests, log_calls_under_called_tests, log_calls_in_functions]
)
def test_a_program_twice_as_long_takes_about_twice_the_work(program: Callable[[int], str]) -> None:
    assert work_of(program(400)) < 2.15 * work_of(program(200))
