"""The names of the classes and functions of a file."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wandblint import facts
from wandblint.index.walk import functions


class ClassIndex(msgspec.Struct, array_like=True, gc=False):
    """A top-level class of a file."""

    name: str
    methods: list[tuple[str, int]]
    """The methods that its body defines, each with its start."""
    bases: list[str]
    """The last words of its base classes."""


def classes_of(body: Iterable[facts.Stmt]) -> list[ClassIndex]:
    """The top-level classes of a file."""
    return [
        ClassIndex(
            statement.name,
            [(node.name, node.start) for node in statement.body if isinstance(node, facts.FunctionDef)],
            [word for base in statement.bases if base.keyword is None and (word := _last_word(base.value))],
        )
        for statement in body
        if isinstance(statement, facts.ClassDef)
    ]


def functions_of(body: Iterable[facts.Stmt]) -> dict[int, tuple[str, str]]:
    """The name and class (empty for none) of each function of a file, by its start."""
    return {node.start: (node.name, "" if owner is None else owner.name) for node, owner in functions(*body)}


def _last_word(base: facts.Expr) -> str:
    return facts.source_form(base).rpartition(".")[2]
