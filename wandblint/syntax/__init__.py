"""From the text of a Python file to its facts: the only place that looks at trees to understand code.

One reader makes them, from the tree of Python's own parser. A text that the running Python cannot parse is
rewritten first (`downlevel`): newer syntax becomes older syntax of the same length, so that all places stay
what they are. LibCST, which parses the newest grammar, is imported only for that.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from wandblint.syntax.errors import ParseError

if TYPE_CHECKING:
    from wandblint.facts import FileFacts


__all__ = ["ParseError", "read"]


def read(path: str, text: str) -> FileFacts:
    """The facts of a file with this text (decoded, without a BOM, with its own line endings).

    Raises `ParseError` where it cannot be parsed or is nested too deeply.
    """
    from wandblint.syntax.parsing import parse  # noqa: PLC0415 (where all is known nothing is read)

    # A tree is many objects and no cycles: collecting garbage meanwhile costs a quarter and finds nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return parse(path, text)
    finally:
        if collecting:
            gc.enable()
