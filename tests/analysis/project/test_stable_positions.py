"""Places that do not move: what stood in a file before is told as it was told, wherever it stands now."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.projects import FilesInMemory
from wandblint import facts
from wandblint.analysis.project.stable_positions import PositionMap, StablePositions
from wandblint.index.walk import walk

FILE = "tools.py"

BEFORE = """import os


def first(run):
    run.log({"a": 1})


@decorated
def second(run):
    return run


LAST = 1
"""

STATEMENTS = [
    "import os",
    "import os, sys",
    "x = 1; y = 2",
    "def first(run):\n    run.log({'a': 1})",
    "@decorated\ndef second(run):\n    return run",
    "class Third:\n    def log(self, run):\n        run.log({'c': 3})  # a note",
    "if x:\n    import wandb\nelse:\n    wandb = None",
    "'a text'",
    "# only a comment",
    "",
]


def layout_of(text: str, before: PositionMap | None = None) -> PositionMap:
    return places(text, before).position_maps([FILE])[FILE]


def places(text: str, before: PositionMap | None = None) -> StablePositions:
    return StablePositions(FilesInMemory({FILE: text}), {} if before is None else {FILE: before})


def functions(found: StablePositions) -> dict[str, int]:
    """Where each function is told to start."""
    file = found.facts(FILE)
    assert file is not None
    return {node.name: node.start for node in walk(*file.body) if isinstance(node, facts.Function)}


def test_what_stands_further_down_now_is_told_where_it_was() -> None:
    after = places("import sys\n" + BEFORE, layout_of(BEFORE))

    assert functions(after) == functions(places(BEFORE))


def test_what_has_changed_gets_a_place_that_nothing_had() -> None:
    before = layout_of(BEFORE)
    after = places(BEFORE.replace('"a"', '"b"'), before)

    assert functions(after)["second"] == functions(places(BEFORE))["second"]
    assert functions(after)["first"] >= before.end


def test_what_is_taken_back_is_new_once_more() -> None:
    before = layout_of(BEFORE)
    between = layout_of(BEFORE.replace('"a"', '"b"'), before)
    after = places(BEFORE, between)

    assert functions(after)["first"] >= between.end
    assert functions(after)["second"] == functions(places(BEFORE))["second"]


def test_functions_that_change_places_keep_those_that_are_told() -> None:
    top, first, second, last = BEFORE.split("\n\n\n")
    after = places("\n\n\n".join([top, second, first, last]), layout_of(BEFORE))
    told = functions(after)

    assert told == functions(places(BEFORE))
    ordered = sorted(told, key=lambda name: after.source_order(FILE, told[name]))
    assert ordered == ["second", "first"]


def test_comments_between_statements_make_no_difference() -> None:
    text = BEFORE.replace("\n\n\n@decorated", "\n\n# a comment\n\n@decorated")

    assert functions(places(text, layout_of(BEFORE))) == functions(places(BEFORE))


def test_what_is_added_at_the_end_moves_nothing() -> None:
    after = places(f"{BEFORE}\nmore = 2\n", layout_of(BEFORE))

    assert after.facts(FILE) == FilesInMemory({FILE: f"{BEFORE}\nmore = 2\n"}).facts(FILE)
    assert not after.has_moved


def test_the_text_and_the_real_place_of_what_moved() -> None:
    text = "import sys\n" + BEFORE
    after = places(text, layout_of(BEFORE))
    file = after.facts(FILE)
    assert file is not None
    (call,) = [node for node in walk(*file.body) if isinstance(node, facts.Call)]

    assert after.text(FILE, call.start, call.end) == 'run.log({"a": 1})'
    real = after.to_source(FILE, call.start, call.end)
    assert text[real.start : real.end] == 'run.log({"a": 1})'


def test_the_outline_tells_the_same_places_as_the_facts() -> None:
    after = places("import sys\n" + BEFORE, layout_of(BEFORE))
    outline = after.index(FILE)
    assert outline is not None

    assert {name: start for start, (name, _) in outline.functions.items()} == functions(after)
    assert [after.text(FILE, *extent) for extent in outline.log_calls] == ['run.log({"a": 1})']


def test_a_file_that_cannot_be_parsed_has_no_places() -> None:
    after = places("def first(:", layout_of(BEFORE))

    assert after.facts(FILE) is None
    assert after.index(FILE) is None
    assert after.position_maps([FILE]) == {}


def test_the_place_of_a_whole_file_stays() -> None:
    assert places("import sys\n" + BEFORE, layout_of(BEFORE)).to_source(FILE, 0, 0).start == 0


files = st.lists(st.sampled_from(STATEMENTS), max_size=8).map(lambda parts: "\n".join([*parts, ""]))


@given(st.lists(files, min_size=2, max_size=4))
def test_places_are_those_of_the_same_text_over_any_changes(texts: list[str]) -> None:
    layout = layout_of(texts[0])
    for before, text in pairwise(texts):
        after = places(text, layout)
        told = after.facts(FILE)
        real = FilesInMemory({FILE: text}).facts(FILE)
        assert told is not None
        assert real is not None
        for one, other in zip(walk(*told.body), walk(*real.body), strict=True):
            assert after.to_source(FILE, one.start, one.end).start == other.start or one.end == 0
            assert after.text(FILE, one.start, one.end) == text[other.start : other.end]
        starts = [start for start, _ in after.position_maps([FILE])[FILE].statements]
        assert len(set(starts)) == len(starts)
        known = {start for start, _ in layout.statements}
        if text == before:
            assert set(starts) == known
        layout = after.position_maps([FILE])[FILE]
