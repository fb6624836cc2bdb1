"""The look of the report depends on where it goes."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.cli.programs import in_terminal, wandblint, write

posix = pytest.mark.skipif(sys.platform == "win32", reason="the terminal is one of POSIX")

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
LINK = "\x1b]8;;https://wandblint.readthedocs.io/en/latest/rules/reinit-bool\x1b\\"


def test_pipes_get_no_colours(project: Path) -> None:
    assert "\x1b" not in wandblint(cwd=project).out


@pytest.mark.parametrize(
    ("arguments", "variables", "colored"),
    [
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "0"}, False),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_in_a_pipe(
    project: Path, arguments: tuple[str, ...], variables: dict[str, str], colored: bool
) -> None:
    out = wandblint(*arguments, cwd=project, **variables).out
    assert ("\x1b[" in out) is colored
    assert "\x1b]" not in out, "a link is for a terminal only"


@posix
@pytest.mark.parametrize(
    ("arguments", "variables", "colored"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
    ],
)
def test_colours_in_a_terminal(
    project: Path, arguments: tuple[str, ...], variables: dict[str, str], colored: bool
) -> None:
    assert ("\x1b[" in in_terminal(*arguments, cwd=project, variables=variables).out) is colored


@posix
@pytest.mark.parametrize("columns", [50, 80, 200])
def test_the_report_fits_the_terminal(project: Path, columns: int) -> None:
    out = _COLOR.sub("", in_terminal("lib", cwd=project, columns=columns).out)
    assert "WB201" in out
    too_long = [line for line in out.splitlines() if len(line) > columns]
    assert all(" " not in line.strip().removeprefix("= help: ") for line in too_long), (
        "only a word may be longer"
    )


@posix
def test_links_where_the_terminal_is_known_to_support_them(project: Path) -> None:
    assert LINK in in_terminal(cwd=project, variables={"TERM": "xterm-kitty"}).out
    assert LINK in in_terminal(cwd=project, variables={"VTE_VERSION": "6800"}).out
    assert "\x1b]8" not in in_terminal(cwd=project).out
    assert "\x1b]8" not in in_terminal(cwd=project, variables={"TERM": "xterm-kitty", "NO_COLOR": "1"}).out


def test_an_encoding_without_box_characters(project: Path) -> None:
    write(project, {"a.py": "import wandb\nwandb.init(name='界', reinit=True)\n"})
    result = wandblint("a.py", cwd=project, PYTHONIOENCODING="ascii")
    assert (
        """\
  --> a.py:2:22
2 | wandb.init(name='??', reinit=True)
  |                       ^^^^^^^^^^^
"""
        in result.out
    )
    assert result.err == ""


@posix
def test_the_page_of_a_rule_is_rendered(project: Path) -> None:
    out = in_terminal("rule", "WB001", cwd=project).out
    assert "Why it matters" in out
    assert "##" not in out
    assert "\x1b[" in out


@posix
@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {}])
def test_the_page_of_a_rule_wraps(project: Path, variables: dict[str, str]) -> None:
    out = _COLOR.sub("", in_terminal("rule", "WB201", cwd=project, columns=60, variables=variables).out)
    prose, code = [], False
    for line in out.splitlines():
        code ^= line.startswith("```")
        if not code and line[:1] not in ("|", "`"):
            prose.append(line)
    too_long = [line for line in prose if len(line) > 60]
    assert all(" " not in line.lstrip("- ") for line in too_long), "only a word may be longer"
    assert len(prose) > 20
    piped = wandblint("rule", "WB201", cwd=project).out
    assert max(map(len, piped.splitlines())) > 60, "a pipe gets whole lines"


@posix
def test_the_list_of_rules_wraps(project: Path) -> None:
    lines = _COLOR.sub("", in_terminal("rule", cwd=project, columns=90).out).splitlines()
    assert max(map(len, lines)) <= 90
    assert any(line.startswith(" " * 40) for line in lines)
