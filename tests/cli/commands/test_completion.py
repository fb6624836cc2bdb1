"""Shell completions: requested as the scripts of shells do, and in the installed shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import environment, wandblint
from wandblint.cli.commands.completion import SHELLS


def completions(cwd: Path, *words: str) -> list[str]:
    """The completions of the last word; `file` stands for paths."""
    request = {"COMP_WORDS": " ".join(("wandblint", *words)), "COMP_CWORD": str(len(words))}
    result = wandblint(cwd=cwd, **{"_WANDBLINT_COMPLETE": "bash_complete", **request})
    items = (line.split(",", 1) for line in result.out.splitlines())
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
def test_completions(tmp_path: Path, words: tuple[str, ...], expected: list[str]) -> None:
    assert completions(tmp_path, *words) == expected


def test_the_first_word_may_be_any_verb(tmp_path: Path) -> None:
    assert {"file", "check", "charts", "rule"} <= set(completions(tmp_path, ""))


def test_an_unknown_shell(tmp_path: Path) -> None:
    result = wandblint("completion", "zhs", cwd=tmp_path)
    assert (result.code, result.out) == (2, "")
    assert "`zhs` is not one of bash, zsh, fish; did you mean `zsh`?" in result.err


PROGRAMS = {
    "bash": """\
eval "$(wandblint completion bash)"
COMP_WORDS=(wandblint charts --out)
COMP_CWORD=2
_wandblint_completion wandblint
echo "${COMPREPLY[@]}"
""",
    # zsh completes only in its line editor: load the script and call the program as zsh would.
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
    search_path = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    result = subprocess.run(
        [shell, "-c", PROGRAMS[shell]],
        cwd=tmp_path,
        env=environment(PATH=search_path, HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "--output-format" in result.stdout
