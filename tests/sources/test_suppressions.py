"""Comments that suppress findings, and the rows that they reach."""

from __future__ import annotations

import hypothesmith
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wandblint.sources.suppressions import Kind, Statements, Suppression, parse
from wandblint.sources.text import Lines
from wandblint.syntax import ParseError, read


def suppressions(text: str) -> list[Suppression]:
    return parse(text, Lines(text))


def selectors(text: str) -> list[list[str] | None]:
    return [
        None if suppression.selectors is None else [selector.text for selector in suppression.selectors]
        for suppression in suppressions(text)
    ]


@pytest.mark.parametrize(
    ("comment", "kind", "expected"),
    [
        ("# wandblint: ignore[WB101]", Kind.STATEMENT, ["WB101"]),
        (
            "# wandblint: ignore[WB101, reinit-bool] the agent opens one",
            Kind.STATEMENT,
            ["WB101", "reinit-bool"],
        ),
        ("#wandblint:ignore [ WB1 ,,ALL ]", Kind.STATEMENT, ["WB1", "ALL"]),
        ("# type: ignore  # wandblint: ignore[WB101]", Kind.STATEMENT, ["WB101"]),
        ("# wandblint: ignore-file[WB101]", Kind.FILE, ["WB101"]),
        ("# wandblint: ignore-file", Kind.FILE, None),
        ("# noqa", Kind.NOQA, None),
        ("# NOQA", Kind.NOQA, None),
        ("# noqa because it is short", Kind.NOQA, None),
        ("# noqa: wb101,E501 W291 and why", Kind.NOQA, ["WB101", "E501", "W291"]),
        ("# pragma: no cover # noqa : WB101", Kind.NOQA, ["WB101"]),
        ("# noqa:WB101", Kind.NOQA, ["WB101"]),
        ("# noqa: it is needed", Kind.NOQA, None),
    ],
)
def test_spellings(comment: str, kind: Kind, expected: list[str] | None) -> None:
    (suppression,) = suppressions(comment)
    assert (suppression.kind, suppression.mistake, suppression.row) == (kind, None, 1)
    assert selectors(comment) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "# wandblint: ignored[WB101]",
        "# wandblint: ignore-files",
        "# wandblint ignore[WB101]",
        "# flake8: noqa",
        "# noqable",
        'x = "# wandblint: ignore[WB101]"',
        '"""\n# noqa\n# wandblint: ignore-file\n"""',
        "f'{x!r:# noqa}'",
    ],
)
def test_text_that_only_looks_like_a_suppression(text: str) -> None:
    assert suppressions(text) == []


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("x = 1  # wandblint: ignore", "`ignore` needs the codes or names of rules"),
        ("x = 1  # wandblint: ignore[]", "`ignore` needs the codes or names of rules"),
        ("# wandblint: ignore-file[ , ]", "`ignore-file` needs the codes or names of rules"),
        ("x = 1  # wandblint: ignore[WB101", "its bracket is not closed"),
        ("x = 1  # wandblint: ignore-file[WB101]", "`ignore-file` needs its own line"),
    ],
)
def test_mistakes(text: str, mistake: str) -> None:
    (suppression,) = suppressions(text)
    assert suppression.mistake == mistake
    assert text[suppression.start : suppression.end].startswith("# wandblint: ignore")


def test_several_in_one_comment() -> None:
    text = "x = 1  # wandblint: ignore[WB101]  # wandblint: ignore[WB002]  # noqa: E501"
    assert selectors(text) == [["WB101"], ["WB002"], ["E501"]]


def test_invalid_python() -> None:
    assert selectors("def f(:  # wandblint: ignore[WB001]\n  'a\n'''\n") == [["WB001"]]


def test_a_text_that_is_nested_too_deeply() -> None:
    assert suppressions("# noqa\n" + "f'{" * 300) == []


WORDS = st.text(st.sampled_from("abWB109-_ "), min_size=1).map(str.strip).filter(bool)


@given(
    st.lists(WORDS, min_size=1),
    st.text(st.characters(exclude_characters="\r\n", codec="utf-8")),
    st.booleans(),
)
def test_selectors_have_their_positions(words: list[str], reason: str, whole_file: bool) -> None:
    comment = f"# wandblint: ignore{'-file' * whole_file}[{', '.join(words)}] {reason}"
    text = f"\u00e9 = 1\r\n{comment}\r\n"
    suppression = suppressions(text)[0]
    assert suppression.selectors is not None
    assert [selector.text for selector in suppression.selectors] == words
    assert [text[selector.start : selector.end] for selector in suppression.selectors] == words
    assert (suppression.row, suppression.kind) == (2, Kind.FILE if whole_file else Kind.STATEMENT)


PIECES = [*"#:[], \n'\"{}f", "# wandblint:", "ignore", "-file", "# noqa", "WB101"]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_can_be_scanned(text: str) -> None:
    for suppression in suppressions(text):
        assert text[suppression.start] == "#"
        assert Lines(text).position(suppression.start)[0] == suppression.row
        assert all(text[s.start : s.end].upper() == s.text.upper() for s in suppression.selectors or ())


CODE = """\
@decorate(
    name="fit",
)
def fit(run):
    with (
        run,
    ):
        run.log(
            {"loss": 1},
        )
    try:
        a = 1; b = 2
    except (
        KeyError,
    ):
        pass
    match run:
        case (
            None
        ):
            return '''
            '''
    if run: log(
        run)
    # between
    elif (
        other):
        pass

"""


@pytest.mark.parametrize(
    ("row", "rows"),
    [
        (1, range(1, 5)),
        (3, range(1, 5)),
        (6, range(5, 8)),
        (9, range(8, 11)),
        (11, range(11, 12)),
        (12, range(12, 13)),
        (14, range(13, 16)),
        (16, range(16, 17)),
        (19, range(18, 21)),
        (22, range(21, 23)),
        (24, range(23, 25)),
        (25, range(25, 26)),
        (27, range(26, 28)),
        (29, range(29, 30)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_rows_that_belong_together(row: int, rows: range, newline: str) -> None:
    text = CODE.replace("\n", newline)
    lines = Lines(text)
    statements = Statements(read("a.py", text), lines)
    indent = len(lines.line(row)) - len(lines.line(row).lstrip())
    for column in {indent + 1, len(lines.line(row)) + 1}:
        assert statements.rows(lines.offset(row, column)) == rows


def test_without_facts_a_row_stands_alone() -> None:
    lines = Lines("f(\n")
    assert Statements(None, lines).rows(2) == range(1, 2)


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(suppress_health_check=list(HealthCheck), max_examples=50)
@given(hypothesmith.from_grammar())
def test_every_offset_is_in_its_rows(text: str) -> None:
    try:
        facts = read("a.py", text)
    except ParseError:
        return
    lines = Lines(text)
    statements = Statements(facts, lines)
    for offset in range(len(text) + 1):
        assert lines.position(offset)[0] in statements.rows(offset)
