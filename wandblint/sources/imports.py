"""What files import, by a scan of their text: a fraction of the price of a parse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

ImportLine: TypeAlias = tuple[int, str, list[str]]
"""One import: how many dots, the module, the names taken from it (none for `import module`)."""

_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)"
    r"[ \t]+import[ \t]*(?P<names>\([^)]*\)|[^\n#]*(?:\\\r?\n[^\n#]*)*)"
    r"|import[ \t]+(?P<modules>[^\n#;]*))",
    re.MULTILINE,
)
_WORD = "import"
_NAME = re.compile(r"[\w.*]+(?:[ \t]+as[ \t]+\w+)?")


def scan_imports(source: str) -> Iterator[ImportLine]:
    """The imports of a file by a scan of its text."""
    for match in _matches(source):
        if (modules := match["modules"]) is not None:
            for item in _NAME.findall(modules):
                yield 0, item.split()[0], []
        else:
            names = [item.split()[0] for item in _NAME.findall(re.sub(r"#[^\n]*", "", match["names"]))]
            yield len(match["dots"]), match["module"], names


def _matches(source: str) -> Iterator[re.Match[str]]:
    """What `_IMPORT` finds, looked for only in lines that hold the word: that takes a quarter of the time."""
    end = 0
    at = source.find(_WORD)
    while at >= 0:
        start = source.rfind("\n", 0, at) + 1
        match = _IMPORT.match(source, start) if start >= end else None
        if match:
            end = match.end()
            yield match
        at = source.find(_WORD, max(end, at + len(_WORD)))
