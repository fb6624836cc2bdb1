"""Facts are plain data: they survive the cache."""

from __future__ import annotations

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.reading.places import library_texts
from wandblint.reading import SyntaxProblem, read
from wandblint.reading.result import Reading, decode, encode

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

LIBRARY = library_texts(step=90)


@pytest.mark.parametrize("name", LIBRARY)
def test_round_trip_of_the_standard_library(name: str) -> None:
    facts = read(name, LIBRARY[name])
    assert decode(encode(Reading(facts))).facts == facts


@given(hypothesmith.from_grammar())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_round_trip_of_generated_programs(text: str) -> None:
    try:
        facts = read("x.py", text)
    except SyntaxProblem:
        assume(False)
    assert decode(encode(Reading(facts))).facts == facts


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "".join(f"a{n} + " for n in range(400)) + "1",
        "x" + ".a()" * 200,
        "if a: pass\n" + "elif b: pass\n" * 250,
        "x = " + "[" * 150 + "]" * 150,
        "x = " + "f(a=" * 100 + "1" + ")" * 100,
        "\n".join(" " * depth + "if a:" for depth in range(60)) + " pass",
    ],
    ids=lambda text: text[:20],
)
def test_what_can_be_read_can_be_stored(text: str) -> None:
    facts = read("x.py", text)
    assert decode(encode(Reading(facts))).facts == facts
