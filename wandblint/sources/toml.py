"""Reads TOML files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


from wandblint.infra.files import read_regular


class TomlError(Exception):
    """A file is not valid TOML; the message says why."""


def read_toml(file: Path) -> dict[str, Any]:
    """Reads the tables of a file. Raises `TomlError` if it is not TOML, `OSError` if it cannot be read."""
    return parse_toml(read_regular(file))


def parse_toml(data: bytes) -> dict[str, Any]:
    """Parses the tables of a file with this content. Raises `TomlError` if it is not TOML."""
    try:
        tables: dict[str, Any] = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TomlError(str(error)) from error
    except ValueError as error:  # Python converts no longer ones, which could take it hours
        raise TomlError("a number has too many digits") from error
    except RecursionError as error:
        raise TomlError("it is nested too deeply") from error
    return tables
