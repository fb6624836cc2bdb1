"""Reads regular files, and replaces files atomically: a file has its old content or its new one."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TEMPORARY = re.compile(r"\.wandblint-([0-9]{1,9})-[0-9a-f]{16}")
"""The name of a temporary file, which contains the id of its process."""
_unfinished: set[Path] = set()
"""The temporary files of this process."""
_NONBLOCK = getattr(os, "O_NONBLOCK", 0)
"""Windows has neither this flag nor pipes in folders."""


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


class NewContent:
    """The new content of a file, or of the target if the file is a link, in a temporary file next to it."""

    def __init__(self, file: Path) -> None:
        self.target = Path(os.path.realpath(file))
        self._path = self.target.with_name(f".wandblint-{os.getpid()}-{os.urandom(8).hex()}")

    def write(self, data: bytes) -> None:
        """Writes the temporary file, with the permissions and, where allowed, the owner of its target.

        Raises `OSError`; then there is no temporary file, which on a full disk makes room for others.
        """
        exists = self.target.exists()
        if exists and not os.access(self.target, os.W_OK):
            # `os.replace` would succeed if only the folder is writable.
            raise PermissionError(0, "permission denied")
        # The name is recorded before the file exists, so that a signal leaves no file.
        _unfinished.add(self._path)
        try:
            self._write(data, 0o600 if exists else 0o666)
            if exists:
                self._copy_status()
        except OSError:
            self.discard()
            raise

    def put(self) -> None:
        """Replaces the target. Raises `OSError`."""
        os.replace(self._path, self.target)
        _unfinished.discard(self._path)

    def discard(self) -> None:
        """Removes the temporary file if it still exists."""
        with suppress(OSError):
            # The cause of a failed write may also prevent this; the first error is the one to report.
            self._path.unlink(missing_ok=True)
        _unfinished.discard(self._path)

    def _write(self, data: bytes, mode: int) -> None:
        with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())

    def _copy_status(self) -> None:
        status = self.target.stat()
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                # Only root may change the owner. Otherwise it is the user, as after a checkout by git.
                os.chown(self._path, status.st_uid, status.st_gid)
        self._path.chmod(stat.S_IMODE(status.st_mode))


def replace_file(file: Path, data: bytes) -> None:
    """Writes a file atomically; writes directly to a device or pipe like `/dev/stdout`. Raises `OSError`."""
    if file.exists() and not file.is_file():
        with file.open("wb") as stream:
            stream.write(data)
        return
    content = NewContent(file)
    try:
        content.write(data)
        content.put()
    finally:
        content.discard()


def remove_unfinished() -> None:
    """Removes the temporary files of this process, which a signal ends."""
    for path in list(_unfinished):
        with suppress(OSError):
            path.unlink()


def sweep(folders: Iterable[Path]) -> None:
    """Removes the temporary files in folders whose processes were killed. This process must have none."""
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                match = _TEMPORARY.fullmatch(entry.name)
                if match and entry.is_file(follow_symlinks=False) and not _is_other_process(int(match[1])):
                    os.unlink(entry)


def _is_other_process(number: int) -> bool:
    if number == os.getpid():
        return False
    if sys.platform == "win32":
        # There, signal 0 is Ctrl-C.
        return True
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # The process of another user.
        return True
    return True


def _open(file: str, flags: int) -> int:
    return os.open(file, flags | _NONBLOCK)
