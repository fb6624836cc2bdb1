"""Both readers give the same facts, places included."""

from __future__ import annotations

import re
from pathlib import Path

import hypothesmith
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.reading.places import library_texts
from tests.reading.readers import read_by_both
from wandblint.facts import FileFacts
from wandblint.reading import SyntaxProblem, read
from wandblint.reading.module import read_module
from wandblint.reading.quick import read_quickly

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")  # of what hypothesmith compiles

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "rules").glob("*.md"))
FENCED = re.compile(r"^```python[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
LIBRARY = library_texts(step=25)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_examples_of_a_rule(page: Path) -> None:
    examples = FENCED.findall(page.read_text("utf-8"))
    assert examples
    for example in examples:
        try:
            facts = read_module("x.py", example)
        except SyntaxProblem:  # an example of that
            facts = None
        assert read_quickly("x.py", example) == facts


@pytest.mark.parametrize("folder", ["wandblint", "rules", "tests"])
def test_our_own_sources(folder: str) -> None:
    files = sorted((ROOT / folder).rglob("*.py"))
    assert files
    for file in files:
        assert read_by_both(file.read_text("utf-8")).body is not None


@pytest.mark.parametrize("name", LIBRARY)
def test_the_standard_library(name: str) -> None:
    assert isinstance(read_by_both(LIBRARY[name]), FileFacts)


@given(hypothesmith.from_grammar())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_programs_from_the_grammar(text: str) -> None:
    try:
        facts = read_module("x.py", text)
    except SyntaxProblem:
        assume(False)
    assert read_quickly("x.py", text) in (None, facts)


# `·` is a gap inside brackets, where lines may end and comments stand; `~` is one outside of them.
LOOSE = [
    "x~=~f~(·(·(·a·)·)·,·*·b·,·k·=·(·c·)·,·**·d·)~.~e~[·(·1·)·:·(·2·)·]",
    "x~=~(·f·)·(·(·é·)·)·(·)·[·(·a·)·,·*·b·,·]",
    "x~=~f~(·(·a·)·for·(·b·)·in·(·c·)·if·(·d·)·if·e·for·g·in·(·h·)·)",
    "x~=~f~(·(·(·a·)·for·b·in·c·)·)",
    "x~=~{·(·a·)·:·(·b·)·,·**·(·c·)·,·d·:·lambda·é·=·(·1·)·,·*·e·:·(·e·)·,·}",
    "x~=~[·(·a·)·async for·b·in·c·if·not·(·d·)·]~,~{·a·:·(·b·)·for·a·in·(·b·)·}~,",
    "x~=~-~(·1·)~,~(·a·)~and~(·b·)~,~(·yield·)~,~'é'~,~(·é·:=·(·b·)·)",
    "x~=~'é'~f'{~é~.~b~!r:>{~(~a~)~}}'~f'{x=}'~'b'",
    "x~=~(·'é'·f'''{·(·a·)·.·b·(·c·)·}{·a·[·'b'·]·:·{·d·(·)·}·}'''·'b'·)",
    "if~(·a·)~:~pass",
    "while~(·a·)~.~b~:~pass",
    "for~(·a·)~,~b~in~(·c·)~,~:~pass",
    "with~(·a·)~:~pass",
    "with~(·(·a·)·)~:~pass",
    "with~(·(·a·)·as·b·,·(·c·)·,·)~:~pass",
    "with~(·a·)~as~(·b·)~,~(·c·)~:~pass",
    "with~(·yield·)~:~pass",
    "with~(·(·a·:=·b·)·)~:~pass",
    "with~(·a·,·b·)~as~c~:~pass",
    "with~(·a·)~.~b~,~(·c·)~(·d·)~:~pass",
    "try~:~pass\nexcept~(·é·)~as~é~:~pass\nexcept~(·a·,·b·)~:~pass\nexcept~:~pass",
    "@~a~.~b~(·c·)\n@~(·d·)\ndef~é~(·)~:~pass",
    "def~f~(·a·,·/·,·b·:·(·c·)·=·(·d·)·,·*·e·,·g·=·(·1·)·,·**·h·)~:~pass",
    "def~f~(·a·=·(·(·b·)·)·)~->~(·c·)~:~pass",
    "def~f~(·*·,·a·,·)~:~pass",
    "class~é~(·(·a·)·,·*·b·,·k·=·(·c·)·,·)~:~pass",
    "class~A~:~pass",
    "class~A~(·)~:~pass",
    "match~(·a·)~:\n case~(·1·)~|~(·'é'·)~if~(·b·)~:~pass\n case~(·é·)~,~:~pass",
    "match~a~,~:\n case~[·(·1·)·,·*·_·]~:~pass\n case~{·'a'·:·(·b·)·,·**·c·}~:~pass",
    "del~(·a·,·b·)",
    "del~(·a·)~,",
    "return~(·a·)~,~*~b~,",
    "raise~(·a·)~from~(·b·)",
    "from~.~a~import~(·b·as·c·,·)",
]
OUTSIDE = ["", " ", "\t", "\f", "\\\n", " \\\r\n "]
INSIDE = [*OUTSIDE, "\n", "\r", " # )(,:]} case @ * é\n", "#(\r\n", "\n\n"]


@pytest.mark.parametrize("loose", LOOSE)
@given(st.data())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_gaps(loose: str, data: st.DataObject) -> None:
    text = re.sub(
        r"(\w?)([·~])(\w?)",
        lambda gap: _filled(gap, data.draw(st.sampled_from(INSIDE if gap[2] == "·" else OUTSIDE))),
        loose,
    )
    facts = read_quickly("x.py", text)
    try:
        expected = read_module("x.py", text)
    except SyntaxProblem:
        assume(False)
    assert facts in (None, expected)


def _filled(gap: re.Match[str], blank: str) -> str:
    """The gap with a blank, between words with one at least."""
    if gap[1] and gap[3] and not blank.strip("\f"):
        blank += " "
    return gap[1] + blank + gap[3]


@pytest.mark.parametrize("loose", LOOSE)
def test_gaps_are_read_quickly(loose: str) -> None:
    """So that the test above does not compare nothing."""
    text = loose.replace("~", " ").replace("·", " ")
    assert read_by_both(text).body or "pass" in text


def test_what_the_quick_reader_leaves() -> None:
    """A tuple in a field that goes over several lines: whose parentheses are whose cannot be told."""
    text = "x = f'''{\n  a,\n  b\n}'''\n"
    assert read_quickly("x.py", text) is None
    assert read("x.py", text) == read_module("x.py", text)


def test_what_only_the_quick_reader_knows() -> None:
    """LibCST refuses parentheses around what is annotated."""
    assert read("x.py", "(x): int = 1\n") == read_quickly("x.py", "(x): int = 1\n")
