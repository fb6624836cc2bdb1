"""Displays, comprehensions and subscripts: all that has brackets of its own."""

from __future__ import annotations

import ast
import re

from wandblint import facts
from wandblint.syntax.dispatch import expression, lower, lower_all
from wandblint.syntax.source import BLANK, COMMENT, SourceText

_KINDS: dict[type[ast.expr], str] = {
    ast.GeneratorExp: "generator",
    ast.List: "list",
    ast.ListComp: "list",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
}


@expression("List", "Set", "Tuple")
def _sequence(node: ast.List | ast.Set | ast.Tuple, start: int, end: int, source: SourceText) -> facts.Expr:
    return facts.Sequence(start, end, _KINDS[type(node)], lower_all(node.elts, source))


@expression("Starred")
def _starred(node: ast.Starred, start: int, end: int, source: SourceText) -> facts.Expr:
    return facts.Starred(start, end, lower(node.value, source))


@expression("Dict")
def _dict(node: ast.Dict, start: int, end: int, source: SourceText) -> facts.Expr:
    text = source.text
    items = []
    at = start + 1
    for key, value in zip(node.keys, node.values, strict=True):
        known = None if key is None else lower(key, source)
        fact = lower(value, source)
        item_start = at
        if known is None or text.find("(", at, known.start) >= 0:
            item_start = source.after(_NEXT, at)
        else:
            item_start = known.start
        at = fact.end
        if text[at] not in ",}":
            at = source.closed(at)
        items.append(facts.Item(item_start, at, known, fact))
    return facts.DictLiteral(start, end, items)


@expression("ListComp", "SetComp", "GeneratorExp")
def _comprehension(
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp, start: int, end: int, source: SourceText
) -> facts.Expr:
    value = lower(node.elt, source)
    loops = _loops(node.generators, value.end, source)
    return facts.Comprehension(start, end, _KINDS[type(node)], None, value, loops)


@expression("DictComp")
def _dict_comprehension(node: ast.DictComp, start: int, end: int, source: SourceText) -> facts.Expr:
    key = lower(node.key, source)
    value = lower(node.value, source)
    return facts.Comprehension(start, end, "dict", key, value, _loops(node.generators, value.end, source))


def _loops(nodes: list[ast.comprehension], at: int, source: SourceText) -> list[facts.CompLoop]:
    """The loops after what ends at an offset, its parentheses left aside."""
    loops = []
    for node in nodes:
        start = source.after(_TO_LOOP, at)
        target = lower(node.target, source)
        iterable = lower(node.iter, source)
        conditions = lower_all(node.ifs, source)
        last, before = iterable, target.end
        for condition in conditions:
            last, before = condition, last.end
        at = source.closed_by(last.end, source.opened(before, last.start))
        loops.append(facts.CompLoop(start, at, target, iterable, conditions))
    return loops


@expression("Subscript")
def _subscript(node: ast.Subscript, start: int, end: int, source: SourceText) -> facts.Expr:
    value = lower(node.value, source)
    return facts.Subscript(start, end, value, lower(node.slice, source))


@expression("Slice")
def _slice(node: ast.Slice, start: int, end: int, source: SourceText) -> facts.Expr:
    bounds = [bound for bound in (node.lower, node.upper, node.step) if bound is not None]
    return facts.Other(start, end, lower_all(bounds, source), "slice")


_NEXT = re.compile(rf"{BLANK},?{BLANK}")
_TO_LOOP = re.compile(rf"(?:[\s\\)]|{COMMENT})*")
