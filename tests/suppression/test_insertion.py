"""Suppressions written into files work and change no code."""

from __future__ import annotations

import contextlib
import io
import tokenize
from pathlib import Path

import pytest

from tests.cli.programs import write
from tests.rules.test_pages import PAGES
from wandblint.cli import main
from wandblint.pages.page import Case, Page
from wandblint.suppression.insertion import with_ignore

COMMENTS = (tokenize.COMMENT, tokenize.NL)


def code(text: str) -> list[tuple[int, str]]:
    """The tokens that Python runs, up to the first syntax error of the tokenizer."""
    tokens: list[tuple[int, str]] = []
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        tokens.extend(
            (token.type, token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type not in COMMENTS
        )
    return tokens


def python_files(case: Case) -> dict[str, str]:
    return {name: text for name, text in case.files.items() if name.endswith(".py")}


PAGES_OF_CODE = [page for rule, page in PAGES if rule.audit is None]


@pytest.mark.parametrize("page", PAGES_OF_CODE, ids=[page.code for page in PAGES_OF_CODE])
def test_every_finding_of_every_page_can_be_suppressed(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suppressed = 0
    for number, case in enumerate(page.cases):
        project = write(tmp_path / str(number), {"pyproject.toml": "", **case.files})
        monkeypatch.chdir(project)
        assert main(["--select", "ALL", "--add-ignore=it is old", "-q"]) == 0, case.name
        assert main(["--select", "ALL", "--output-format", "concise"]) == 0, case.name
        assert capsys.readouterr().out == "", case.name
        for name, before in python_files(case).items():
            after = (project / name).read_bytes().decode()
            assert code(after) == code(before)
            suppressed += after != before
    assert suppressed >= len([case for case in page.cases if case.expected])


@pytest.mark.parametrize(
    ("before", "rows", "row", "after"),
    [
        ("x = 1\n", range(1, 2), 1, "x = 1  # wandblint: ignore[WB101] old\n"),
        ("x = 1", range(1, 2), 1, "x = 1  # wandblint: ignore[WB101] old"),
        ("x = 1 \t\r\n", range(1, 2), 1, "x = 1  # wandblint: ignore[WB101] old\r\n"),
        ("x = 1  # why\n", range(1, 2), 1, "x = 1  # why  # wandblint: ignore[WB101] old\n"),
        ("f(\n  1,\n)\n", range(1, 4), 2, "f(\n  1,  # wandblint: ignore[WB101] old\n)\n"),
        ("f('''\n1\n''')\n", range(1, 4), 2, "f('''\n1\n''')  # wandblint: ignore[WB101] old\n"),
        (
            "f('''\n1\n''', '''\n''')\n",
            range(1, 5),
            1,
            "f('''\n1\n''', '''\n''')  # wandblint: ignore[WB101] old\n",
        ),
        ("x = 1 + \\\n  1\n", range(1, 3), 1, "x = 1 + \\\n  1  # wandblint: ignore[WB101] old\n"),
        (
            "f(1,\n'''\n''' '''\n''')\n",
            range(1, 5),
            2,
            "f(1,\n'''\n''' '''\n''')  # wandblint: ignore[WB101] old\n",
        ),
        ("f(1,\n  1, \\\n\\\n)\n", range(1, 4), 3, "f(1,  # wandblint: ignore[WB101] old\n  1, \\\n\\\n)\n"),
        (
            "x = 1  # wandblint: ignore[reinit-bool, WB2] so it is\n",
            range(1, 2),
            1,
            "x = 1  # wandblint: ignore[reinit-bool, WB2, WB101] so it is\n",
        ),
        (
            "f(  # wandblint: ignore[WB2]\n1)\n",
            range(1, 3),
            2,
            "f(  # wandblint: ignore[WB2, WB101]\n1)\n",
        ),
        (
            "x = 1  # wandblint: ignore\n",
            range(1, 2),
            1,
            "x = 1  # wandblint: ignore  # wandblint: ignore[WB101] old\n",
        ),
        (
            "# wandblint: ignore-file[WB2]\n",
            range(1, 2),
            1,
            "# wandblint: ignore-file[WB2]  # wandblint: ignore[WB101] old\n",
        ),
        ("x = 1  # noqa: E501\n", range(1, 2), 1, "x = 1  # noqa: E501  # wandblint: ignore[WB101] old\n"),
        ("  \n", range(1, 2), 1, "  # wandblint: ignore[WB101] old\n"),
    ],
)
def test_where_the_comment_goes(before: str, rows: range, row: int, after: str) -> None:
    assert with_ignore(before, rows, row, {"WB101"}, "old") == after


def test_where_there_is_no_room() -> None:
    assert with_ignore("x = 1 + \\\n", range(1, 2), 1, {"WB001"}) is None


def test_several_codes_share_a_comment() -> None:
    assert with_ignore("x\n", range(1, 2), 1, {"WB202", "WB101"}) == "x  # wandblint: ignore[WB101, WB202]\n"
