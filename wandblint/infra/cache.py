"""The cache: values by key in one SQLite file, for the next run.

Nobody needs it: where the file cannot be read or written the run goes on without, where it is broken or is
no cache of ours it is made anew. A value is only ever found under the key of all that it was made from, so
an old one is never wrong, and those that no run has asked for in 30 days go.
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
DAYS = 30
"""How long a value that no run asks for is kept."""

_DATABASE = "cache.sqlite"
_JOURNAL = "cache.sqlite-journal"
_IGNORE = (".gitignore", "# Made by wandblint.\n*\n")
_TAG = (
    "CACHEDIR.TAG",
    "Signature: 8a477f597d28d172789f06886806bc55\n# Made by wandblint; see https://bford.info/cachedir/\n",
)
_APPLICATION = 0x776C696E
"""Says in the header of the SQLite file that it is ours: `wlin`."""
_LAYOUT = 1
_SECONDS = 5.0
"""How long another process may keep the file to itself before the run goes on without it."""
_CHECKSUM = 4


class CacheUpdates(msgspec.Struct, array_like=True):
    """Values by key that were made, and the keys of those that were asked for."""

    values: dict[bytes, bytes]
    used: list[bytes]


class Cache:
    """The cache in a folder. It is opened when it is first asked, written by `save`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / _DATABASE
        self._connection: sqlite3.Connection | None = None
        self._is_off = any(path.is_symlink() for path in (folder, self._path))
        """A link may lead to a file that is not ours to write."""
        self._today = int(time.time() // 86_400)
        self._new: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, if there is one."""
        if key in self._new:
            return self._new[key]
        row = self._ask("SELECT value, day FROM entries WHERE key = ?", key)
        if row is None:
            return None
        value, day = row
        if zlib.crc32(value[_CHECKSUM:]).to_bytes(_CHECKSUM, "big") != value[:_CHECKSUM]:
            return None
        if day != self._today:
            self._used.add(key)
        return bytes(value[_CHECKSUM:])

    def put(self, key: bytes, value: bytes) -> None:
        """Keeps a value under a key, from `save` on."""
        self._new[key] = value

    def in_child(self) -> Callable[[], CacheUpdates]:
        """Told in a copy of the process, which writes nothing; gives what is new there."""
        before = frozenset(self._new)
        return lambda: CacheUpdates(
            {key: value for key, value in self._new.items() if key not in before}, list(self._used)
        )

    def merge_child(self, news: CacheUpdates) -> None:
        """What is new in a copy of the process."""
        self._new.update(news.values)
        self._used.update(news.used)

    def save(self) -> None:
        """Writes what is new, notes what was used, lets go of what is old, and closes the file."""
        if (self._new or self._used) and not self._is_off:
            # A full disk, a folder that is read-only, a file that others keep: the next run reads again.
            with suppress(sqlite3.Error, OSError):
                self._write()
        self.close()
        self._new.clear()
        self._used.clear()

    def close(self) -> None:
        """Closes the file; whoever asks again opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ask(self, query: str, *values: object) -> tuple[bytes, int] | None:
        if self._is_off or (self._connection is None and not self._path.is_file()):
            return None
        try:
            row: tuple[bytes, int] | None = self._connected().execute(query, values).fetchone()
        except sqlite3.OperationalError:
            # Another process keeps it, or it cannot be opened.
            self._is_off = True
            return None
        except sqlite3.DatabaseError:
            self._discard()
            return None
        return row

    def _connected(self) -> sqlite3.Connection:
        """The open file. Raises `sqlite3.DatabaseError` where it is no cache of this layout."""
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
        found = tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _HEADER)
        has_tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        if found != tuple(_HEADER.values()):
            if has_tables or any(found):
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
        try:
            self._store(self._connected())
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
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
        """Removes a file that is broken or not ours; the journal first, which would be put into a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        try:
            for name in (_JOURNAL, _DATABASE):
                (self._folder / name).unlink(missing_ok=True)
        except OSError:
            # It is open elsewhere, or no file at all.
            self._is_off = True


_HEADER = {"application_id": _APPLICATION, "user_version": _LAYOUT}


def cache_folder(root: Path, named: str | None = None) -> Path:
    """Where the cache of a project is kept, unless it is kept elsewhere by name."""
    return root / FOLDER if named is None else Path(os.path.abspath(named))


def make_folder(folder: Path) -> None:
    """Makes the folder of a cache, which git and backups leave out. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (_IGNORE, _TAG):
        if not os.path.lexists(folder / name):
            (folder / name).write_text(text, encoding="utf-8")


def clean(folder: Path) -> bool:
    """Removes a cache; other files in its folder stay. Tells whether there was one. Raises OSError."""
    if folder.is_symlink() or not os.path.lexists(folder / _DATABASE):
        return False
    for name in (_JOURNAL, _DATABASE):
        (folder / name).unlink(missing_ok=True)
    for name, text in (_IGNORE, _TAG):
        # A folder that was named with --cache-dir may have a .gitignore of its owner.
        if (folder / name).is_file() and (folder / name).read_text("utf-8", "replace") == text:
            (folder / name).unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
    return True
