"""Projects with hostile names of files and folders, in every format."""

from __future__ import annotations

import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.hostile import GOOD
from tests.torture.program import COLOR, Program
from tests.torture.projects import read, write
from wandblint.reports.formats import FORMATS

_PIECES = (
    *("\n", "\r", "\t", "\x1b[31m", "\x1b]0;x\x07", "\x7f", "\x9b2J", "\u202e", "\u2066", "\u200f", "\u2028"),
    *(
        "'",
        '"',
        "\\",
        "`",
        "$(x)",
        "%0A",
        "%s",
        "::error::",
        "{x}",
        "[x]",
        "*",
        "?",
        "|",
        "<b>",
        "&amp;",
        "]]>",
    ),
    *(
        "-",
        "--fix",
        " ",
        "a",
        "b",
        ".",
        "..",
        "~",
        "#",
        ";",
        ":",
        ",",
        "=",
        "@",
        "é",
        "e\u0301",
        "漢",
        "\U0001f600",
    ),
    *("\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"), os.fsdecode(b"\xff")),
    *("con", "a/../b".replace("/", "_"), "x" * 120, "\u0130", "\ufeff", "\u00ad", "b/", "a b", "train"),
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LONGEST = 240
_PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "sarif": json.loads,
    "gitlab": json.loads,
    "rdjson": json.loads,
    "junit": ET.fromstring,
}


def _name(random: Random) -> str:
    text = "".join(random.choice(_PIECES) for _ in range(random.randrange(1, 5))).replace("/", "")
    while len(os.fsencode(text)) > _LONGEST:
        text = text[:-1]
    return text if text.strip(".") else f"{text}x"


def attempt(number: int, folder: Path, program: Program) -> list[str]:
    """Lints a project with hostile names in every format, and applies its diff with git."""
    random = Random(number)
    files = {"pyproject.toml": b"", "good.py": GOOD.encode()}
    for _ in range(random.randrange(1, 6)):
        parents = [_name(random) for _ in range(random.randrange(3))]
        files["/".join([*parents, f"{_name(random)}.py"])] = GOOD.encode()
    root = write(files, folder / "project")
    complaints = []
    others = (("--show-files",), ("charts",), ("--statistics", "--show-settings"), ("--color", "always"))
    for arguments in (*(("--output-format", name) for name in FORMATS), *others):
        result = program.run(*arguments, "--no-cache", cwd=root)
        complaints += result.complaints()
        complaints += _unprintable(result.out, arguments) + _unprintable(result.err, arguments)
        if arguments[0] == "--output-format" and (parse := _PARSERS.get(arguments[1])):
            try:
                parse(result.out.decode())
            except (ValueError, ET.ParseError) as error:
                complaints.append(f"{arguments[1]} does not parse: {error}")
    return complaints + _patched(files, root, folder, program)


def _unprintable(output: bytes, arguments: tuple[str, ...]) -> list[str]:
    """What no output may contain: bytes that are not UTF-8, control characters, changes of direction."""
    try:
        text = output.decode()
    except UnicodeDecodeError as error:
        return [f"{arguments} is not UTF-8: {error}"]
    if "--color" in arguments:
        text = COLOR.sub("", text)
    return [
        f"{arguments} contains {found[0]!r} in {text[max(found.start() - 40, 0) : found.end() + 20]!r}"
        for pattern in (_CONTROL, _BIDI)
        if (found := pattern.search(text))
    ]


def _patched(files: dict[str, bytes], root: Path, folder: Path, program: Program) -> list[str]:
    """What `git apply` makes of the diff, compared with what `--fix` does."""
    diff = program.run("--diff", "--no-cache", cwd=root)
    complaints = diff.complaints()
    copy = write(files, folder / "patched")
    git = subprocess.run(
        ["git", "apply", "--unsafe-paths", f"--directory={copy}", "-"],
        cwd=copy,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder)},
        input=diff.out,
        capture_output=True,
        check=False,
    )
    if git.returncode:
        complaints.append(f"git apply: {git.stderr!r}")
    complaints += program.run("--fix", "--show-fixes", "--no-cache", cwd=root).complaints()
    if not git.returncode and read(copy) != read(root):
        complaints.append("git apply and --fix leave different files")
    return complaints
