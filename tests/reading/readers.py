"""The two readers, which give the same facts."""

from __future__ import annotations

import pytest

from tests.reading.places import python_tree
from wandblint.facts import FileFacts
from wandblint.reading import read
from wandblint.reading.module import read_module
from wandblint.reading.quick import read_quickly


def read_by_both(text: str) -> FileFacts:
    """The facts, equal by both readers; only what this Python cannot parse is left to LibCST."""
    facts = read_module("x.py", text)
    quick = read_quickly("x.py", text)
    if quick is None:
        with pytest.raises((SyntaxError, ValueError)):
            python_tree(text)
    else:
        assert quick == facts
    assert read("x.py", text) == facts
    return facts
