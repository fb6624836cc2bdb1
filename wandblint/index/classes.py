"""The classes and functions of a file, by their names."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from wandblint import facts
from wandblint.index.walk import functions


class ClassIndex(msgspec.Struct, array_like=True, gc=False):
    """A class at the top of a file."""

    name: str
    methods: list[tuple[str, int]]
    """Those that its body defines, each with where it starts."""
    bases: list[str]
    """The last words of what it is made of."""


def classes_of(body: Iterable[facts.Stmt]) -> list[ClassIndex]:
    """The classes at the top of a file."""
    return [
        ClassIndex(
            made.name,
            [(node.name, node.start) for node in made.body if isinstance(node, facts.Function)],
            [word for base in made.bases if base.keyword is None and (word := _last_word(base.value))],
        )
        for made in body
        if isinstance(made, facts.Class)
    ]


def functions_of(body: Iterable[facts.Stmt]) -> dict[int, tuple[str, str]]:
    """All functions of a file by where they start: the name of each, and of its class (empty for none)."""
    return {node.start: (node.name, "" if owner is None else owner.name) for node, owner in functions(*body)}


def _last_word(base: facts.Expr) -> str:
    return facts.source_form(base).rpartition(".")[2]
