"""Mistakes in patterns: git ignores a broken line of .gitignore, settings should not hide it."""

from __future__ import annotations

import re

_BRACKET = re.compile(r"\[[!^]?(?P<members>\]?(?:\\.|[^\]\\])*)(?P<end>\]?)", re.DOTALL)
_RANGE = re.compile(r"\\?(?P<first>.)-\\?(?P<last>[^\]])", re.DOTALL)


def mistake(glob: str) -> str | None:
    """Why a pattern can match nothing; None if it can."""
    pattern = glob.removeprefix("!").strip("/ ")
    if not pattern or glob.startswith("#"):
        return "it names no file"
    offset = 0
    while offset < len(pattern):
        if pattern[offset] == "\\":
            if offset + 1 == len(pattern):
                return "`\\` at its end escapes nothing"
            offset += 2
        elif match := _BRACKET.match(pattern, offset):
            if not match["end"]:
                return "`[` is never closed"
            for bounds in _RANGE.finditer(match["members"]):
                if bounds["first"] > bounds["last"]:
                    return f"the range `{bounds[0]}` is empty"
            offset = match.end()
        else:
            offset += 1
    return None
