"""Facts are plain data: they survive the cache."""

from __future__ import annotations

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings
from msgspec.structs import replace

from tests.syntax.python_positions import library_texts
from wandblint.index import index_file
from wandblint.syntax import read
from wandblint.syntax.result import attempt, decode, encode

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

LIBRARY = library_texts(step=90)


@pytest.mark.parametrize("name", LIBRARY)
def test_round_trip_of_the_standard_library(name: str) -> None:
    _assert_round_trip(name, LIBRARY[name])


@given(hypothesmith.from_grammar())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_round_trip_of_generated_programs(text: str) -> None:
    assume(attempt("x.py", text)[1] is not None)
    _assert_round_trip("x.py", text)


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
def test_deep_facts_can_be_stored(text: str) -> None:
    _assert_round_trip("x.py", text)


def _assert_round_trip(name: str, text: str) -> None:
    result, _ = attempt(name, text, with_index=True)
    decoded = decode(encode(result))
    assert decoded == result
    assert decoded.facts("moved.py") == replace(read(name, text), path="moved.py")
    assert decoded.index == index_file(read(name, text), text)
