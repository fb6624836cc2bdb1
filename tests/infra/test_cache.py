"""The cache alone: entries, expiry, and several processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wandblint.infra.cache import DAYS, Cache, clean


def _write_entries(folder: Path, number: int) -> None:
    for turn in range(20):
        cache = Cache(folder)
        cache.put(b"shared", b"x" * 10_000)
        cache.put(f"{number} {turn}".encode(), bytes([number]) * 10_000)
        cache.save()


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_entries, args=(tmp_path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    cache = Cache(tmp_path)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert cache.get(b"shared") == b"x" * 10_000
    for number in range(3):
        assert cache.get(f"{number} 19".encode()) == bytes([number]) * 10_000
    cache.save()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_writer_leaves_an_intact_database(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(b"stored", b"whole")
    cache.save()
    context = multiprocessing.get_context("spawn")
    for _ in range(3):
        writer = context.Process(target=_write_until_killed, args=(tmp_path,))
        writer.start()
        while not (tmp_path / "started").exists():
            time.sleep(0.01)
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join()
        (tmp_path / "started").unlink()

        reopened = Cache(tmp_path)
        assert reopened.get(b"stored") == b"whole"
        reopened.put(b"stored", b"whole")
        reopened.save()


def _write_until_killed(folder: Path) -> None:
    for turn in range(1_000_000):
        cache = Cache(folder)
        cache.put(b"stored", b"whole")
        cache.put(str(turn).encode(), b"y" * 1_000_000)
        cache.save()
        (folder / "started").touch()


def test_unused_entries_expire(tmp_path: Path) -> None:
    today = int(time.time() // 86_400)

    def on_day(day: int) -> Cache:
        cache = Cache(tmp_path)
        cache._today = day
        return cache

    cache = on_day(today)
    cache.put(b"used", b"1")
    cache.put(b"unused", b"2")
    cache.save()
    cache = on_day(today + DAYS)
    assert cache.get(b"used") == b"1"
    cache.save()
    cache = on_day(today + DAYS + 1)
    cache.put(b"other", b"3")
    cache.save()

    cache = on_day(today + DAYS + 1)
    assert (cache.get(b"used"), cache.get(b"unused")) == (b"1", None)
    cache.save()


def test_clean_keeps_foreign_files(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    cache = Cache(tmp_path)
    cache.put(b"key", b"value")
    cache.save()

    assert clean(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [".gitignore"]
    assert not clean(tmp_path)


def _database_of_somebody_else(file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE entries (something)")
    other.close()


@pytest.mark.parametrize("make", [_database_of_somebody_else, lambda file: file.write_text("a diary")])
def test_a_foreign_file_stays(tmp_path: Path, make: Callable[[Path], object]) -> None:
    file = tmp_path / "cache.sqlite"
    make(file)
    content = file.read_bytes()

    cache = Cache(tmp_path)
    assert cache.get(b"key") is None
    cache.put(b"key", b"value")
    cache.save()

    assert not clean(tmp_path)
    assert file.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["cache.sqlite"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    def store() -> int:
        cache = Cache(tmp_path)
        cache.put(b"key", b"value")
        cache.save()
        return (tmp_path / "cache.sqlite").stat().st_mode & 0o777

    assert store() == 0o600
    # One that an older version made.
    (tmp_path / "cache.sqlite").chmod(0o644)
    assert store() == 0o600


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("word", [b"CREATE TABLE", b"tableentriesentries"])
def test_a_damaged_schema_is_replaced(tmp_path: Path, word: bytes, *, reads: bool) -> None:
    cache = Cache(tmp_path)
    cache.put(b"stored", b"whole")
    cache.save()
    database = tmp_path / "cache.sqlite"
    content = database.read_bytes()
    assert word in content
    # SQLite quotes the schema in its message, and Python decodes the message.
    database.write_bytes(content.replace(word, word[:5] + b"\xae" + word[6:]))
    damaged = Cache(tmp_path)
    assert not reads or damaged.get(b"stored") is None
    damaged.put(b"stored", b"again")
    damaged.save()
    assert Cache(tmp_path).get(b"stored") == b"again"
