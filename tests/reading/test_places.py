"""Places are exact: those that Python itself gives, on real and on generated programs."""

from __future__ import annotations

import hypothesmith
import libcst as cst
import pytest
from hypothesis import HealthCheck, assume, given, settings

from tests.reading.places import (
    calls_that_matter,
    library_texts,
    places_of_facts,
    places_of_python,
    python_tree,
)
from wandblint.facts import FileFacts
from wandblint.reading import SyntaxProblem, module
from wandblint.reading.quick import read_quickly
from wandblint.reading.tree_tokens import TreeTokens
from wandblint.sources.tokens import Tokens, tokens

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

LIBRARY = library_texts(step=30)
suppressed = list(HealthCheck)


def read_without_fallback(text: str) -> FileFacts:
    """The facts, read with the tokens of the text."""

    def fail(_: cst.Module) -> TreeTokens:
        pytest.fail("the tokens of the text are out of step with the tree")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TreeTokens", fail)
        return module.read_module("x.py", text)


def check_places(text: str) -> None:
    """Each place is one that Python gives to the same kind of expression, and no call is lost."""
    found = list(places_of_facts(read_without_fallback(text).body))
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
    """The places, where both Python and LibCST can parse what was generated."""
    try:
        python_tree(text)
        module.read_module("x.py", text)
    except (SyntaxError, SyntaxProblem, ValueError):
        assume(False)
    check_places(text)
    assert read_quickly("x.py", text) == module.read_module("x.py", text)


def test_the_tokens_of_the_tree_are_those_of_the_text() -> None:
    for text in LIBRARY.values():
        in_text = tokens(text)
        in_tree = TreeTokens(cst.parse_module(text))(0, len(text))
        assert _places(in_tree) == _places(in_text)


def _places(found: Tokens) -> list[tuple[str, int, int]]:
    """Without `...`, which LibCST's trees see as three dots in an import."""
    places = zip(found.texts, found.starts, found.ends, strict=True)
    return [place for place in places if place[0] != "..."]


@pytest.mark.parametrize(
    "text",
    [
        "x = f(1)\n",
        "from ...a import b\nx = (f'a{b!r:>{c}}{d}' 'e')  # '\n@a\ndef f(*, b=-1): return b,\n",
        "if a:\n\tx = not f'''{a[1:2, ...]}'''\n",
    ],
)
def test_the_tree_tells_the_tokens_where_the_text_misleads(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = read_without_fallback(text)
    monkeypatch.setattr(module, "tokens", lambda *_: Tokens([], [""], [0], [0]))
    assert module.read_module("x.py", text) == facts
