"""Positions are exact: those of Python itself, on real and generated programs."""

from __future__ import annotations

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.syntax.python_positions import (
    evaluated_calls,
    library_texts,
    positions_of_facts,
    positions_of_python,
    python_tree,
)
from wandblint.syntax import ParseError, read

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

LIBRARY = library_texts(step=30)
suppressed = list(HealthCheck)


def check_positions(text: str) -> None:
    """Asserts that Python gives each position to the same kind of expression, and that no call is lost."""
    positions = list(positions_of_facts(read("x.py", text).body))
    assert set(positions) - positions_of_python(text) == set()
    assert sum(kind == "Call" for kind, _, _ in positions) == evaluated_calls(text)


@pytest.mark.parametrize("name", LIBRARY)
def test_positions_in_the_standard_library(name: str) -> None:
    check_positions(LIBRARY[name])


@given(hypothesmith.from_grammar())
@settings(max_examples=60, suppress_health_check=suppressed)
def test_positions_in_programs_from_the_grammar(text: str) -> None:
    check_generated(text)


@given(hypothesmith.from_node())
@settings(max_examples=20, suppress_health_check=suppressed)  # such programs take long to generate
def test_positions_in_programs_from_nodes(text: str) -> None:
    check_generated(text)


def check_generated(text: str) -> None:
    """Asserts the same of a generated text, where Python can parse it."""
    try:
        python_tree(text)
        read("x.py", text)
    except (SyntaxError, ParseError, ValueError):
        assume(False)
    check_positions(text)
