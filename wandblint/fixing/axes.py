"""The x-axis of a row, put into it: under a name that is written as the keys of the row are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from wandblint.fix import AddAxis, DropArgument, Edit
from wandblint.fixing.arguments import drop_argument, insert_behind
from wandblint.fixing.source import Source

Pairs = Sequence[tuple[str, str]]
"""Keys of a row, each with its axis."""


def add_axis(source: Source, change: AddAxis) -> list[Edit] | None:
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


def _with_items(source: Source, row: cst.Arg, items: list[str]) -> Iterator[Edit]:
    value = row.value
    if isinstance(value, cst.Dict) and value.elements:
        for item in items:
            yield insert_behind(source, value.elements[-1], item)
        return
    start, end = source.span(value)
    inside = "" if isinstance(value, cst.Dict) else f"**{source.code(value)}, "
    yield source.edit(start, end, f"{{{inside}{', '.join(items)}}}")


def _names(source: Source, call: cst.Call, rows: tuple[Pairs, ...]) -> list[str] | None:
    """The axes as expressions; None where none is right for every way in which the call is reached."""
    pairs = {pair for row in rows for pair in row}
    for template in _templates(source, call):
        name = template.of_axis(sorted(pairs))
        if name is not None:
            return [name]
    axes = {frozenset(axis for _, axis in row) for row in rows}
    if len(axes) != 1:
        return None
    quote = _quote(source, call)
    return [f"{quote}{axis}{quote}" for axis in sorted(next(iter(axes)))]


def _templates(source: Source, call: cst.Call) -> Iterator[_Template]:
    """The f-strings of the function around the call that may be its keys."""
    scope = source.enclosing(call, cst.FunctionDef) or source.module
    for string in source.all_of(cst.FormattedString, scope if scope is not source.module else None):
        yield _Template(source, string, call)


class _Template:
    """An f-string that may make keys: `training/{stage}/{metric}`."""

    def __init__(self, source: Source, string: cst.FormattedString, call: cst.Call) -> None:
        self._source = source
        self._string = string
        bound = set(_bound_by_comprehensions(source, string)) - set(_bound_by_comprehensions(source, call))
        self._parts = list(string.parts)
        self._usable = [
            isinstance(part, cst.FormattedStringText) or self._is_plain(part, bound) for part in self._parts
        ]

    @staticmethod
    def _is_plain(part: cst.BaseFormattedStringContent, bound: set[str]) -> bool:
        """Whether a hole can be written again at the call."""
        if not isinstance(part, cst.FormattedStringExpression) or part.conversion or part.format_spec:
            return False
        value: cst.BaseExpression = part.expression
        while isinstance(value, cst.Attribute):
            value = value.value
        return isinstance(value, cst.Name) and value.value not in bound

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


def _bound_by_comprehensions(source: Source, node: cst.CSTNode) -> Iterator[str]:
    """The names that the comprehensions around a node bind."""
    for outer in source.around(node):
        if isinstance(outer, cst.BaseComp):
            loop: cst.CompFor | None = outer.for_in
            while loop is not None:
                yield from (name.value for name in source.all_of(cst.Name, loop.target))
                loop = loop.inner_for_in


def _quote(source: Source, call: cst.Call) -> str:
    """The quotes that the call's strings have, else those of most Python."""
    for string in source.all_of(cst.SimpleString, call):
        if string.quote in {"'", '"'}:
            return string.quote
    return '"'
