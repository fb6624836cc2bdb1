"""What shells complete, asked of the program as their scripts ask, and of the shells that are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import environment, wandblint
from wandblint.cli.commands.completion import SHELLS


def completed(cwd: Path, *words: str) -> list[str]:
    """The words, and `file` for paths, that the last of the words may become."""
    asked = {"COMP_WORDS": " ".join(("wandblint", *words)), "COMP_CWORD": str(len(words))}
    done = wandblint(cwd=cwd, **{"_WANDBLINT_COMPLETE": "bash_complete", **asked})
    items = (line.split(",", 1) for line in done.out.splitlines())
    return [word if kind == "plain" else kind for kind, word in items]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("cha",), ["file", "charts"]),
        (("scripts/",), ["file"]),
        (("--unsafe",), ["--unsafe-fixes"]),
        (("check", "--unsafe"), ["--unsafe-fixes"]),
        (("scripts", "--unsafe"), ["--unsafe-fixes"]),
        (("--output-format", "g"), ["grouped", "github", "gitlab"]),
        (("--output", "gi"), ["github=wandblint.txt", "gitlab=gl-code-quality-report.json"]),
        (("--select", "WB20"), ["WB201", "WB202"]),
        (("--select", "WB101,WB20"), ["WB101,WB201", "WB101,WB202"]),
        (("--baseline", "w"), ["file"]),
        (("charts", "--out"), ["--output-format"]),
        (("rule", "reinit"), ["reinit-bool"]),
        (("completion", ""), list(SHELLS)),
    ],
)
def test_words_are_completed(tmp_path: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert completed(tmp_path, *words) == expected


def test_the_first_word_may_be_any_verb(tmp_path: Path) -> None:
    assert {"file", "check", "charts", "rule"} <= set(completed(tmp_path, ""))


def test_a_shell_that_has_no_script(tmp_path: Path) -> None:
    done = wandblint("completion", "zhs", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "`zhs` is not one of bash, zsh, fish; did you mean `zsh`?" in done.err


PROGRAMS = {
    "bash": """\
eval "$(wandblint completion bash)"
COMP_WORDS=(wandblint charts --out)
COMP_CWORD=2
_wandblint_completion wandblint
echo "${COMPREPLY[@]}"
""",
    # Outside its line editor zsh cannot complete: the script is loaded, and the program asked as it would.
    "zsh": """\
autoload -Uz compinit && compinit -D
eval "$(wandblint completion zsh)"
[[ $_comps[wandblint] == _wandblint_completion ]] || exit 1
env COMP_WORDS="wandblint charts --out" COMP_CWORD=2 _WANDBLINT_COMPLETE=zsh_complete wandblint
""",
    "fish": """\
wandblint completion fish | source
complete --do-complete "wandblint charts --out"
""",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_works_in_its_shell(tmp_path: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    command = tmp_path / "bin" / "wandblint"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m wandblint "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    searched = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    done = subprocess.run(
        [shell, "-c", PROGRAMS[shell]],
        cwd=tmp_path,
        env=environment(PATH=searched, HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "--output-format" in done.stdout
