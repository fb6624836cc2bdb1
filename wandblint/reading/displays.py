"""Displays, comprehensions and subscripts: all that has brackets of its own."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import expression, lower


@expression("Tuple")
def _tuple(node: cst.Tuple, cursor: Cursor) -> facts.Expr:
    if node.lpar:  # its own parentheses are the innermost that `lower` has passed
        start = cursor.starts[cursor.at - 1]
        items = [lower(element, cursor) for element in _expressions(node)]
        return facts.Sequence(start, cursor.ends[cursor.at], "tuple", items)
    start = cursor.start
    items = [lower(element, cursor) for element in _expressions(node)]
    start = min(start, items[0].start)
    return facts.Sequence(start, end_after_comma(node.elements[-1].comma, cursor), "tuple", items)


@expression("List")
@expression("Set")
def _list_or_set(node: cst.List | cst.Set, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    cursor.at += 1
    items = [lower(element, cursor) for element in _expressions(node)]
    cursor.at += 1
    return facts.Sequence(start, cursor.end, "list" if isinstance(node, cst.List) else "set", items)


def _expressions(node: cst.Tuple | cst.List | cst.Set) -> list[cst.BaseExpression]:
    return [
        element if isinstance(element, cst.StarredElement) else element.value for element in node.elements
    ]


def end_after_comma(comma: cst.Comma | cst.MaybeSentinel, cursor: Cursor) -> int:
    """The end of what was passed last, with the comma after it if there is one."""
    return cursor.end_of(",") if isinstance(comma, cst.Comma) else cursor.end


@expression("StarredElement")
def _starred(node: cst.StarredElement, cursor: Cursor) -> facts.Expr:
    start = cursor.start_of("*")
    value = lower(node.value, cursor)
    return facts.Starred(start, cursor.end, value)


@expression("Dict")
def _dict(node: cst.Dict, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    cursor.at += 1
    items = []
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            item_start = cursor.start
            key = lower(element.key, cursor)
            value = lower(element.value, cursor)
            items.append(facts.Item(item_start, cursor.end, key, value))
        else:
            item_start = cursor.start_of("*")
            value = lower(element.value, cursor)
            items.append(facts.Item(item_start, cursor.end, None, value))
    cursor.at += 1
    return facts.DictLiteral(start, cursor.end, items)


@expression("GeneratorExp")
def _generator(node: cst.GeneratorExp, cursor: Cursor) -> facts.Expr:
    # Where it is the only argument, the parentheses of the call are its own, as Python says too.
    start = cursor.starts[cursor.at - 1]
    value = lower(node.elt, cursor)
    loops = _loops(node.for_in, cursor)
    return facts.Comprehension(start, cursor.ends[cursor.at], "generator", None, value, loops)


@expression("ListComp")
@expression("SetComp")
def _comprehension(node: cst.ListComp | cst.SetComp, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    cursor.at += 1
    value = lower(node.elt, cursor)
    loops = _loops(node.for_in, cursor)
    cursor.at += 1
    kind = "list" if isinstance(node, cst.ListComp) else "set"
    return facts.Comprehension(start, cursor.end, kind, None, value, loops)


@expression("DictComp")
def _dict_comprehension(node: cst.DictComp, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    cursor.at += 1
    key = lower(node.key, cursor)
    value = lower(node.value, cursor)
    loops = _loops(node.for_in, cursor)
    cursor.at += 1
    return facts.Comprehension(start, cursor.end, "dict", key, value, loops)


@expression("StarredDictComp")
def _merging_comprehension(node: cst.StarredDictComp, cursor: Cursor) -> facts.Expr:
    """`{**value for ...}`, which Python has since 3.15 and the facts have not."""
    start = cursor.start
    cursor.at += 1
    effects = cursor.effects
    value = lower(node.value, cursor)
    loops = _loops(node.for_in, cursor)
    cursor.at += 1
    comprehension = facts.Comprehension(start, cursor.end, "list", None, value, loops)
    return facts.Other(start, cursor.end, [comprehension] if cursor.effects != effects else [])


def _loops(node: cst.CompFor | None, cursor: Cursor) -> list[facts.CompLoop]:
    loops = []
    while node is not None:
        start = cursor.start
        cursor.at += 1 if node.asynchronous is None else 2
        target = lower(node.target, cursor)
        cursor.at += 1
        iterable = lower(node.iter, cursor)
        conditions = []
        for condition in node.ifs:
            cursor.at += 1
            conditions.append(lower(condition.test, cursor))
        loops.append(facts.CompLoop(start, cursor.end, target, iterable, conditions))
        node = node.inner_for_in
    return loops


@expression("Subscript")
def _subscript(node: cst.Subscript, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    value = lower(node.value, cursor)
    cursor.at += 1
    index = _index(node.slice, cursor)
    cursor.at += 1
    return facts.Subscript(start, cursor.end, value, index)


def _index(elements: Sequence[cst.SubscriptElement], cursor: Cursor) -> facts.Expr:
    first = elements[0].slice
    if len(elements) == 1 and not isinstance(elements[0].comma, cst.Comma):
        if isinstance(first, cst.Index) and not first.star:
            return lower(first.value, cursor)
        if isinstance(first, cst.Slice):
            return _slice(first, cursor.end, cursor)
    items: list[facts.Expr] = []
    end = cursor.end
    start = cursor.skip(end)
    for element in elements:
        items.append(_element(element.slice, end, cursor))
        end = max(items[-1].end, cursor.end)
        if isinstance(element.comma, cst.Comma):
            end = cursor.seek(",", end) + 1
    return facts.Sequence(start, end, "tuple", items)


def _element(node: cst.BaseSlice, offset: int, cursor: Cursor) -> facts.Expr:
    if isinstance(node, cst.Slice):
        return _slice(node, offset, cursor)
    assert isinstance(node, cst.Index)
    if not node.star:
        return lower(node.value, cursor)
    start = cursor.seek("*", offset)
    value = lower(node.value, cursor)
    return facts.Starred(start, cursor.end, value)


def _slice(node: cst.Slice, offset: int, cursor: Cursor) -> facts.Expr:
    """A slice, which begins at `offset` or after; its colons are no tokens."""
    start = end = cursor.skip(offset)
    parts = []
    for bound, colon in (
        (node.lower, node.first_colon),
        (node.upper, node.second_colon),
        (node.step, None),
    ):
        if bound is not None:
            effects = cursor.effects
            value = lower(bound, cursor)
            end = cursor.end
            if cursor.effects != effects:
                parts.append(value)
        if isinstance(colon, cst.Colon):
            end = cursor.seek(":", end) + 1
    return facts.Other(start, end, parts)
