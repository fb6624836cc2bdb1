"""Facts from the tree of Python's own parser, which is ten times as quick as LibCST's and runs nothing.

Facts need no comments and no whitespace, so the tree of `ast` has nearly all of them; the rest is looked up
in the text. What this Python cannot parse, or what is not read here, is for the reader that uses LibCST:
both give the same facts.
"""

from __future__ import annotations

import ast
import sys
import warnings

from wandblint.facts import FileFacts
from wandblint.reading.quick import (  # noqa: F401 (they fill the tables of nodes)
    blocks,
    calls,
    displays,
    expressions,
    statements,
    strings,
)
from wandblint.reading.quick.dispatch import lower_body
from wandblint.reading.quick.source import Defies, Source
from wandblint.sources.tokens import TooDeep, check_depth, tokens


def read_quickly(path: str, text: str) -> FileFacts | None:
    """The facts of a file, or None where LibCST has to have a look."""
    try:
        if sys.version_info < (3, 11):
            check_depth(tokens(text))  # this Python dies of what is nested deepest
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an invalid escape, to whoever runs wandblint
            return FileFacts(path, lower_body(ast.parse(text).body, Source(text)))
    except (Defies, MemoryError, RecursionError, SyntaxError, TooDeep, ValueError):
        # The reader that uses LibCST says what is wrong with the text, if anything is.
        return None
