"""Random programs: a short run with the tests, a long one with `make fuzz`."""

from __future__ import annotations

import ast
import re

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.robustness import assert_survives
from wandblint.app import registry
from wandblint.pages.page import parse

CASES = [
    {name: text for name, text in case.files.items() if name.endswith(".py")}
    for rule in registry.rules()
    for case in parse(registry.page(rule)).cases
]
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
SLOW_TO_DRAW = settings(
    max_examples=max(settings.default.max_examples // 4, 1) if settings.default else 25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
EMPTY_BLOCKS = """
def idle(run):
    while run.busy(): pass
    for _ in range(3): pass
    if run.config.x: pass
    else: pass
    with run: pass
    try: pass
    except OSError: pass
    def inner(): pass
    class Inner: pass
"""
PREAMBLE = "import wandb\nrun = wandb.init()\n"


@given(st.data())
def test_damaged_cases_of_the_pages(data: st.DataObject) -> None:
    files = dict(data.draw(st.sampled_from(CASES)))
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(files)))
        pieces = data.draw(st.sampled_from([TOKEN, LINE])).findall(files[name])
        files[name] = "".join(damaged(pieces, data))
    assert_survives(files)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_blocks_that_do_nothing(number: int) -> None:
    files = {name: text + EMPTY_BLOCKS for name, text in CASES[number].items()}
    assert_survives({name: empty_leaves(text) for name, text in files.items()})
    assert_survives(files)


def empty_leaves(text: str) -> str:
    """A program in which the blocks that contain no other blocks do nothing."""
    try:
        module = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(module):
        if isinstance(node, (ast.If, ast.For, ast.While, ast.With)) and not any(
            hasattr(inner, "body") for inner in node.body
        ):
            node.body = [ast.Pass()]
    return ast.unparse(module)


def damaged(pieces: list[str], data: st.DataObject) -> list[str]:
    """The pieces after one is deleted, doubled, or swapped with another."""
    if not pieces:
        return pieces
    at, other = (data.draw(st.integers(0, len(pieces) - 1)) for _ in range(2))
    operation = data.draw(st.sampled_from(["delete", "double", "swap"]))
    if operation == "swap":
        pieces[at], pieces[other] = pieces[other], pieces[at]
        return pieces
    return [*pieces[:at], *[pieces[at]] * (2 if operation == "double" else 0), *pieces[at + 1 :]]


@SLOW_TO_DRAW
@given(hypothesmith.from_grammar())
def test_programs_of_the_grammar(text: str) -> None:
    assert_survives({"a.py": text + "\n# wandb\n", "b.py": PREAMBLE + text})


@SLOW_TO_DRAW
@given(hypothesmith.from_node())
def test_programs_of_the_tree(text: str) -> None:
    assert_survives({"a.py": text + "\n# wandb\n", "b.py": PREAMBLE + text})


@pytest.mark.parametrize(
    "strategy", [hypothesmith.from_grammar(), hypothesmith.from_node()], ids=["grammar", "tree"]
)
def test_hypothesmith_still_generates_programs(strategy: st.SearchStrategy[str]) -> None:
    drawn = set()

    @settings(SLOW_TO_DRAW, max_examples=20, database=None)
    @given(strategy)
    def draw(text: str) -> None:
        drawn.add(text)

    draw()
    assert len(drawn) > 5
    assert any(len(text) > 10 for text in drawn)
