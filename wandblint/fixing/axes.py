"""Log the x-axis in the row, under a name spelled like the keys of the row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from wandblint.findings.fix import AddAxis, DropArgument, TextEdit
from wandblint.fixing.arguments import drop_argument, insert_after
from wandblint.fixing.names import bound_by_comprehensions, filled_names, is_rebound, used_names
from wandblint.fixing.source import ParsedSource, Scope

_SPREADABLE = (cst.Attribute, cst.Call, cst.Dict, cst.DictComp, cst.Name, cst.Subscript)
"""Expressions that need no parentheses after `**`."""

Pairs = Sequence[tuple[str, str]]
"""Keys of a row, each with its axis."""


def add_axis(source: ParsedSource, change: AddAxis) -> list[TextEdit] | None:
    """Add the axes with the value of `step=` to the row of the call, and remove `step=`."""
    call, step = source.node_at(change.call, cst.Call), source.node_at(change.step, cst.Arg)
    row_argument = None if call is None else _row(call)
    if call is None or step is None or step.keyword is None or row_argument is None:
        return None
    dropped = drop_argument(source, DropArgument(change.step))
    names = _names(source, call, change.rows)
    if dropped is None or names is None:
        return None
    value = source.code(step.value)
    if "\n" in value or isinstance(step.value, cst.Tuple):
        value = source.code_with_parentheses(step.value)
    items = [f"{name}: {value}" for name in names]
    return [*_with_items(source, row_argument, items), *dropped]


def _row(call: cst.Call) -> cst.Arg | None:
    for index, argument in enumerate(call.args):
        if argument.star:
            return None
        if (index == 0 and argument.keyword is None) or (
            argument.keyword and argument.keyword.value == "data"
        ):
            return argument
    return None


def _with_items(source: ParsedSource, row: cst.Arg, items: list[str]) -> list[TextEdit]:
    value = row.value
    if isinstance(value, cst.Dict) and value.elements:
        return insert_after(source, value.elements[-1], items)
    start, end = source.span(value)
    spread = source.code_with_parentheses(value)
    if not value.lpar and not isinstance(value, _SPREADABLE):
        spread = f"({spread})"
    elif value.lpar:
        start, end = source.span(value.lpar[0])[0], source.span(value.rpar[-1])[1]
    inside = [] if isinstance(value, cst.Dict) else [f"**{spread}"]
    return [source.edit(start, end, f"{{{', '.join([*inside, *items])}}}")]


def _names(source: ParsedSource, call: cst.Call, rows: tuple[Pairs, ...]) -> list[str] | None:
    """The axes as expressions; None if none is right for every call stack that reaches the call."""
    pairs = {pair for row in rows for pair in row}
    for template in _templates(source, call):
        name = template.of_axis(sorted(pairs))
        if name is not None:
            return [name]
    axes = {frozenset(axis for _, axis in row) for row in rows}
    if len(axes) != 1:
        return None
    strings = [source.string_literal(axis, call) for axis in sorted(next(iter(axes)))]
    return [string for string in strings if string is not None] if None not in strings else None


def _templates(source: ParsedSource, call: cst.Call) -> Iterator[_KeyTemplate]:
    """The f-strings that may be keys of the call: its own, then those that its row is built from."""
    scope = source.scope(call)
    for expression in _row_sources(source, call, scope):
        for string in source.find_all(cst.FormattedString, expression):
            if source.scope(string) is scope:
                yield _KeyTemplate(source, string, call)


def _row_sources(source: ParsedSource, call: cst.Call, scope: Scope) -> Iterator[cst.CSTNode]:
    """The row of a call, and the statements before it that fill names used in it, nearest first."""
    row = _row(call)
    assert row is not None, "add_axis has checked it"
    yield row
    names = used_names(source, row)
    start, _ = source.span(call)
    before = [part for part in source.nodes(scope) if source.span(part)[0] < start]
    for part in reversed(before):
        if not names.isdisjoint(filled_names(part)) and source.scope(part) is scope:
            value = part.iter if isinstance(part, cst.For) else part
            names |= used_names(source, value)
            yield value


class _KeyTemplate:
    """An f-string that may build keys: `training/{stage}/{metric}`."""

    def __init__(self, source: ParsedSource, string: cst.FormattedString, call: cst.Call) -> None:
        self._source = source
        self._string = string
        self._call = call
        bound = set(bound_by_comprehensions(source, string)) - set(bound_by_comprehensions(source, call))
        self._parts = list(string.parts)
        self._usable = [
            isinstance(part, cst.FormattedStringText) or self._is_plain(part, bound) for part in self._parts
        ]

    def _is_plain(self, part: cst.BaseFormattedStringContent, bound: set[str]) -> bool:
        """Whether a hole means the same at the call."""
        if not isinstance(part, cst.FormattedStringExpression) or part.conversion or part.format_spec:
            return False
        value: cst.BaseExpression = part.expression
        while isinstance(value, cst.Attribute):
            value = value.value
        if not isinstance(value, cst.Name) or value.value in bound:
            return False
        return not is_rebound(self._source, self._source.code(part.expression), self._string, self._call)

    def of_axis(self, pairs: Pairs) -> str | None:
        """The axis as an f-string with the same holes, right for each key with its axis."""
        for cut in self._cuts():
            suffixes = [self._suffix(key, axis, cut) for key, axis in pairs]
            if suffixes and suffixes[0] is not None and len(set(suffixes)) == 1:
                head = self._source.text[self._source.span(self._string)[0] : cut]
                return f"{head}{suffixes[0]}{self._string.end}"
        return None

    def _cuts(self) -> Iterator[int]:
        """The offsets after slashes up to which the f-string means the same at the call, last first."""
        cuts: list[int] = []
        for part, usable in zip(self._parts, self._usable, strict=True):
            if not usable:
                break
            if isinstance(part, cst.FormattedStringText):
                start, _ = self._source.span(part)
                cuts += [start + index + 1 for index, char in enumerate(part.value) if char == "/"]
        # Before the first hole there is only literal text.
        holes = [
            self._source.span(part)[1]
            for part in self._parts
            if isinstance(part, cst.FormattedStringExpression)
        ]
        yield from (cut for cut in reversed(cuts) if holes and holes[0] <= cut)

    def _suffix(self, key: str, axis: str, cut: int) -> str | None:
        """The axis without the text that the f-string, up to the cut, has in the key.

        None if the f-string does not match the key, or matches it ambiguously.
        """
        head, tail = self._pattern(cut)
        starts = {
            match[1]
            for lazy in ("?", "")
            if (match := re.fullmatch(f"({head.format(lazy)}){tail}", key, re.DOTALL))
        }
        if len(starts) != 1:
            return None
        start = next(iter(starts))
        suffix = axis.removeprefix(start)
        return suffix if axis.startswith(start) and suffix and not set(suffix) & set("{}\\\"'") else None

    def _pattern(self, cut: int) -> tuple[str, str]:
        """Regular expressions for keys, before and after the cut; `{}` stands for the greediness of holes."""
        head, tail = "", ""
        for part in self._parts:
            start, end = self._source.span(part)
            if isinstance(part, cst.FormattedStringText):
                length = max(0, min(cut, end) - start)
                head += re.escape(part.value[:length]).replace("{", "{{").replace("}", "}}")
                tail += re.escape(part.value[length:])
            elif end <= cut:
                head += ".+{}"
            else:
                tail += ".*"
        # str.format fills one field at a time.
        return head.replace(".+{}", ".+{0}"), tail
