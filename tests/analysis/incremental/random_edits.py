"""Random edits of Python files as people make them: statements are added, moved, changed."""

from __future__ import annotations

import ast
from random import Random

_STATEMENTS = [
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
_INNER_STATEMENTS = ["more = 1", "pass", "print('more')", "wandb.log({'inside': 1})"]


def random_edit(text: str, random: Random) -> str:
    """The text after one random edit, which may change nothing; the text need not be valid Python."""
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return "".join(text.splitlines(keepends=True)[:-1])
    lines = text.splitlines()
    ranges = [_line_range(statement) for statement in body]
    kind = random.choice(["add", "add", "remove", "duplicate", "swap", "insert", "insert", "rename"])
    if kind == "add" or not ranges:
        at = random.choice([0, len(lines), *(start for start, _ in ranges)])
        return _join_blocks(lines[:at], random.choice(_STATEMENTS).splitlines(), lines[at:])
    if kind == "rename":
        old, new = random.choice([("loss", "error"), ("train", "fit"), ("step", "epoch")])
        return text.replace(old, new, random.choice([1, -1]))
    start, end = random.choice(ranges)
    if kind == "remove":
        return _join_blocks(lines[:start], lines[end:])
    if kind == "duplicate":
        return _join_blocks(lines[:end], lines[start:end], lines[end:])
    if kind == "swap":
        (a, b), (c, d) = sorted(random.choices(ranges, k=2))
        return text if b > c else _join_blocks(lines[:a], lines[c:d], lines[b:c], lines[a:b], lines[d:])
    inner = [number for number in range(start, end) if lines[number].startswith("    ")]
    if not inner:
        return text
    at = random.choice(inner)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return _join_blocks(lines[:at], [indent + random.choice(_INNER_STATEMENTS)], lines[at:])


def _line_range(statement: ast.stmt) -> tuple[int, int]:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min(
        [statement.lineno, *(decorator.lineno for decorator in decorators)]
    ) - 1, statement.end_lineno or 0


def _join_blocks(*blocks: list[str]) -> str:
    return "".join(f"{line}\n" for block in blocks for line in block)
