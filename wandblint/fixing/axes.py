"""The x-axis of a row, put into it: under a name that is written as the keys of the row are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from wandblint.findings.fix import AddAxis, DropArgument, TextEdit
from wandblint.fixing.arguments import drop_argument, insert_after
from wandblint.fixing.names import bound_by_comprehensions, given, is_rebound, used
from wandblint.fixing.source import ParsedSource, Scope

_SPREADABLE = (cst.Attribute, cst.Call, cst.Dict, cst.DictComp, cst.Name, cst.Subscript)
"""What needs no parentheses behind `**`."""

Pairs = Sequence[tuple[str, str]]
"""Keys of a row, each with its axis."""


def add_axis(source: ParsedSource, change: AddAxis) -> list[TextEdit] | None:
    """The row of the call gets its axes with what `step=` holds, and `step=` goes."""
    call, step = source.at(change.call, cst.Call), source.at(change.step, cst.Arg)
    row = None if call is None else _row(call)
    if call is None or step is None or step.keyword is None or row is None:
        return None
    dropped = drop_argument(source, DropArgument(change.step))
    names = _names(source, call, change.rows)
    if dropped is None or names is None:
        return None
    value = source.code(step.value)
    if "\n" in value or isinstance(step.value, cst.Tuple):
        value = source.whole(step.value)
    items = [f"{name}: {value}" for name in names]
    return [*_with_items(source, row, items), *dropped]


def _row(call: cst.Call) -> cst.Arg | None:
    for place, argument in enumerate(call.args):
        if argument.star:
            return None
        if (place == 0 and argument.keyword is None) or (
            argument.keyword and argument.keyword.value == "data"
        ):
            return argument
    return None


def _with_items(source: ParsedSource, row: cst.Arg, items: list[str]) -> list[TextEdit]:
    value = row.value
    if isinstance(value, cst.Dict) and value.elements:
        return insert_after(source, value.elements[-1], items)
    start, end = source.span(value)
    spread = source.whole(value)
    if not value.lpar and not isinstance(value, _SPREADABLE):
        spread = f"({spread})"
    elif value.lpar:
        start, end = source.span(value.lpar[0])[0], source.span(value.rpar[-1])[1]
    inside = [] if isinstance(value, cst.Dict) else [f"**{spread}"]
    return [source.edit(start, end, f"{{{', '.join([*inside, *items])}}}")]


def _names(source: ParsedSource, call: cst.Call, rows: tuple[Pairs, ...]) -> list[str] | None:
    """The axes as expressions; None where none is right for every way in which the call is reached."""
    pairs = {pair for row in rows for pair in row}
    for template in _templates(source, call):
        name = template.of_axis(sorted(pairs))
        if name is not None:
            return [name]
    axes = {frozenset(axis for _, axis in row) for row in rows}
    if len(axes) != 1:
        return None
    strings = [source.string(axis, call) for axis in sorted(next(iter(axes)))]
    return [string for string in strings if string is not None] if None not in strings else None


def _templates(source: ParsedSource, call: cst.Call) -> Iterator[_KeyTemplate]:
    """The f-strings that may be the call's keys: its own, then those of what its row is made of."""
    scope = source.scope(call)
    for part in _makers(source, call, scope):
        for string in source.all_of(cst.FormattedString, part):
            if source.scope(string) is scope:
                yield _KeyTemplate(source, string, call)


def _makers(source: ParsedSource, call: cst.Call, scope: Scope) -> Iterator[cst.CSTNode]:
    """The row of a call, and what gives something to a name in it, nearest first."""
    row = _row(call)
    assert row is not None, "without one there is nothing to put an axis into"
    yield row
    names = used(source, row)
    start, _ = source.span(call)
    before = [part for part in source.nodes(scope) if source.span(part)[0] < start]
    for part in reversed(before):
        if not names.isdisjoint(given(part)) and source.scope(part) is scope:
            value = part.iter if isinstance(part, cst.For) else part
            names |= used(source, value)
            yield value


class _KeyTemplate:
    """An f-string that may make keys: `training/{stage}/{metric}`."""

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
        """Whether a hole can be written again at the call."""
        if not isinstance(part, cst.FormattedStringExpression) or part.conversion or part.format_spec:
            return False
        value: cst.BaseExpression = part.expression
        while isinstance(value, cst.Attribute):
            value = value.value
        if not isinstance(value, cst.Name) or value.value in bound:
            return False
        return not is_rebound(self._source, self._source.code(part.expression), self._string, self._call)

    def of_axis(self, pairs: Pairs) -> str | None:
        """The axis as an f-string of the same holes: it gives the axis of each key."""
        for cut in self._cuts():
            made = [self._rest(key, axis, cut) for key, axis in pairs]
            if made and made[0] is not None and len(set(made)) == 1:
                head = self._source.text[self._source.span(self._string)[0] : cut]
                return f"{head}{made[0]}{self._string.end}"
        return None

    def _cuts(self) -> Iterator[int]:
        """The places behind slashes up to which the f-string can be written again, last first."""
        found: list[int] = []
        for part, usable in zip(self._parts, self._usable, strict=True):
            if not usable:
                break
            if isinstance(part, cst.FormattedStringText):
                start, _ = self._source.span(part)
                found += [start + at + 1 for at, char in enumerate(part.value) if char == "/"]
        # One whose holes are all behind it is no template.
        holes = [
            self._source.span(part)[1]
            for part in self._parts
            if isinstance(part, cst.FormattedStringExpression)
        ]
        yield from (cut for cut in reversed(found) if holes and holes[0] <= cut)

    def _rest(self, key: str, axis: str, cut: int) -> str | None:
        """What follows in an axis behind what the f-string, up to the cut, is in its key; None where the key
        is none of this f-string, or not in one way only."""
        head, tail = self._pattern(cut)
        starts = {
            found[1]
            for lazy in ("?", "")
            if (found := re.fullmatch(f"({head.format(lazy)}){tail}", key, re.DOTALL))
        }
        if len(starts) != 1:
            return None
        start = next(iter(starts))
        rest = axis.removeprefix(start)
        return rest if axis.startswith(start) and rest and not set(rest) & set("{}\\\"'") else None

    def _pattern(self, cut: int) -> tuple[str, str]:
        """Regular expressions of the keys, up to the cut and behind it; `{}` is how greedy holes are."""
        head, tail = "", ""
        for part in self._parts:
            start, end = self._source.span(part)
            if isinstance(part, cst.FormattedStringText):
                before = max(0, min(cut, end) - start)
                head += re.escape(part.value[:before]).replace("{", "{{").replace("}", "}}")
                tail += re.escape(part.value[before:])
            elif end <= cut:
                head += ".+{}"
            else:
                tail += ".*"
        # str.format fills one field at a time.
        return head.replace(".+{}", ".+{0}"), tail
