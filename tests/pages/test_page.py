"""Markdown parsed as the page of a rule."""

from __future__ import annotations

import pytest

from wandblint.pages.markdown import PageError
from wandblint.pages.page import SECTIONS, Expectation, parse

HEAD = "# WB101 reinit-bool\n\n**warning** · It is deprecated\n"
FILE = '```python title="{path}"\n{text}\n```\n'


def page(*parts: str) -> str:
    return "\n".join([HEAD, *parts])


def file(path: str, text: str) -> str:
    return FILE.format(path=path, text=text)


def test_the_header_of_a_page() -> None:
    parsed = parse(page(*(f"## {section}\n\nText.\n" for section in SECTIONS)))
    assert (parsed.code, parsed.name, parsed.severity) == ("WB101", "reinit-bool", "warning")
    assert parsed.summary == "It is deprecated"
    assert parsed.sections == SECTIONS
    assert parsed.cases == ()


def test_a_case_of_several_files() -> None:
    text = page(
        "## Cases\n### two files\nSome prose.",
        file("a.py", 'f()  # error: WB101 "is finished"\n# a comment, not a heading'),
        file("lib/b.py", ""),
    )
    (case,) = parse(text).cases
    assert case.name == "two files"
    assert case.files == {"a.py": "f()\n# a comment, not a heading\n", "lib/b.py": "\n"}
    assert case.expected == (Expectation("a.py", 1, "WB101", "is finished"),)
    assert case.is_exact


def test_an_empty_file_is_empty() -> None:
    (case,) = parse(page('## Cases\n### empty\n```python title="a.py"\n```')).cases
    assert case.files == {"a.py": ""}


def test_several_marks_on_a_line() -> None:
    text = 'f()  # a note  # error: WB101 "one"  # error: WB202 "two"'
    (case,) = parse(page("## Cases\n### marks", file("a.py", text))).cases
    assert case.files == {"a.py": "f()  # a note\n"}
    assert [(mark.code, mark.words) for mark in case.expected] == [("WB101", "one"), ("WB202", "two")]


def test_after_fix() -> None:
    text = page(
        "## Cases\n### fixed",
        file("a.py", "f()"),
        "#### After --fix\n",
        file("a.py", "g()"),
        "#### After --fix --unsafe-fixes\n",
        file("a.py", "h()"),
    )
    (case,) = parse(text).cases
    assert (case.files, case.after_fix, case.after_unsafe_fix) == (
        {"a.py": "f()\n"},
        {"a.py": "g()\n"},
        {"a.py": "h()\n"},
    )


def test_the_examples_of_the_prose_are_cases() -> None:
    text = page(
        "## Example\n```python\nf()\n```\n```python\ng()\n```\n```console\n$ f\n```",
        "## Use instead",
        file("a.py", "f()"),
        file("b.py", "g()"),
    )
    cases = parse(text).cases
    assert [(case.name, case.files, case.is_exact) for case in cases] == [
        ("Example", {"example.py": "f()\n"}, False),
        ("Example 2", {"example.py": "g()\n"}, False),
        ("Use instead", {"a.py": "f()\n", "b.py": "g()\n"}, True),
    ]


def test_a_marked_example_is_exact() -> None:
    (case,) = parse(page('## Example\n```python\nf()  # error: WB101 "closes"\n```')).cases
    assert case.is_exact


def test_a_fence_of_four_holds_one_of_three() -> None:
    text = page('## Cases\n### nested\n````python title="a.py"\n"""\n```\n"""\n````')
    (case,) = parse(text).cases
    assert case.files == {"a.py": '"""\n```\n"""\n'}


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("", 1, "the first line must be"),
        ("## WB101 reinit-bool", 1, "the first line must be"),
        ("# WB101 reinit-bool\n\n## What it does", 3, r"must be `\*\*severity\*\* · summary`"),
        ("# WB101 reinit-bool\n\nsomething else", 3, r"must be `\*\*severity\*\* · summary`"),
        (page("## Cases\n### none"), 6, "case `none` has no files"),
        (page("## Cases", file("a.py", "f()")), 6, "a fence before the first"),
        (page("## Cases\n### a\n#### Later"), 7, "`Later` is neither a case nor"),
        (page("## Cases\n### a\n```python\nf()\n```"), 7, "has no title"),
        (page("## Cases\n### a\n```python tilte='a.py'\nf()\n```"), 7, "a fence opens with"),
        (page("## Cases\n### a\n```python"), 7, "the fence is not closed"),
        (page("## Cases\n### a\n```python\nf()\n", file("b.py", "")), 7, "the fence is not closed"),
        (page("## Cases\n### a", file("../a.py", "f()")), 7, "not a path inside the project"),
        (page("## Cases\n### a", file("a.py", ""), file("a.py", "")), 11, "two files called `a.py`"),
        (
            page("## Cases\n### a", file("a.py", ""), "### a", file("a.py", "")),
            11,
            "two cases are called `a`",
        ),
        (page("## Cases\n### a", file("a.py", "\nf()  # error: WB101 is finished")), 9, "a mark must read"),
        (page("## Cases\n### a", file("a.py", 'f()  # error: WB101 "x" # note')), 8, "a mark must read"),
        (
            page(
                "## Cases\n### a",
                file("a.py", ""),
                "#### After --fix\n",
                file("a.py", 'f()  # error: WB101 "x"'),
            ),
            6,
            "marks findings after the fix",
        ),
    ],
)
def test_invalid_pages(text: str, row: int, message: str) -> None:
    with pytest.raises(PageError, match=message) as caught:
        parse(text)
    assert caught.value.row == row
