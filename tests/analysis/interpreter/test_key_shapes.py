"""The shapes in which real projects build and pass on their keys: `key_shapes.md`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.analysis.projects import keys_of, script

_SHAPE = re.compile(
    r"^## (?P<name>.+?): (?P<keys>.+)\n(?P<blocks>(?:\n```python\n(?:.*\n)*?```\n)+)", re.MULTILINE
)
_BLOCK = re.compile(r"```python\n(?:# (?P<file>\S+\.py)\n)?(?P<text>(?:.*\n)*?)```\n")
_TEXT = Path(__file__).with_name("key_shapes.md").read_text(encoding="utf-8")


def shapes() -> Iterator[object]:
    for shape in _SHAPE.finditer(_TEXT):
        files: dict[str, str] = {}
        for block in _BLOCK.finditer(shape["blocks"]):
            text = block["text"]
            files[block["file"] or "train.py"] = script(text) if "run.log" in text else text
        yield pytest.param(files, set(re.findall(r"`([^`]+)`", shape["keys"])), id=shape["name"])


@pytest.mark.parametrize(("files", "keys"), list(shapes()))
def test_shape(files: dict[str, str], keys: set[str]) -> None:
    assert keys_of(files) == keys


def test_every_shape_is_read() -> None:
    assert len(list(shapes())) == len(re.findall(r"^## ", _TEXT, re.MULTILINE))
