"""`--interactive`, in a real terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.programs import Completed, in_terminal, wandblint, write

BAD = "import wandb\n\nwandb.init(reinit=True)\n"
GOOD = BAD.replace("True", '"finish_previous"')
TWICE = BAD + 'wandb.init(reinit=True, name="b")\n'

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the terminal is one of POSIX")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with two fixes in the first file and one in each of the others."""
    return write(tmp_path, {"pyproject.toml": "", "a.py": TWICE, "b.py": BAD, "c.py": BAD})


def interactive(root: Path, *answers: str, options: tuple[str, ...] = ()) -> Completed:
    answers = tuple(f"{answer}\n" for answer in answers)
    return in_terminal("--interactive", "--no-cache", *options, cwd=root, answers=answers)


def fixed(root: Path) -> list[bool]:
    """Whether each fix is applied, in the order of the questions."""
    texts = [(root / name).read_text("utf-8").splitlines()[2:] for name in ("a.py", "b.py", "c.py")]
    return ["finish_previous" in line for lines in texts for line in lines]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["y", "n", "y", "n"], [True, False, True, False]),
        (["Y", "", " y ", "N"], [True, False, True, False]),
        (["a", "n", "y"], [True, True, False, True]),
        (["n", "a", "n", "n"], [False, True, False, False]),
        (["d", "y", "n"], [False, False, True, False]),
        (["n", "A"], [False, True, True, True]),
        (["y", "q"], [True, False, False, False]),
        (["what", "?", "y", "q"], [True, False, False, False]),
    ],
    ids=["each", "enter", "file", "rest of a file", "not file", "all", "quit", "help"],
)
def test_each_answer(root: Path, answers: list[str], expected: list[bool]) -> None:
    result = interactive(root, *answers)
    assert fixed(root) == expected
    assert result.out.count("Apply this fix to ") == len(answers), "every answer answered one question"
    assert result.code == (0 if all(expected) else 1)


def test_the_question_names_the_file_and_the_answers(root: Path) -> None:
    out = interactive(root, "?", "q", options=("--color", "never")).out
    shown, _, rest = out.partition("Apply this fix to a.py [y,n,q,a,d,A,?]? ")
    assert shown.splitlines()[-6:] == [
        "a.py",
        "@@ -2,3 +2,3 @@",
        " ",
        "-wandb.init(reinit=True)",
        '+wandb.init(reinit="finish_previous")',
        ' wandb.init(reinit=True, name="b")',
    ]
    assert rest.splitlines()[1:4] == [
        "y - apply this fix",
        "n - do not apply this fix (also Enter)",
        "q - quit: apply neither this fix nor any later one",
    ]


def test_colors(root: Path) -> None:
    assert "\x1b[31m-wandb.init(reinit=True)\x1b[0m" in interactive(root, "q").out
    assert "\x1b" not in interactive(root, "q", options=("--color", "never")).out


def test_the_end_of_the_input_quits(root: Path) -> None:
    result = wandblint("--interactive", "--no-cache", cwd=root, stdin="y\n")
    assert fixed(root) == [True, False, False, False]
    assert result.code == 1


def test_a_hostile_name_cannot_speak_to_the_terminal(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "a\x1b[2Jb.py": BAD})
    out = interactive(tmp_path, "y", options=("--color", "never")).out
    assert "\x1b" not in out
    assert "Apply this fix to a␛[2Jb.py" in out


def test_a_diff_without_fixes_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "a.py": GOOD})
    result = wandblint("--diff", "--no-cache", cwd=tmp_path)
    assert (result.code, result.out, result.err) == (0, "", "note: nothing to fix\n")
    assert wandblint("--diff", "--no-cache", "-q", cwd=tmp_path).err == ""
