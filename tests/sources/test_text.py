"""Decoding, and rows and columns."""

from __future__ import annotations

import codecs
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandblint.sources.decoding import Undecodable, decode
from wandblint.sources.text import Lines, Texts

TEXTS = st.text(st.sampled_from("ab\u00e9\U0001f600 \t\f\v\x1c\u2028\n\r"))


@given(TEXTS)
def test_lines_end_where_python_ends_them(text: str) -> None:
    lines = Lines(text)
    expected = [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]
    if not text or text[-1] in "\r\n":
        expected.append("")
    assert [lines.line(row) for row in range(1, len(lines) + 1)] == expected


@given(TEXTS)
def test_a_position_is_an_offset(text: str) -> None:
    lines = Lines(text)
    positions = [lines.position(offset) for offset in range(len(text) + 1)]
    assert positions == sorted(set(positions))
    assert [lines.offset(row, column) for row, column in positions] == list(range(len(text) + 1))


def test_a_position_counts_characters() -> None:
    lines = Lines("x\r\n\u00e9\U0001f600y\r\n")
    assert lines.position(5) == (2, 3)
    assert lines.line(2) == "\u00e9\U0001f600y"
    assert len(lines) == 3


def test_positions_beyond_the_text_are_at_its_end() -> None:
    lines = Lines("a\nbc")
    assert lines.position(99) == (2, 3)
    assert lines.position(-1) == (1, 1)
    assert lines.offset(2, 99) == 4
    assert lines.offset(99, 1) == 4
    assert (lines.line(0), lines.line(3)) == ("", "")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        ("# \u00e9\r\n".encode(), "# \u00e9\r\n"),
        (codecs.BOM_UTF8 + b"x = 1\n", "x = 1\n"),
        (codecs.BOM_UTF8 + b"# coding: utf-8\r\n", "# coding: utf-8\r\n"),
        (b"# -*- coding: latin-1 -*-\n# \xe9\n", "# -*- coding: latin-1 -*-\n# \u00e9\n"),
        (
            b"#!python\n# vim: set fileencoding=cp1252 :\n# \x80",
            "#!python\n# vim: set fileencoding=cp1252 :\n# \u20ac",
        ),
        (b"\n\n# coding: latin-1 comes too late\n", "\n\n# coding: latin-1 comes too late\n"),
        (b"s = 'coding: nothing'\n", "s = 'coding: nothing'\n"),
    ],
)
def test_decodable_bytes(data: bytes, text: str) -> None:
    assert decode(data) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a = 1\r\nb = '\xff'\n", "byte 0xff in line 2 is not utf-8"),
        (codecs.BOM_UTF8 + b"\xff", "byte 0xff in line 1 is not utf-8"),
        (b"# coding: klingon\n", "unknown encoding: klingon"),
        (b"# coding: rot13\n", "rot13 is not a text encoding"),
        (b"# coding: ascii\n\xc3\xa9\n", "byte 0xc3 in line 2 is not ascii"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "encoding problem: utf-8"),
    ],
)
def test_undecodable_bytes(data: bytes, reason: str) -> None:
    with pytest.raises(Undecodable) as caught:
        decode(data)
    assert str(caught.value) == reason


def test_texts_are_read_once(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"import wandb\r\n")
    texts = Texts(tmp_path)
    assert texts.mentions_wandb("a.py")
    file.unlink()
    assert texts.text("a.py") == "import wandb\r\n"
    assert texts.lines("a.py").position(14) == (2, 1)
    assert not texts.unreadable


def test_given_texts_replace_those_on_disk(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import wandb\n")
    texts = Texts(tmp_path, {"a.py": "pass", "b.py": "logger = WandbLogger()"})
    assert not texts.mentions_wandb("a.py")
    assert texts.mentions_wandb("b.py")
    assert texts.text("a.py") == "pass"


def test_an_unreadable_file_is_empty_and_may_mention_wandb(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# \xe9")
    texts = Texts(tmp_path)
    assert texts.mentions_wandb("gone.py")
    assert not texts.mentions_wandb("latin.py")
    assert (texts.text("gone.py"), texts.text("latin.py")) == ("", "")
    assert texts.unreadable == {
        "gone.py": "no such file or directory",
        "latin.py": "byte 0xe9 in line 1 is not utf-8",
    }


def test_a_name_with_a_null_character_is_an_unreadable_file(tmp_path: Path) -> None:
    texts = Texts(tmp_path)
    assert texts.text("a\0b.py") == ""
    assert texts.unreadable == {"a\0b.py": "embedded null byte"}
