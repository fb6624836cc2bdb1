"""Cached values whose checksum is right and whose types are wrong: as if nothing were cached."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli.programs import write
from wandblint.app.project import RunResources
from wandblint.app.settings import Settings
from wandblint.engine import Problem, check
from wandblint.findings.finding import Finding
from wandblint.infra.cache import FOLDER

FILES = {
    "train.py": "import wandb\nfrom lib import log\n\nrun = wandb.init(reinit=True)\n"
    "run.define_metric('a', step_metric='b')\nlog(run)\n",
    "lib.py": "def log(run):\n    run.log({'a': 1})  # a row of wandb's\n",
}
WRONG: tuple[object, ...] = (7, {"a": []})


def lint(root: Path) -> tuple[list[Finding], list[Problem]]:
    result = check(root, None, Settings(), resources=RunResources(root / FOLDER))
    result.project.close()
    return result.findings, result.problems


def variants(value: object) -> Iterator[object]:
    """The value with one part of a wrong type."""
    yield from WRONG
    if isinstance(value, list):
        for index, part in enumerate(value):
            for other in WRONG:
                yield [*value[:index], other, *value[index + 1 :]]
            if isinstance(part, bytes):
                for other in WRONG:
                    yield [*value[:index], msgspec.msgpack.encode(other), *value[index + 1 :]]
    elif isinstance(value, dict):
        for key, part in value.items():
            for variant in variants(part):
                yield {**value, key: variant}


def rows(root: Path) -> dict[bytes, bytes]:
    with sqlite3.connect(root / FOLDER / "cache.sqlite") as connection:
        return {key: value[4:] for key, value in connection.execute("SELECT key, value FROM entries")}


def replace(root: Path, values: dict[bytes, bytes]) -> None:
    with sqlite3.connect(root / FOLDER / "cache.sqlite") as connection:
        for key, value in values.items():
            data = zlib.crc32(value).to_bytes(4, "big") + value
            connection.execute("UPDATE entries SET value = ? WHERE key = ?", (data, key))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    write(root, FILES)
    return root


@pytest.mark.parametrize("others", ["valid", "damaged"])
def test_values_of_a_wrong_type_lose_nothing(project: Path, others: str) -> None:
    lint(project)
    cached = rows(project)
    tried = 0
    for key, value in cached.items():
        # Where the others are damaged, the analysis runs again and reads all parts of this value.
        rest = cached if others == "valid" else dict.fromkeys(cached, b"\xc1")
        for variant in variants(msgspec.msgpack.decode(value)):
            replace(project, {**rest, key: msgspec.msgpack.encode(variant)})
            findings, problems = lint(project)
            assert "WB101" in {finding.code for finding in findings}, variant
            assert problems == [], variant
            tried += 1
    assert tried > 30


@pytest.mark.parametrize("others", ["valid", "damaged"])
@pytest.mark.parametrize("word", [b"reinit", b"wandb", b"lib", b"train"])
def test_text_that_is_not_utf8_loses_nothing(tmp_path: Path, word: bytes, others: str) -> None:
    lint(write(tmp_path, FILES))
    expected = lint(tmp_path)
    cached = rows(tmp_path)
    damaged = {key: value.replace(word, b"\xff" + word[1:]) for key, value in cached.items() if word in value}
    rest = cached if others == "valid" else dict.fromkeys(cached, b"\xc1")
    assert damaged
    for key, value in damaged.items():
        replace(tmp_path, {**rest, key: value})
        assert lint(tmp_path) == expected
    replace(tmp_path, damaged)
    assert lint(tmp_path) == expected


def test_values_nested_too_deeply_lose_nothing(tmp_path: Path) -> None:
    lint(write(tmp_path, FILES))
    expected = lint(tmp_path)
    replace(tmp_path, dict.fromkeys(rows(tmp_path), b"\x91" * 100_000))
    assert lint(tmp_path) == expected


@pytest.mark.parametrize("value", ["text", 7, 1.5, b""])
def test_values_in_a_column_of_another_type_lose_nothing(tmp_path: Path, value: object) -> None:
    lint(write(tmp_path, FILES))
    expected = lint(tmp_path)
    with sqlite3.connect(tmp_path / FOLDER / "cache.sqlite") as connection:
        connection.execute("UPDATE entries SET value = ?", (value,))
    assert lint(tmp_path) == expected
