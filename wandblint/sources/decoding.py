"""Decodes Python files, notebooks and Markdown files."""

from __future__ import annotations

import codecs
import io
import re

from wandblint.sources.source import MARKDOWN, NOTEBOOK

_LINE_ENDING = re.compile(r"\r\n?|\n")
_DECLARATION = re.compile(rb"\A(?:[^\r\n]*(?:\r\n?|\n))?[^\r\n]*coding[:=]")
_NAMES_CODING = re.compile(r"(?:[^\r\n]*(?:\r\n?|\n))?[^\r\n]*coding[:=]")


class Undecodable(Exception):  # noqa: N818 (a state of the bytes, not a mistake of the program)
    """The bytes are not a valid Python file or notebook; the message says why in a few words."""


def decode(data: bytes, name: str = "") -> str:
    """Decodes a Python file (PEP 263) without its byte order mark; line endings stay.

    Notebooks and Markdown files, recognised by `name`, are UTF-8. Raises `Undecodable`.
    """
    encoding = declared_encoding(data, name)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = len(_LINE_ENDING.findall(data[: error.start].decode("latin-1"))) + 1
        raise Undecodable(f"byte 0x{data[error.start]:02x} in line {row} is not {encoding}") from error
    except (LookupError, UnicodeError) as error:
        raise Undecodable(f"{encoding} is not a text encoding") from error
    if encoding != "utf-8" and not _NAMES_CODING.match(text):
        raise Undecodable(f"it declares the encoding {encoding}, but has another one")
    return text


def declared_encoding(data: bytes, name: str = "") -> str:
    """The encoding that a Python file declares. Raises `Undecodable`."""
    if name.endswith((NOTEBOOK, MARKDOWN)) or not _DECLARATION.match(data):
        return "utf-8"
    import tokenize  # noqa: PLC0415 (few files declare an encoding)

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        raise Undecodable(str(error.msg)) from error
    return "utf-8" if encoding == "utf-8-sig" else encoding
