"""Projects with damaged files: bytes, tokens and lines are deleted, doubled, swapped and replaced."""

from __future__ import annotations

import ast
import json
import re
import tokenize
import warnings
from io import BytesIO
from pathlib import Path
from random import Random

from tests.torture.program import Program, Run
from tests.torture.projects import SENTINEL, SETTINGS, Files, project, read, write

_TOKEN = re.compile(rb"\w+|\s+|[^\w\s]")
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_BYTE = re.compile(rb".", re.DOTALL)
_LINE_END = re.compile("\r\n|\r|\n")
_INTERESTING = (
    *(b"\0", b"\f", b"\r", b"\x1b[2J", b"\xff", b"\xef\xbb\xbf", "\u2028".encode(), "\u202e".encode()),
    *(b"\t", b"\\", b"\\\n", b"'", b'"', b'"""', b"#", b"(", b"[", b"{", b")", b"]", b"}", b":", b",", b"="),
    *(b"# coding: latin-1\n", b"# coding: utf-7\n", b"# wandblint: ignore-file\n", b"# noqa: WB101 -- x"),
    *(b"import ", b"lambda: ", b"await ", b"yield ", b"*", b"**", b"f'{", b"9" * 5000, b"nan", b"null"),
    *(
        b"del run\n",
        b"global run\n",
        b"from x import *\n",
        b"return\n",
        b"match x:\n",
        b"[" * 3000,
        b"*" * 40,
    ),
)


def damaged(content: bytes, random: Random) -> bytes:
    """The content after one change."""
    pieces = random.choice((_BYTE, _TOKEN, _LINE)).findall(content)
    if not pieces:
        return random.choice(_INTERESTING)
    at, other = random.randrange(len(pieces)), random.randrange(len(pieces))
    match random.choice(("delete", "double", "swap", "replace", "insert", "flip", "cut")):
        case "delete":
            pieces[at] = b""
        case "double":
            pieces[at] *= 2
        case "swap":
            pieces[at], pieces[other] = pieces[other], pieces[at]
        case "replace":
            pieces[at] = random.choice(_INTERESTING)
        case "insert":
            pieces[at] += random.choice(_INTERESTING)
        case "flip":
            pieces[at] = bytes([pieces[at][0] ^ 1 << random.randrange(8)]) + pieces[at][1:]
        case _:
            pieces[at:] = []
    return b"".join(pieces)


def attempt(number: int, folder: Path, program: Program) -> list[str]:
    """Damages a project, lints it, and fixes a copy."""
    random = Random(number)
    before = project(random)
    after = dict(before)
    targets = sorted(before.keys() - {SENTINEL})
    for _ in range(random.choice((1, 1, 2, 3, 6))):
        name = random.choice(targets)
        after[name] = damaged(after[name], random)
    options = ("--no-cache", "--jobs", "1", "--output-format", "json")
    linted = write(after, folder / "project")
    result = program.run(*options, cwd=linted)
    complaints = [*result.complaints(), *misplaced(result, after)]
    if all(before[name] == after[name] for name in SETTINGS & before.keys()):
        whole = program.run(*options, cwd=write(before, folder / "undamaged"))
        if _of_sentinel(whole) != _of_sentinel(result):
            complaints.append(
                f"{SENTINEL} has {_of_sentinel(result)}, and without damage {_of_sentinel(whole)}"
            )
    copy = write(after, folder / "fixed")
    complaints += program.run("--fix", "--unsafe-fixes", "--no-cache", "--jobs", "1", cwd=copy).complaints()
    return complaints + broken(after, read(copy))


def _findings(result: Run) -> list[dict[str, object]]:
    try:
        found = json.loads(result.out)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _of_sentinel(result: Run) -> list[object]:
    return [
        (finding["code"], finding["location"])
        for finding in _findings(result)
        if finding["filename"] == SENTINEL and finding["code"] == "WB101"
    ]


def misplaced(result: Run, files: Files) -> list[str]:
    """The findings outside their files; those in notebooks are only counted in cells, and left out."""
    complaints = []
    for finding in _findings(result):
        name, start, end = (finding[key] for key in ("filename", "location", "end_location"))
        if not isinstance(name, str) or name not in files:
            complaints.append(f"a finding in {name!r}")
        elif isinstance(start, dict) and isinstance(end, dict) and finding["cell"] is None:
            lines = _LINE_END.split(_text(files[name]))
            inside = all(
                1 <= place["row"] <= len(lines) and 1 <= place["column"] <= len(lines[place["row"] - 1]) + 1
                for place in (start, end)
            )
            if not inside or (start["row"], start["column"]) > (end["row"], end["column"]):
                complaints.append(f"{finding['code']} outside {name}: {start} to {end}")
    return complaints


def _text(content: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, ValueError, LookupError):
        return content.decode("utf-8", "replace")


def broken(before: Files, after: Files) -> list[str]:
    """The files that are gone or new, and those that no longer parse."""
    complaints = [f"--fix made or removed {name}" for name in sorted(before.keys() ^ after.keys())]
    for name in sorted(before.keys() & after.keys()):
        if before[name] == after[name]:
            continue
        if name.endswith(".py"):
            if _parses(before[name]) and not _parses(after[name]):
                complaints.append(f"--fix broke {name}")
        elif not name.endswith(".ipynb"):
            complaints.append(f"--fix changed {name}")
        elif not _is_json(after[name]):
            complaints.append(f"--fix broke {name}")
    return complaints


def _parses(content: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True
