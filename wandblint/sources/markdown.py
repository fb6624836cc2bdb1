"""Reads the fenced Python of Markdown files as one text; everything else is blank."""

from __future__ import annotations

import ast
import re
import warnings

from wandblint.sources.magics import mask_magics
from wandblint.sources.source import Source

_FENCE = re.compile(
    r"^(?P<marks>`{3,}|~{3,})[ \t]*(?:python3?|py)\b[^\r\n`]*(?:\r\n?|\n)"
    r"(?P<code>.*?)"
    r"^(?P=marks)[`~]*[ \t]*\r?$",
    re.MULTILINE | re.DOTALL,
)
_CHARACTER = re.compile(r"[^\r\n]")


def parse_markdown(text: str) -> Source:
    """The Python fences of a Markdown file that parse, at their own offsets.

    Other fences are no errors: documentation abbreviates code, for example with `...` in any place.
    """
    parts: list[str] = []
    offset = 0
    for fence in _FENCE.finditer(text):
        code = mask_magics(fence["code"])
        if _parses(code):
            start, end = fence.span("code")
            parts += [_CHARACTER.sub(" ", text[offset:start]), code]
            offset = end
    parts.append(_CHARACTER.sub(" ", text[offset:]))
    return Source("".join(parts), text)


def _parses(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
