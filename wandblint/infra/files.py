"""Files that somebody else made."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read_regular(file: str | Path) -> bytes:
    """Reads a regular file; links are followed. Raises `OSError`, also for anything else.

    Opening a pipe waits for its writer, and reading a device may never end.
    """
    with open(file, "rb", buffering=0, opener=_open) as content:
        if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(file))
        return content.readall()


def reason_of(error: OSError) -> str:
    """Why a file cannot be read or written, in a few words."""
    return (error.strerror or type(error).__name__).lower()


def _open(file: str, flags: int) -> int:
    return os.open(file, flags | _NONBLOCK)


_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
"""Windows has neither this flag nor pipes in folders."""
