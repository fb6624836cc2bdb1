"""Scans text for imports, at a fraction of the cost of parsing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

ImportLine: TypeAlias = tuple[int, str, list[str]]
"""One import: the number of dots, the module, the imported names (none for `import module`)."""

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)"
    r"[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#]*(?:\\\r?\n[^\n#]*)*)"
    r"|import[ \t]+(?P<modules>[^\n#;]*))",
    re.MULTILINE,
)
_WORD = "import"
_NAME = re.compile(r"[\w.*]+(?:[ \t]+as[ \t]+\w+)?")


def scan_imports(source: str) -> Iterator[ImportLine]:
    """Yields the imports of a source text; may also yield lines of strings that look like imports."""
    for match in _matches(source):
        if (modules := match["modules"]) is not None:
            for item in _NAME.findall(modules):
                yield 0, item.split()[0], []
        else:
            names = [item.split()[0] for item in _NAME.findall(re.sub(r"#[^\n]*", "", match["names"]))]
            yield len(match["dots"]), match["module"], names


def _matches(source: str) -> Iterator[re.Match[str]]:
    """The matches of `_IMPORT`. Searching only lines with the word takes a quarter of the time."""
    end = 0
    offset = source.find(_WORD)
    while offset >= 0:
        start = source.rfind("\n", 0, offset) + 1
        match = _IMPORT.match(source, start) if start >= end else None
        if match:
            end = match.end()
            yield match
        offset = source.find(_WORD, max(end, offset + len(_WORD)))
