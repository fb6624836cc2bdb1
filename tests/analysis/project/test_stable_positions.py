"""Stable positions: a statement keeps its position when it moves inside its file."""

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


def position_map(text: str, before: PositionMap | None = None) -> PositionMap:
    return stable_positions(text, before).position_maps([FILE])[FILE]


def stable_positions(text: str, before: PositionMap | None = None) -> StablePositions:
    return StablePositions(FilesInMemory({FILE: text}), {} if before is None else {FILE: before})


def functions(positions: StablePositions) -> dict[str, int]:
    """The stable start of each function."""
    file = positions.facts(FILE)
    assert file is not None
    return {node.name: node.start for node in walk(*file.body) if isinstance(node, facts.FunctionDef)}


def test_a_statement_that_moved_down_keeps_its_position() -> None:
    after = stable_positions("import sys\n" + BEFORE, position_map(BEFORE))

    assert functions(after) == functions(stable_positions(BEFORE))


def test_a_changed_statement_gets_an_unused_position() -> None:
    before = position_map(BEFORE)
    after = stable_positions(BEFORE.replace('"a"', '"b"'), before)

    assert functions(after)["second"] == functions(stable_positions(BEFORE))["second"]
    assert functions(after)["first"] >= before.end


def test_a_reverted_statement_gets_another_unused_position() -> None:
    before = position_map(BEFORE)
    between = position_map(BEFORE.replace('"a"', '"b"'), before)
    after = stable_positions(BEFORE, between)

    assert functions(after)["first"] >= between.end
    assert functions(after)["second"] == functions(stable_positions(BEFORE))["second"]


def test_functions_that_swap_keep_their_positions() -> None:
    top, first, second, last = BEFORE.split("\n\n\n")
    after = stable_positions("\n\n\n".join([top, second, first, last]), position_map(BEFORE))
    starts = functions(after)

    assert starts == functions(stable_positions(BEFORE))
    ordered = sorted(starts, key=lambda name: after.source_order(FILE, starts[name]))
    assert ordered == ["second", "first"]


def test_comments_between_statements_make_no_difference() -> None:
    text = BEFORE.replace("\n\n\n@decorated", "\n\n# a comment\n\n@decorated")

    assert functions(stable_positions(text, position_map(BEFORE))) == functions(stable_positions(BEFORE))


def test_a_statement_added_at_the_end_moves_nothing() -> None:
    after = stable_positions(f"{BEFORE}\nmore = 2\n", position_map(BEFORE))

    assert after.facts(FILE) == FilesInMemory({FILE: f"{BEFORE}\nmore = 2\n"}).facts(FILE)
    assert not after.has_moved


def test_the_text_and_the_source_position_of_a_moved_call() -> None:
    text = "import sys\n" + BEFORE
    after = stable_positions(text, position_map(BEFORE))
    file = after.facts(FILE)
    assert file is not None
    (call,) = [node for node in walk(*file.body) if isinstance(node, facts.Call)]

    assert after.text(FILE, call.start, call.end) == 'run.log({"a": 1})'
    source_span = after.to_source(FILE, call.start, call.end)
    assert text[source_span.start : source_span.end] == 'run.log({"a": 1})'


def test_the_index_has_the_positions_of_the_facts() -> None:
    after = stable_positions("import sys\n" + BEFORE, position_map(BEFORE))
    index = after.index(FILE)
    assert index is not None

    assert {name: start for start, (name, _) in index.functions.items()} == functions(after)
    assert [after.text(FILE, *extent) for extent in index.log_calls] == ['run.log({"a": 1})']


def test_a_file_that_cannot_be_parsed_has_no_positions() -> None:
    after = stable_positions("def first(:", position_map(BEFORE))

    assert after.facts(FILE) is None
    assert after.index(FILE) is None
    assert after.position_maps([FILE]) == {}


def test_the_position_of_a_whole_file_is_fixed() -> None:
    assert stable_positions("import sys\n" + BEFORE, position_map(BEFORE)).to_source(FILE, 0, 0).start == 0


files = st.lists(st.sampled_from(STATEMENTS), max_size=8).map(lambda statements: "\n".join([*statements, ""]))


@given(st.lists(files, min_size=2, max_size=4))
def test_positions_map_back_to_the_text_after_random_changes(texts: list[str]) -> None:
    known = position_map(texts[0])
    for before, text in pairwise(texts):
        after = stable_positions(text, known)
        stable = after.facts(FILE)
        source = FilesInMemory({FILE: text}).facts(FILE)
        assert stable is not None
        assert source is not None
        for stable_node, source_node in zip(walk(*stable.body), walk(*source.body), strict=True):
            assert (
                after.to_source(FILE, stable_node.start, stable_node.end).start == source_node.start
                or stable_node.end == 0
            )
            assert (
                after.text(FILE, stable_node.start, stable_node.end)
                == text[source_node.start : source_node.end]
            )
        starts = [start for start, _ in after.position_maps([FILE])[FILE].statements]
        assert len(set(starts)) == len(starts)
        known_starts = {start for start, _ in known.statements}
        if text == before:
            assert set(starts) == known_starts
        known = after.position_maps([FILE])[FILE]
