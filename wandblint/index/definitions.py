"""The functions that the names of a file may stand for, found in one walk."""

from __future__ import annotations

import msgspec

from wandblint import facts
from wandblint.index.walk import functions


class Definitions(msgspec.Struct):
    """The functions and imported names of a file, by name."""

    functions: dict[str, list[facts.FunctionDef]] = msgspec.field(default_factory=dict)
    """In any scope, methods included."""
    top_level: dict[str, list[facts.FunctionDef]] = msgspec.field(default_factory=dict)
    """Those that another file can import."""
    imports: dict[str, list[tuple[facts.ImportFrom, str]]] = msgspec.field(default_factory=dict)
    """The imports at its top level, each with the name that the other module has for it."""

    @classmethod
    def of(cls, body: list[facts.Stmt]) -> Definitions:
        """What a file with this body defines."""
        found = cls()
        for statement in body:
            if isinstance(statement, facts.ImportFrom):
                for original, alias in statement.names:
                    found.imports.setdefault(alias or original, []).append((statement, original))
            elif isinstance(statement, facts.FunctionDef):
                found.top_level.setdefault(statement.name, []).append(statement)
        for node, _ in functions(*body):
            found.functions.setdefault(node.name, []).append(node)
        return found
