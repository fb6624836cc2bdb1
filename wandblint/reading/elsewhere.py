"""Reading on machines that may have another wandblint: only where they read as this one does."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

from wandblint import __version__

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

SOURCES = "sources of wandblint"


class ReadsOtherwiseError(Exception):
    """That a machine would not read as the one that asked it to."""


@lru_cache(maxsize=1)
def reader() -> Mapping[str, str]:
    """What decides how a file is read here, by its name in messages.

    Other versions of wandblint are asked for this: it keeps its name, its place and what it gives.
    """
    return {
        "wandblint": __version__,
        "LibCST": version("libcst"),
        "Python": platform.python_version(),
        SOURCES: _hash_of_sources(),
    }


def read_alike(
    asked: Mapping[str, str],
    function: Callable[_Parameters, _Result],
    *arguments: _Parameters.args,
    **named: _Parameters.kwargs,
) -> _Result:
    """What a function gives where files are read as `asked`. Raises `ReadsOtherwiseError` elsewhere."""
    if reader() != asked:
        raise ReadsOtherwiseError
    return function(*arguments, **named)


def _hash_of_sources() -> str:
    """Tells apart checkouts of one version; line endings may differ between systems."""
    package = Path(__file__).parents[1]
    found = blake2b(digest_size=16)
    for path in sorted(package.rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode())
        found.update(b"\0" + path.read_text("utf-8").encode() + b"\0")
    return found.hexdigest()
