"""Imports as facts."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import statement
from wandblint.reading.identifiers import identifier


@statement("Import")
@statement("LazyImport")
def _import(node: cst.Import, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    cursor.follows("lazy")
    cursor.take("import")
    names = _aliases(node.names, cursor)
    into += [facts.Import(start, cursor.end, module, asname) for module, asname in names]


@statement("ImportFrom")
@statement("LazyImportFrom")
def _import_from(node: cst.ImportFrom, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    cursor.follows("lazy")
    cursor.take("from")
    while cursor.follows("..."):  # dots are tokens only where three stand together
        pass
    module = "" if node.module is None else _dotted(node.module, cursor)
    cursor.take("import")
    level = len(node.relative)
    if isinstance(node.names, cst.ImportStar):
        into.append(facts.ImportFrom(start, cursor.end_of("*"), module, level, [("*", None)]))
        return
    cursor.follows("(")
    names = _aliases(node.names, cursor)
    cursor.follows(")")
    into.append(facts.ImportFrom(start, cursor.end, module, level, names))


def _aliases(nodes: Sequence[cst.ImportAlias], cursor: Cursor) -> list[tuple[str, str | None]]:
    """The imported names, each with its name here if it has another."""
    names = []
    for node in nodes:
        imported, asname = _dotted(node.name, cursor), None
        if node.asname is not None:
            cursor.take("as")
            assert isinstance(node.asname.name, cst.Name), "the grammar allows nothing else"
            cursor.take(node.asname.name.value)
            asname = identifier(node.asname.name.value)
        names.append((imported, asname))
    return names


def _dotted(node: cst.BaseExpression, cursor: Cursor) -> str:
    """Passes `a.b.c` and returns it without blanks."""
    if isinstance(node, cst.Attribute):
        prefix = _dotted(node.value, cursor)
        cursor.take(node.attr.value)
        return f"{prefix}.{identifier(node.attr.value)}"
    assert isinstance(node, cst.Name), "the grammar allows nothing else"
    cursor.take(node.value)
    return identifier(node.value)
