"""Damaged caches: the findings are those of a run without a cache, if the damage can be seen."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import msgspec

from tests.torture.program import Program
from tests.torture.projects import project, write
from wandblint.infra.cache import DATABASE, FOLDER

_VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 2**63, 1.5, float("nan"), "", "text", b"", b"\0" * 99, {}, {"a": 1}),
    *([1, 2, 3], ["a", b"b", {}, []], {1: 2}, [[[[[[]]]]]], [0, [], [], [], [], []]),
)
"""Not among them: `[]`, which is a file without facts, and `[None]` and `[[]]`, which are edits of a fix."""


def _flip(database: Path, random: Random) -> None:
    content = bytearray(database.read_bytes())
    for _ in range(random.choice((1, 10, 200))):
        content[random.randrange(len(content))] = random.randrange(256)
    database.write_bytes(content)


def _truncate(database: Path, random: Random) -> None:
    database.write_bytes(database.read_bytes()[: random.randrange(database.stat().st_size)])


def _clear(database: Path, random: Random) -> None:
    content = bytearray(database.read_bytes())
    at = random.randrange(len(content))
    content[at : at + 4096] = bytes(len(content[at : at + 4096]))
    database.write_bytes(content)


def _swap(database: Path, random: Random) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        rows = connection.execute("SELECT key, value FROM entries").fetchall()
        values = [value for _, value in rows]
        random.shuffle(values)
        for (key, _), value in zip(rows, values, strict=True):
            connection.execute("UPDATE entries SET value = ? WHERE key = ?", (value, key))


def _retype(database: Path, random: Random) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for (key,) in connection.execute("SELECT key FROM entries").fetchall():
            if random.randrange(3):
                value = msgspec.msgpack.encode(random.choice(_VALUES))
                checked = zlib.crc32(value).to_bytes(4, "big") + value
                connection.execute("UPDATE entries SET value = ? WHERE key = ?", (checked, key))


def _forge(database: Path, random: Random) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for key, value in connection.execute("SELECT key, value FROM entries").fetchall():
            content = bytearray(value[4:])
            content[random.randrange(len(content))] = random.randrange(256)
            checked = zlib.crc32(content).to_bytes(4, "big") + content
            connection.execute("UPDATE entries SET value = ? WHERE key = ?", (checked, key))


def _recolumn(database: Path, random: Random) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        value, day = random.choice((1, "text", b"", b"abc", 1.5)), random.choice(("x", None, -1, b"", 2**62))
        connection.execute("UPDATE entries SET value = ?, day = ?", (value, day))


def _redefine(database: Path, random: Random) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE entries")
        if table := random.choice(("", "entries (key)", "entries (key, value)", "other (x)")):
            connection.execute(f"CREATE TABLE {table}")


def _journal(database: Path, random: Random) -> None:
    suffix = random.choice(("-journal", "-wal", "-shm"))
    database.with_name(database.name + suffix).write_bytes(random.randbytes(random.randrange(2000)))


_DAMAGES: tuple[Callable[[Path, Random], None], ...] = (
    *(_flip, _truncate, _clear, _retype, _recolumn, _redefine, _journal, _swap, _forge),
)
_FALSE = (_swap, _forge)
"""They leave values of the right type that say something else, which may change findings (SECURITY.md)."""


def attempt(number: int, folder: Path, program: Program) -> list[str]:
    """Damages the cache of a project, and compares the next two runs with one without a cache."""
    random = Random(number)
    root = write(project(random), folder / "project")
    options = ("--jobs", "1", "--output-format", "json")
    expected = program.run(*options, "--no-cache", cwd=root)
    program.run(*options, cwd=root)
    database = root / FOLDER / DATABASE
    whole = folder / "whole.sqlite"
    shutil.copy(database, whole)
    complaints = []
    for damage in random.sample(_DAMAGES, 3):
        shutil.copy(whole, database)
        damage(database, random)
        for turn in ("first", "second"):
            result = program.run(*options, cwd=root)
            complaints += result.complaints()
            if damage not in _FALSE and (result.code, result.out, result.err) != (
                expected.code,
                expected.out,
                expected.err,
            ):
                complaints.append(
                    f"the {turn} run after {damage.__name__.strip('_')} differs: {result.err!r}"
                )
                shutil.copy(database, folder / f"{damage.__name__}.sqlite")
    return complaints
