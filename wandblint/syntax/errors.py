"""What the package raises where a text cannot be parsed."""

from __future__ import annotations


class ParseError(Exception):
    """The text cannot be parsed, and where: `offset` counts characters.

    `is_python`: Python itself may well accept it, so that the text has no mistake.
    """

    def __init__(self, message: str, offset: int, *, is_python: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.is_python = is_python
