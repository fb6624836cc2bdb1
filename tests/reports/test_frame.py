"""A mark is under its characters, whatever these are and however narrow the terminal is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.reports.sources import Rows
from wandblint.reports.display import TAB, cells, expand, wrap
from wandblint.reports.frame import MIN_CELLS, Line, marked
from wandblint.reports.location import Location

CHARACTERS = "ab \t(\"'{ä界한字😀e\u0301\u200b\uff57\x1b"
lines = st.text(CHARACTERS, max_size=20) | st.text(CHARACTERS, min_size=30, max_size=120)


@st.composite
def locations(draw: st.DrawFn) -> Location:
    line = draw(lines)
    start = draw(st.integers(0, len(line)) | st.just(len(line)))
    end = draw(st.integers(start, len(line)))
    return Location("a.py", 1, start + 1, 1, end + 1, Rows(line))


def above_mark(line: Line) -> str:
    """The characters of a printed line above its mark."""
    cell, characters = 0, ""
    for character in line.text:
        width = cell_len(character)
        if width and line.start <= cell < line.start + line.length:
            characters += character
        cell += width
    return characters


def visible(text: list[str]) -> str:
    return "".join(character for character in "".join(text) if cell_len(character))


@given(locations())
def test_the_mark_is_under_its_characters(location: Location) -> None:
    source = location.source.line(1)
    printed = marked(location, 10_000, "…")
    assert printed.text == "".join(expand(source))
    expected = visible(expand(source)[location.column - 1 : location.end_column - 1])
    if expected:
        assert above_mark(printed) == expected
    else:
        assert printed.length == 1


@given(locations(), st.integers(MIN_CELLS, 60), st.sampled_from(["…", "..."]))
def test_a_cropped_line_fits_and_keeps_the_beginning_of_its_mark(
    location: Location, room: int, sign: str
) -> None:
    source = location.source.line(1)
    printed = marked(location, room, sign)
    assert cell_len(printed.text) <= room
    assert printed.start + printed.length <= room
    expected = visible(expand(source)[location.column - 1 : location.end_column - 1])
    if expected:
        assert above_mark(printed)
        assert expected.startswith(above_mark(printed))


@given(st.text(CHARACTERS.replace("\t", "")))
def test_cells_are_those_of_a_terminal(text: str) -> None:
    printed = "".join(expand(text))
    assert cells(printed) == cell_len(printed)


@given(lines)
def test_tabs_reach_their_stops(line: str) -> None:
    cell = 0
    for character, printed in zip(line, expand(line), strict=True):
        cell += cells(printed)
        if character == "\t":
            assert cell % TAB == 0
            assert 1 <= cells(printed) <= TAB


@given(st.lists(st.text("ab界", min_size=1, max_size=12), min_size=1), st.integers(12, 40))
def test_wrapped_words_are_all_there_and_fit(words: list[str], width: int) -> None:
    text = " ".join(words)
    wrapped = list(wrap(text, width))
    assert " ".join(wrapped) == text
    assert all(cells(line) <= width for line in wrapped if " " in line)
    assert list(wrap(text, None)) == [text]


@pytest.mark.parametrize(
    ("source", "mark", "printed"),
    [
        ("x = 1", "x", Line("x = 1", 0, 1)),
        ("a" * 30, "aa", Line("a" * 19 + "…", 0, 2)),
        ("x" * 40 + "KEY" + "y" * 40, "KEY", Line("…" + "x" * 7 + "KEY" + "y" * 8 + "…", 8, 3)),
        ("x" * 40 + "KEY" + "y" * 3, "KEY", Line("…" + "x" * 13 + "KEYyyy", 14, 3)),
        ("b" * 40 + "K" * 40, "K" * 40, Line("…" + "K" * 18 + "…", 1, 18)),
    ],
)
def test_cropping(source: str, mark: str, printed: Line) -> None:
    start = source.index(mark) + 1
    assert marked(Location("a.py", 1, start, 1, start + len(mark), Rows(source)), 20, "…") == printed
