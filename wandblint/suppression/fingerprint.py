"""What a finding keeps when lines shift and files move: its rule, its function and its statement."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from wandblint.findings.finding import Finding
from wandblint.sources.suppressions import inside

if TYPE_CHECKING:
    from wandblint.app.project import Project
    from wandblint.facts import Case, Handler, Stmt

_BYTES = 16
_CLOSING = (")", "]", "}")


class Fingerprints:
    """The fingerprints of findings in a project's files."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._symbols: dict[str, list[tuple[int, int, str]]] = {}

    def of(self, finding: Finding) -> str:
        """The fingerprint of a finding.

        It changes with the code of the rule, the names of the functions and classes around the finding, and
        the tokens of its statement; not with the message, comments, format, lines or files. So several
        findings may share one.
        """
        name, start = finding.span.path, finding.span.start
        if name not in self._symbols:
            facts = self._project.facts(name)
            self._symbols[name] = sorted(_symbols(facts.body)) if facts else []
        around = [symbol for first, end, symbol in self._symbols[name] if first <= start < end]
        said = "\0".join((finding.code, ".".join(around), *self._tokens(name, start)))
        return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=_BYTES).hexdigest()

    def _tokens(self, name: str, offset: int) -> list[str]:
        """The tokens of the statement at an offset; where there are none, as in a comment, its lines."""
        from wandblint.sources.tokens import TooDeep, tokens  # noqa: PLC0415 (its pattern takes long to compile)

        lines = self._project.lines(name)
        rows = self._project.statements(name).rows(offset)
        end = lines.offset(rows[-1], len(lines.line(rows[-1])) + 1)
        try:
            found = tokens(self._project.text(name), lines.offset(rows[0], 1), end).texts
        except TooDeep:
            # Such a statement cannot be parsed either: the finding says so, and is where its line is.
            found = []
        return list(_normalised(found)) or [lines.line(row).strip() for row in rows]


def _normalised(tokens: Iterable[str]) -> Iterator[str]:
    """The tokens without what formatters change: commas before closing brackets, the kind of quotes."""
    for token, following in pairwise(chain(tokens, [""])):
        if token.strip() and not (token == "," and following in _CLOSING):
            yield token.replace("'", '"')


def _symbols(body: Iterable[Stmt | Handler | Case]) -> Iterator[tuple[int, int, str]]:
    """Where each function and class begins and ends, and its name."""
    from wandblint.facts import Class, Function  # noqa: PLC0415 (not without findings)

    for node in body:
        if isinstance(node, (Class, Function)):
            yield node.start, _end(node), node.name
        yield from _symbols(inside(node))


def _end(node: Stmt | Handler | Case) -> int:
    """Where a statement ends; the facts tell where its header does."""
    return max((node.end, *map(_end, inside(node))))
