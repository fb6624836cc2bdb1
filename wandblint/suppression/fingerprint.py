"""Fingerprints: identify a finding by its rule, function and statement when lines shift and files move."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from wandblint.findings.finding import Finding
from wandblint.sources.suppressions import children

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.facts import Handler, MatchCase, Stmt

_BYTES = 16
_CLOSING = (")", "]", "}")


class Fingerprints:
    """The fingerprints of findings in a project's files."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._symbols: dict[str, list[tuple[int, int, str]]] = {}

    def of(self, finding: Finding) -> str:
        """The fingerprint of a finding, which several findings may share.

        It depends on the code of the rule, the names of the enclosing functions and classes and the tokens
        of the statement; not on message, comments, formatting, line numbers or file.
        """
        name, start = finding.span.path, finding.span.start
        if name not in self._symbols:
            facts = self._project.facts(name)
            self._symbols[name] = sorted(_symbols(facts.body)) if facts else []
        enclosing = [symbol for first, end, symbol in self._symbols[name] if first <= start < end]
        content = "\0".join((finding.code, ".".join(enclosing), *self._tokens(name, start)))
        return hashlib.blake2b(content.encode("utf-8", "replace"), digest_size=_BYTES).hexdigest()

    def _tokens(self, name: str, offset: int) -> list[str]:
        """The tokens of the statement at an offset; if there are none, as in a comment, its lines."""
        from wandblint.sources.tokens import TooDeep, tokens  # noqa: PLC0415 (its pattern takes long to compile)

        lines = self._project.lines(name)
        rows = self._project.statements(name).rows(offset)
        end = lines.offset(rows[-1], len(lines.line(rows[-1])) + 1)
        try:
            texts = tokens(self._project.text(name), lines.offset(rows[0], 1), end).texts
        except TooDeep:
            # Such a statement cannot be parsed either: the finding is about its line.
            texts = []
        return list(_normalised(texts)) or [lines.line(row).strip() for row in rows]


def _normalised(tokens: Iterable[str]) -> Iterator[str]:
    """The tokens without what formatters change: trailing commas and the kind of quotes."""
    for token, following in pairwise(chain(tokens, [""])):
        if token.strip() and not (token == "," and following in _CLOSING):
            yield token.replace("'", '"')


def _symbols(body: Iterable[Stmt | Handler | MatchCase]) -> Iterator[tuple[int, int, str]]:
    """The start, end and name of each function and class."""
    from wandblint.facts import ClassDef, FunctionDef  # noqa: PLC0415 (only findings need it)

    for node in body:
        if isinstance(node, (ClassDef, FunctionDef)):
            yield node.start, _end(node), node.name
        yield from _symbols(children(node))


def _end(node: Stmt | Handler | MatchCase) -> int:
    """Where a statement ends; `node.end` is the end of its header."""
    return max((node.end, *map(_end, children(node))))
