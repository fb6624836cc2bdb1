"""From the text of a Python file to its facts: the only place that looks at trees to understand code.

There are two readers, which give the same facts. `quick` makes them from the tree of Python's own parser.
What this Python cannot parse, and what `quick` does not read, goes to `module`, which makes them from
LibCST's: it knows the syntax of newer Pythons and says what is wrong with a text. LibCST is imported only
for that.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wandblint.facts import FileFacts


@dataclass
class SyntaxProblem(Exception):  # noqa: N818 (a state of the text, not a mistake of the program)
    """The text can be parsed neither by this Python nor by LibCST; row and column are 1-based.

    `is_python`: Python itself may well accept it, so that the text has no mistake.
    """

    message: str
    row: int
    column: int
    is_python: bool = False

    def __str__(self) -> str:
        """The problem on one line."""
        return f"{self.row}:{self.column}: {self.message}"


def read(path: str, text: str) -> FileFacts:
    """The facts of a file with this text (decoded, without a BOM, with its own line endings).

    Raises `SyntaxProblem` where it cannot be parsed or is nested too deeply.
    """
    from wandblint.reading.quick import read_quickly  # noqa: PLC0415 (where all is known nothing is read)

    # A tree is many objects and no cycles: collecting garbage meanwhile costs a quarter and finds nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        facts = read_quickly(path, text)
        if facts is None:
            from wandblint.reading.module import read_module  # noqa: PLC0415 (LibCST takes long to import)

            facts = read_module(path, text)
        return facts
    finally:
        if collecting:
            gc.enable()
