"""The cache: values by key in one SQLite file.

The cache is optional: if the file cannot be read or written, the run continues without it. A broken cache is
replaced; a file of somebody else is left alone (`is_foreign`). The key of a value is a hash of all of its
inputs, so a value is never stale. Values that no run reads for 30 days are deleted. Only its owner may read
the file, which contains constants of the linted code.
"""

from __future__ import annotations

import os
import sqlite3
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

FOLDER = ".wandblint_cache"
DATABASE = "cache.sqlite"
DAYS = 30
"""How long the cache keeps a value that no run reads."""

UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding a value raises that is not what was encoded: the cache was modified."""

_BROKEN = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What SQLite raises for a broken file; its message quotes the file, which may not be UTF-8."""
_JOURNAL = "cache.sqlite-journal"
_IGNORE = (".gitignore", "# Made by wandblint.\n*\n")
_TAG = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# Made by wandblint; see https://bford.info/cachedir/\n",
)
_APPLICATION = 0x776C696E
"""Identifies our SQLite files in their header: `wlin`."""
_LAYOUT = 1
_MAGIC = b"SQLite format 3\0"
_APPLICATION_AT = slice(68, 72)
"""Where the header of an SQLite file has the application; see https://sqlite.org/fileformat2.html"""
_SECONDS = 5.0
"""How long to wait for a lock of another process before the run continues without the cache."""
_CHECKSUM = 4


class CacheUpdates(msgspec.Struct, array_like=True):
    """New values by key, and the keys of values that were read."""

    values: dict[bytes, bytes]
    used: list[bytes]


class Cache:
    """The cache in a folder. The first read opens it, `save` writes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / DATABASE
        self._connection: sqlite3.Connection | None = None
        self._is_off = any(path.is_symlink() for path in (folder, self._path)) or is_foreign(folder)
        """A link may lead to a file that wandblint must not write."""
        self._today = int(time.time() // 86_400)
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, or None."""
        if key in self._new:
            return self._new[key]
        # A column of SQLite may contain any type.
        row = self._ask("SELECT value, day FROM entries WHERE key = ? AND typeof(value) = 'blob'", key)
        if row is None:
            return None
        value, day = row
        if zlib.crc32(value[_CHECKSUM:]).to_bytes(_CHECKSUM, "big") != value[:_CHECKSUM]:
            return None
        if day != self._today:
            self._used.add(key)
        return bytes(value[_CHECKSUM:])

    def put(self, key: bytes, value: bytes) -> None:
        """Add a value, which `save` writes."""
        self._new[key] = value

    def in_child(self) -> Callable[[], CacheUpdates]:
        """Prepare a forked child, which must not write; returns what gives its updates."""
        inherited = frozenset(self._new)
        return lambda: CacheUpdates(
            {key: value for key, value in self._new.items() if key not in inherited}, list(self._used)
        )

    def merge_child(self, updates: CacheUpdates) -> None:
        """Add the updates of a forked child."""
        self._new.update(updates.values)
        self._used.update(updates.used)

    def save(self) -> None:
        """Write new values, mark those that were read, delete old ones and close the file."""
        if (self._new or self._used) and not self._is_off:
            # On a full disk, in a read-only folder or with a locked file, the next run starts without.
            with suppress(sqlite3.Error, UnicodeDecodeError, OSError):
                self._write()
        self.close()
        self._new.clear()
        self._used.clear()

    def close(self) -> None:
        """Close the file; the next read opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, *values: object) -> tuple[bytes, int] | None:
        if self._is_off or (self._connection is None and not self._path.is_file()):
            return None
        try:
            row: tuple[bytes, int] | None = self._connected().execute(query, values).fetchone()
        except sqlite3.OperationalError:
            # Another process has locked it, or it cannot be opened.
            self._is_off = True
            return None
        except _BROKEN:
            self._discard()
            return None
        return row

    def _connected(self) -> sqlite3.Connection:
        """The open file. Raises `sqlite3.DatabaseError` if it is not a cache of this layout."""
        if self._connection is None:
            connection = sqlite3.connect(self._path, timeout=_SECONDS, isolation_level=None)
            try:
                self._check(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    @staticmethod
    def _check(connection: sqlite3.Connection) -> None:
        # A cache that a power failure damages costs one cold run; waiting for the disk would cost every run
        # something, and other processes wait meanwhile.
        connection.execute("PRAGMA synchronous = OFF")
        # In one transaction: another process may be making the tables.
        connection.execute("BEGIN")
        header = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
        has_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        connection.execute("COMMIT")
        if header == tuple(_HEADER.values()):
            return
        if has_tables or any(header):
            raise sqlite3.DatabaseError("not a cache of this layout")
        connection.execute("BEGIN IMMEDIATE")
        for name, value in _HEADER.items():
            connection.execute(f"PRAGMA {name} = {value}")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB NOT NULL, day INTEGER)"
        )
        connection.execute("COMMIT")

    def _write(self) -> None:
        make_folder(self._folder)
        # SQLite gives its journal the mode of the database.
        self._path.touch(mode=0o600)
        if self._path.stat().st_mode & 0o077:
            self._path.chmod(0o600)
        try:
            self._store(self._connected())
        except sqlite3.OperationalError:
            raise
        except _BROKEN:
            self._discard()
            self._store(self._connected())

    def _store(self, connection: sqlite3.Connection) -> None:
        rows = (
            (key, zlib.crc32(value).to_bytes(_CHECKSUM, "big") + value, self._today)
            for key, value in self._new.items()
        )
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        connection.executemany(
            "UPDATE entries SET day = ? WHERE key = ?", ((self._today, key) for key in self._used)
        )
        connection.execute("DELETE FROM entries WHERE day < ?", (self._today - DAYS,))
        connection.execute("COMMIT")

    def _discard(self) -> None:
        """Remove a broken file; the journal first, which SQLite would apply to a new one."""
        self.close()
        try:
            for name in (_JOURNAL, DATABASE):
                (self._folder / name).unlink(missing_ok=True)
        except OSError:
            # It is open elsewhere, or not a file.
            self._is_off = True


_HEADER = {"application_id": _APPLICATION, "user_version": _LAYOUT}


def cache_folder(root: Path, named: str | None = None) -> Path:
    """The folder of a project's cache: the one `named` by the user, or else the default."""
    return root / FOLDER if named is None else Path(os.path.abspath(named))


def make_folder(folder: Path) -> None:
    """Create the folder of a cache, which git and backups ignore. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (_IGNORE, _TAG):
        if not os.path.lexists(folder / name):
            (folder / name).write_text(text, encoding="utf-8")


def is_foreign(folder: Path) -> bool:
    """Whether the file that the cache would use is somebody else's: such a file is never written or removed.

    An SQLite file names its application. Another file is a broken cache if wandblint tagged the folder.
    """
    try:
        with (folder / DATABASE).open("rb") as file:
            header = file.read(_APPLICATION_AT.stop)
    except OSError:
        return False
    names_us = header.startswith(_MAGIC) and header[_APPLICATION_AT] == _APPLICATION.to_bytes(4, "big")
    return bool(header) and not names_us and not _is_ours(folder / _TAG[0], _TAG[1])


def clean(folder: Path) -> bool:
    """Remove a cache, but not other files in its folder; returns whether it existed. Raises `OSError`."""
    if folder.is_symlink() or not os.path.lexists(folder / DATABASE) or is_foreign(folder):
        return False
    for name in (_JOURNAL, DATABASE):
        (folder / name).unlink(missing_ok=True)
    for name, text in (_IGNORE, _TAG):
        # A folder given with --cache-dir may contain the user's own .gitignore.
        if _is_ours(folder / name, text):
            (folder / name).unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
    return True


def _is_ours(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text("utf-8", "replace") == text
