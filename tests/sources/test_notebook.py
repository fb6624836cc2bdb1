"""Notebooks: one text from the cells, and edits back into the JSON that change no other byte."""

from __future__ import annotations

import json
from typing import Any

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.sources.decoding import Undecodable
from wandblint.sources.edits import Edit, UnplaceableError, diff_edits
from wandblint.sources.notebook import edit_notebook, parse_notebook


def code(*lines: str, **more: Any) -> dict[str, Any]:
    """A code cell of a list of lines, as Jupyter writes it."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": ['"source": ["\u00e9"]\n']}]
    return {"cell_type": "code", "id": "c-1", "metadata": {}, "outputs": outputs, "source": [*lines], **more}


def written(*cells: dict[str, Any], language: str = "python", **layout: Any) -> str:
    kernel = {"kernelspec": {"language": language, "name": "k"}}
    document = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, **{"indent": 1, "ensure_ascii": False, **layout}) + "\n"


MARKDOWN = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["x = 1\n"]}


def test_the_code_of_all_cells_is_one_text() -> None:
    text = written(
        MARKDOWN, code("%cd x\n", "a = 1"), code(), code("b = 2\n"), code(source="c = '\\u00e9'\nd")
    )
    source = parse_notebook(text)
    assert source.text == "_#d x\na = 1\nb = 2\nc = '\\u00e9'\nd\n"
    assert source.written == source.text.replace("_#d", "%cd")
    assert [(cell.number, source.written[cell.start : cell.end]) for cell in source.cells] == [
        (2, "%cd x\na = 1"),
        (4, "b = 2\n"),
        (5, "c = '\\u00e9'\nd"),
    ]
    at = source.text.index("b = 2")
    assert "b = 2" in text.split("\n")[source.file_row(at) - 1]


@pytest.mark.parametrize(
    "cell",
    [
        "    a = 1\n    b = 2",
        "\n  \n\tfor a in b:\n\t\tc\n\td",
        "  # why\n\n  a = 1\n",
        "    !ls\n    a = 1",
        "  a = 1\nb = 2",
    ],
)
def test_an_indented_cell_is_valid_as_in_ipython(cell: str) -> None:
    source = parse_notebook(written(code("before\n"), code(source=cell), code("after")))
    assert source.text.startswith("before\nif True:\n")
    cst.parse_module(source.text)
    _, indented, next_cell = source.cells
    assert source.written[indented.start : indented.end] == cell
    assert source.written[next_cell.start :] == "after\n"
    assert len(source.text) == len(source.written)


@pytest.mark.parametrize(
    "cell", ["  # why\na = 1", "a = 1\n  b = 2", "  \n\n", "  # why\n", "# why\n  a = 1"]
)
def test_other_cells_are_unchanged(cell: str) -> None:
    assert parse_notebook(written(code(source=cell))).text.rstrip("\n") == cell.rstrip("\n")


@pytest.mark.parametrize(
    "text",
    ["", " \n", "{}", written(code("x"), language="R"), '{"worksheets": [], "nbformat": 3}', '{"cells": 1}'],
)
def test_documents_without_python(text: str) -> None:
    assert parse_notebook(text).text == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{\n", "not valid JSON: expecting property name enclosed in double quotes in line 2"),
        ("[]", "its JSON is not a notebook"),
        ("[" * 100_000, "its JSON is nested too deeply"),
    ],
)
def test_invalid_notebooks(text: str, why: str) -> None:
    with pytest.raises(Undecodable) as caught:
        parse_notebook(text)
    assert str(caught.value) == why


LAYOUTS = [
    {},
    {"indent": 4},
    {"indent": "\t"},
    {"indent": None, "separators": (",", ":")},
    {"ensure_ascii": True},
]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("is_list", [True, False])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a = 1\nb = 'é'\nc = 3", "a = 1\nb = 'é'  # ignore\nc = 3"),
        ("a = '\\t\"'\nb", "a = '\\t\"', '\\n'\nb"),
        ("a\nb\nc", "a\nb\nnew 1\nnew 2\nc"),
        ("a\nb\nc", "a\nc"),
        ("f(\n  1,\n  2)\nb\n", "f(1, 2)\nb\n"),
        ("a\n", "é😀 = a\n"),
        ("a\nb\n", "a\né😀\nb\n"),
        ("a", "a\nb"),
        ("a\n", "a\nb\n"),
    ],
)
def test_an_edit_is_what_jupyter_would_have_written(
    old: str, new: str, is_list: bool, layout: dict[str, Any]
) -> None:
    def notebook_with(cell: str) -> str:
        source = cell.splitlines(keepends=True) if is_list else cell
        return written(MARKDOWN, code("before"), code(source=source), code("after\n"), **layout)

    text = notebook_with(old)
    source = parse_notebook(text)
    changes = diff_edits(source.text, f"before\n{new}{'' if new.endswith(chr(10)) else chr(10)}after\n")
    assert edit_notebook(text, source, changes) == notebook_with(new)


def test_an_edit_of_two_cells_is_refused() -> None:
    text = written(code("a\n"), code("b"))
    source = parse_notebook(text)
    with pytest.raises(UnplaceableError):
        edit_notebook(text, source, diff_edits(source.text, "one\n"))


@given(st.lists(st.text(st.characters(codec="utf-8")), min_size=1), st.data())
def test_any_edit_of_a_cell_round_trips(lines: list[str], data: st.DataObject) -> None:
    text = written(code(*lines, "\n"), ensure_ascii=data.draw(st.booleans()))
    source = parse_notebook(text)
    cell = source.cells[0]
    start = data.draw(st.integers(cell.start, cell.end))
    end = data.draw(st.integers(start, cell.end))
    new = data.draw(st.text(st.characters(codec="utf-8")))
    changed = edit_notebook(text, source, [Edit(start, end, new)])
    (changed_cell,) = (cell for cell in json.loads(changed)["cells"])
    assert (
        "".join(changed_cell["source"])
        == source.written[cell.start : start] + new + source.written[end : cell.end]
    )
