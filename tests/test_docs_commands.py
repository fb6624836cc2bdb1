"""The pages show what the program really accepts and prints."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tests.cli.programs import wandblint
from wandblint.app.settings import load
from wandblint.cli.program import program
from wandblint.cli.verbs import VERBS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """The command lines of wandblint on a page, in words."""
    shown = "".join(text for kind, text in BLOCK.findall(page.read_text("utf-8")) if kind == "console")
    lines = [shlex.split(line, comments=True) for line in shown.replace("\\\n", " ").splitlines()]
    return [line[1:] for line in lines if line[:1] == ["wandblint"]]


def test_the_finding_of_getting_started_is_that_of_the_demo() -> None:
    page = (DOCS / "getting-started.md").read_text("utf-8")
    (shown,) = re.findall(r"^```\n(WB.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert shown in wandblint("examples/demo", "--no-cache", cwd=ROOT).out


def test_the_charts_of_the_readme_are_those_of_the_demo() -> None:
    page = (ROOT / "README.md").read_text("utf-8")
    (shown,) = [text for kind, text in BLOCK.findall(page) if kind == "text"]
    assert wandblint("charts", "--no-cache", cwd=ROOT / "examples" / "demo").out.startswith(shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_option_that_a_page_shows_exists(page: Path) -> None:
    for words in commands(page):
        verb = words[0] if words and words[0] in VERBS else "check"
        command = program.get_command(click.Context(program), verb)
        assert command is not None, verb
        known = {name for parameter in command.params for name in (*parameter.opts, "--help")}
        assert {word.partition("=")[0] for word in words if word.startswith("-")} <= known, words


def test_the_settings_of_ways_of_use_are_valid(tmp_path: Path) -> None:
    ((_, block),) = [
        fence for fence in BLOCK.findall((DOCS / "ways-of-use.md").read_text("utf-8")) if fence[0] == "toml"
    ]
    (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")
    assert set(load(tmp_path)[0].rules) == {"reinit-bool", "unused-definition"}
