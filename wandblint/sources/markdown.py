"""Markdown files: their fences of Python as one text, everything else blank."""

from __future__ import annotations

import ast
import re
import warnings

from wandblint.sources.magics import masked
from wandblint.sources.source import Source

_FENCE = re.compile(
    r"^(?P<marks>`{3,}|~{3,})[ \t]*(?:python3?|py)\b[^\r\n`]*(?:\r\n?|\n)"
    r"(?P<code>.*?)"
    r"^(?P=marks)[`~]*[ \t]*\r?$",
    re.MULTILINE | re.DOTALL,
)
_CHARACTER = re.compile(r"[^\r\n]")


def markdown(text: str) -> Source:
    """The fences of Python of a Markdown file that can be parsed, where they stand.

    Documentation leaves out what does not matter there: a fence with `...` in the wrong place is no mistake.
    """
    shown: list[str] = []
    at = 0
    for fence in _FENCE.finditer(text):
        code = masked(fence["code"])
        if _can_be_parsed(code):
            start, end = fence.span("code")
            shown += [_CHARACTER.sub(" ", text[at:start]), code]
            at = end
    shown.append(_CHARACTER.sub(" ", text[at:]))
    return Source("".join(shown), text)


def _can_be_parsed(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            # Whatever is wrong with it, it is no program.
            return False
    return True
