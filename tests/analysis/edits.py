"""Edits of Python files as people make them: statements more or less, moved, doubled, changed inside."""

from __future__ import annotations

import ast
from random import Random

_MORE = [
    "# a comment",
    "import os",
    "more = 1",
    "def more():\n    return 1",
    "print('more')",
    "import wandb",
    "class More:\n    more = 1",
    "from os import *",
    "wandb.log({'more': 1})",
]
_INSIDE = ["more = 1", "pass", "print('more')", "wandb.log({'inside': 1})"]


def edited(text: str, random: Random) -> str:
    """The text after one edit, which may leave it as it is; it need not be valid Python."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return "".join(text.splitlines(keepends=True)[:-1])
    lines = text.splitlines()
    extents = [_lines(statement) for statement in body]
    kind = random.choice(["more", "more", "less", "twice", "swapped", "inside", "inside", "words"])
    if kind == "more" or not extents:
        at = random.choice([0, len(lines), *(start for start, _ in extents)])
        return _joined(lines[:at], random.choice(_MORE).splitlines(), lines[at:])
    if kind == "words":
        old, new = random.choice([("loss", "error"), ("train", "fit"), ("step", "epoch")])
        return text.replace(old, new, random.choice([1, -1]))
    start, end = random.choice(extents)
    if kind == "less":
        return _joined(lines[:start], lines[end:])
    if kind == "twice":
        return _joined(lines[:end], lines[start:end], lines[end:])
    if kind == "swapped":
        (a, b), (c, d) = sorted(random.choices(extents, k=2))
        return text if b > c else _joined(lines[:a], lines[c:d], lines[b:c], lines[a:b], lines[d:])
    inner = [number for number in range(start, end) if lines[number].startswith("    ")]
    if not inner:
        return text
    at = random.choice(inner)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return _joined(lines[:at], [indent + random.choice(_INSIDE)], lines[at:])


def _lines(statement: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(made.lineno for made in decorators)]) - 1, statement.end_lineno or 0


def _joined(*blocks: list[str]) -> str:
    return "".join(f"{line}\n" for block in blocks for line in block)
