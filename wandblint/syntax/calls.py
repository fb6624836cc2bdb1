"""Calls, and the arguments and parameters of everything that has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from operator import attrgetter

from wandblint import facts
from wandblint.syntax.dispatch import expression, lower
from wandblint.syntax.source import BLANK, COMMENT, SourceText


@expression("Call")
def _call(node: ast.Call, start: int, end: int, source: SourceText) -> facts.Expr:
    func = lower(node.func, source)
    args = lower_arguments(in_order(node.args, node.keywords), func.end, source)
    source.effects += 1
    return facts.Call(start, end, func, args)


def in_order(args: Sequence[ast.expr], keywords: Sequence[ast.keyword]) -> Sequence[ast.expr | ast.keyword]:
    """The arguments as they are written: `*more` may follow a keyword."""
    if not keywords:
        return args
    if args and _place(args[-1]) > _place(keywords[0]):
        return sorted([*args, *keywords], key=_place)
    return [*args, *keywords]


_place = attrgetter("lineno", "col_offset")


def lower_arguments(
    nodes: Sequence[ast.expr | ast.keyword], opening: int, source: SourceText
) -> list[facts.Arg]:
    """The arguments of a call or the bases of a class; their parenthesis opens at `opening` or after."""
    args = []
    end = opening
    expected = 1  # the parenthesis that opens before the first one
    for node in nodes:
        if type(node) is ast.keyword:
            rows = source.rows
            start = rows[node.lineno] + node.col_offset
            end = rows[node.end_lineno] + node.end_col_offset  # type: ignore[index,operator]  # it is parsed
            value = lower(node.value, source)
            arg = facts.Arg(start, end, value, node.arg, 0 if node.arg else 2)
        else:
            arg = _positional(node, end, expected, source)  # type: ignore[arg-type]  # all but keywords
            end = arg.end
        args.append(arg)
        expected = 0
    return args


def _positional(node: ast.expr, gap: int, expected: int, source: SourceText) -> facts.Arg:
    value = lower(node, source)
    start, end = value.start, value.end
    if type(value) is facts.Starred:
        return facts.Arg(start, end, value.value, None, 1)
    is_generator = type(node) is ast.GeneratorExp
    if source.text.count("(", gap, start) != expected or is_generator:
        start = source.after(_FIRST if expected else _NEXT, gap)
        if start > value.start:  # the parentheses of the call are the generator's own
            assert isinstance(value, facts.Comprehension), "nothing else shares its parentheses"
            return facts.Arg(start, value.loops[-1].end, value)
        end = source.closed_by(end, source.opened(start, value.start))
    return facts.Arg(start, end, value)


def lower_parameters(node: ast.arguments, opening: int, source: SourceText) -> list[facts.Param]:
    """The parameters in the order of the source, which begin after `opening`."""
    plain = [*node.posonlyargs, *node.args]
    kinds = ["/"] * len(node.posonlyargs) + [""] * len(node.args)
    defaults = [None] * (len(plain) - len(node.defaults)) + node.defaults
    named: list[tuple[ast.arg, str, ast.expr | None]] = list(zip(plain, kinds, defaults, strict=True))
    if node.vararg is not None:
        named.append((node.vararg, "*", None))
    named += [(param, "k", default) for param, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
    if node.kwarg is not None:
        named.append((node.kwarg, "**", None))
    params: list[facts.Param] = []
    for param, kind, default in named:
        params.append(_parameter(param, kind, default, opening, source))
        opening = params[-1].end
    return params


def _parameter(
    node: ast.arg, kind: str, default: ast.expr | None, gap: int, source: SourceText
) -> facts.Param:
    rows = source.rows
    start = rows[node.lineno] + node.col_offset
    end = rows[node.end_lineno] + node.end_col_offset  # type: ignore[index,operator]  # a parsed node has them
    if kind in ("*", "**"):
        start = start - len(kind) if source.text[start - 1] == "*" else source.after(_TO_STAR, gap)
    annotation = None if node.annotation is None else lower(node.annotation, source)
    if default is None:
        return facts.Param(start, end, node.arg, kind, None, annotation)
    value = lower(default, source)
    end = source.closed_by(value.end, source.opened(end, value.start))
    return facts.Param(start, end, node.arg, kind, value, annotation)


_FIRST = re.compile(rf"(?:[\s\\,\])]|{COMMENT})*\({BLANK}")
_NEXT = re.compile(rf"{BLANK},{BLANK}")
_TO_STAR = re.compile(rf"(?:[\s\\,/(\])]|{COMMENT})*")
