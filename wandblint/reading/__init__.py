"""From the text of a Python file to its facts: the only place that looks at LibCST trees to understand code.

`read` parses once and walks once. The package imports LibCST only when it reads.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wandblint.facts import FileFacts


@dataclass
class SyntaxProblem(Exception):  # noqa: N818 (a state of the text, not a mistake of the program)
    """The text is not Python that LibCST can parse; row and column are 1-based.

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
    from wandblint.reading.module import read_module  # noqa: PLC0415 (LibCST takes a while to import)

    # A tree is many objects and no cycles: collecting garbage meanwhile costs a quarter and finds nothing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return read_module(path, text)
    finally:
        if collecting:
            gc.enable()
