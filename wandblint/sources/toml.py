"""TOML files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class TomlError(Exception):
    """A file that is no TOML; the message says why."""


def read_toml(file: Path) -> dict[str, Any]:
    """The tables of a file. Raises `TomlError` where it is no TOML, `OSError` where it cannot be read."""
    return parse_toml(file.read_bytes())


def parse_toml(data: bytes) -> dict[str, Any]:
    """The tables of a file with this content. Raises `TomlError` where it is no TOML."""
    try:
        tables: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TomlError(str(error)) from error
    return tables
