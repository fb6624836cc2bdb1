"""Places are exact: those that Python itself gives, on real and on generated programs."""

from __future__ import annotations

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.syntax.places import (
    calls_that_matter,
    library_texts,
    places_of_facts,
    places_of_python,
    python_tree,
)
from wandblint.syntax import ParseError, read

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

LIBRARY = library_texts(step=30)
suppressed = list(HealthCheck)


def check_places(text: str) -> None:
    """Each place is one that Python gives to the same kind of expression, and no call is lost."""
    found = list(places_of_facts(read("x.py", text).body))
    assert set(found) - places_of_python(text) == set()
    assert sum(kind == "Call" for kind, _, _ in found) == calls_that_matter(text)


@pytest.mark.parametrize("name", LIBRARY)
def test_places_in_the_standard_library(name: str) -> None:
    check_places(LIBRARY[name])


@given(hypothesmith.from_grammar())
@settings(max_examples=60, suppress_health_check=suppressed)
def test_places_in_programs_from_the_grammar(text: str) -> None:
    check_generated(text)


@given(hypothesmith.from_node())
@settings(max_examples=20, suppress_health_check=suppressed)  # such programs take long to generate
def test_places_in_programs_from_nodes(text: str) -> None:
    check_generated(text)


def check_generated(text: str) -> None:
    """The places, where Python can parse what was generated."""
    try:
        python_tree(text)
        read("x.py", text)
    except (SyntaxError, ParseError, ValueError):
        assume(False)
    check_places(text)
