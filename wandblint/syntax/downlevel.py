"""Rewrites text that the running Python cannot parse in older syntax that says the same to a linter.

Every piece is replaced by one of the same length, so that places stay what they are. Fields of f-strings, of
which each Python allows more than the last, are always parsed alone (`holes`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from wandblint.sources.tokens import FORMATTED, TooDeep, tokens
from wandblint.syntax.errors import ParseError
from wandblint.syntax.expressions import LONGEST_INTEGER
from wandblint.syntax.fields import Field, fields
from wandblint.syntax.holes import filler, parsable
from wandblint.syntax.source import Rewriting, SourceText, StringKind, Unsupported


def rewritings(text: str) -> Iterator[SourceText]:
    """The text for an older Python: with strings rewritten, and if that is not enough, all that is newer."""
    strings = _Strings(text)
    try:
        strings.visit(0, len(text))
        rewriting = strings.rewriting()
        yield SourceText(rewriting)
        # LibCST knows nearly all f-strings; without their fields it can be asked about the others.
        without_fields = parsable(SourceText(rewriting), 0, len(text))
    except (RecursionError, TooDeep, Unsupported):
        return
    from wandblint.syntax.grammar import with_older_grammar  # noqa: PLC0415 (LibCST takes long to import)

    stopped = 0
    for written in (rewriting.text, without_fields):
        try:
            yield SourceText(with_older_grammar(written, rewriting))
        except ParseError as error:  # noqa: PERF203 (a loop over two)
            stopped = error.offset
        else:
            return
    # A mistake: with what stands before it rewritten, Python says what is wrong, and not with newer syntax.
    starts = [line.start() for line in _TOP_LEVEL.finditer(without_fields, 0, stopped + 1)]
    for start in reversed(starts[-_MOST_TRIED:]):
        try:
            yield SourceText(with_older_grammar(without_fields[:start], rewriting))
        except ParseError:
            continue
        return


class _Strings:
    """t-strings become f-strings, and what this Python refuses in a literal becomes something else."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._characters = list(text)
        self._kinds: dict[int, StringKind] = {}

    def rewriting(self) -> Rewriting:
        """The text as it is now."""
        return Rewriting("".join(self._characters), {}, {}, {}, self._kinds)

    def visit(self, start: int, end: int) -> None:
        """Rewrites what stands between two offsets."""
        found = tokens(self.text, start, end)
        for token, begin, stop in zip(found.texts, found.starts, found.ends, strict=True):
            if "\\N{" in token:
                self._visit_names(begin, stop)
            if opening := FORMATTED.match(token):
                self._visit_formatted(opening["prefix"], begin, stop)
            elif len(token) > LONGEST_INTEGER and token.replace("_", "").isdecimal():
                self._characters[begin:stop] = filler(stop - begin)

    def _visit_names(self, start: int, end: int) -> None:
        """A newer Python knows more characters."""
        prefix = _PREFIX.match(self.text, start)
        if prefix is None or set(prefix[0].lower()) & {"r", "b"}:
            return
        for name in _CHARACTER.finditer(self.text, prefix.end(), end):
            if name["name"] and not _is_known(name["name"]):
                self._characters[name.start() : name.end()] = "N" * len(name[0])
                self._kinds[start] = StringKind.UNKNOWN

    def _visit_formatted(self, prefix: str, start: int, end: int) -> None:
        if "t" in prefix.lower():
            self._kinds[start] = StringKind.TEMPLATE
            self._characters[start : start + len(prefix)] = prefix.replace("t", "f").replace("T", "F")
        try:
            found = fields(self.text, start, end)
        except Unsupported:  # the reader will raise it again for this string
            return
        for field in found:
            self._visit_field(field)

    def _visit_field(self, field: Field) -> None:
        self.visit(field.start + 1, field.expression_end)
        for inner in field.inner:
            self._visit_field(inner)


def _is_known(name: str) -> bool:
    try:
        unicodedata.lookup(name)
    except KeyError:
        return False
    return True


_MOST_TRIED = 3
"""Statements before a mistake that may not end there: `else` goes on with one, a string may go over lines."""
_TOP_LEVEL = re.compile(r"(?:(?<=[\r\n])|\A)(?=[^\s#)\]}])")
_PREFIX = re.compile("[a-zA-Z]*")
_CHARACTER = re.compile(r"\\\\|\\N\{(?P<name>[^{}]*)\}")
