"""Compound statements of `ast` as facts."""

from __future__ import annotations

import ast
import re
from typing import Any

from wandblint import facts
from wandblint.sources.tokens import WORD
from wandblint.syntax.calls import lower_arguments, lower_parameters
from wandblint.syntax.dispatch import lower, lower_all, lower_body, statement
from wandblint.syntax.patterns import lower_pattern
from wandblint.syntax.source import BLANK, SourceText


@statement("If")
def _if(node: ast.If, start: int, _: int, source: SourceText, into: list[facts.Stmt]) -> None:
    test = lower(node.test, source)
    end = source.header_end(test.end)
    body = lower_body(node.body, source)
    into.append(facts.If(start, end, test, body, lower_body(node.orelse, source)))


@statement("For", "AsyncFor")
def _for(
    node: ast.For | ast.AsyncFor, start: int, _: int, source: SourceText, into: list[facts.Stmt]
) -> None:
    target = lower(node.target, source)
    iterable = lower(node.iter, source)
    end = source.header_end(iterable.end)
    body = lower_body(node.body, source)
    into.append(facts.For(start, end, target, iterable, body, lower_body(node.orelse, source)))


@statement("While")
def _while(node: ast.While, start: int, _: int, source: SourceText, into: list[facts.Stmt]) -> None:
    test = lower(node.test, source)
    end = source.header_end(test.end)
    body = lower_body(node.body, source)
    into.append(facts.While(start, end, test, body, lower_body(node.orelse, source)))


@statement("Try", "TryStar")
def _try(node: ast.Try, start: int, _: int, source: SourceText, into: list[facts.Stmt]) -> None:
    body = lower_body(node.body, source)
    handlers = [_handler(handler, source) for handler in node.handlers]
    orelse = lower_body(node.orelse, source)
    final = lower_body(node.finalbody, source)
    into.append(facts.Try(start, start + len("try"), body, handlers, orelse, final))


def _handler(node: ast.ExceptHandler, source: SourceText) -> facts.Handler:
    start = source.rows[node.lineno] + node.col_offset
    caught, end = None, start + len("except")
    if node.type is not None:
        caught = lower(node.type, source)
        end = source.closed(caught.end)
    if node.name is not None:
        end = source.after(_AS_NAME, end)
    return facts.Handler(start, end, caught, node.name, lower_body(node.body, source))


@statement("With", "AsyncWith")
def _with(
    node: ast.With | ast.AsyncWith, start: int, _: int, source: SourceText, into: list[facts.Stmt]
) -> None:
    items: list[facts.WithItem] = []
    at = source.after(_WITH, start)
    for item in node.items:
        value = lower(item.context_expr, source)
        begin, end = value.start, value.end
        own = opened = source.opened(at, begin)
        if opened and not items:
            own = _own_parentheses(node, opened, end, source)
        if own:
            begin = source.after(_NEXT if items else _OPENED if own < opened else _BLANK, at)
            end = source.closed_by(end, own)
        target = None
        if item.optional_vars is not None:
            target = lower(item.optional_vars, source)
            end = source.closed_by(target.end, source.opened(end, target.start))
        items.append(facts.WithItem(begin, end, value, target))
        at = end
    into.append(facts.With(start, source.header_end(at), items, lower_body(node.body, source)))


def _own_parentheses(node: ast.With | ast.AsyncWith, opened: int, end: int, source: SourceText) -> int:
    """How many parentheses are of the first value; one more may be around all items, as grammar prefers."""
    own = source.closing(end, opened)
    item = node.items[0]
    if own == opened and len(node.items) == 1 and item.optional_vars is None:
        own = max(own - 1, 1 if isinstance(item.context_expr, _NEED_PARENTHESES) else 0)
    return own


@statement("Match")
def _match(node: ast.Match, start: int, _: int, source: SourceText, into: list[facts.Stmt]) -> None:
    subject = lower(node.subject, source)
    cases = [_case(case, source) for case in node.cases]
    into.append(facts.Match(start, source.header_end(subject.end), subject, cases))


def _case(node: ast.match_case, source: SourceText) -> facts.MatchCase:
    rows, where = source.rows, node.pattern
    start = source.first_on_line("case", rows[where.lineno] + where.col_offset)
    end = rows[where.end_lineno] + where.end_col_offset
    pattern = lower_pattern(where, source)
    guard = None
    if node.guard is not None:
        guard = lower(node.guard, source)
        end = guard.end
    end = source.header_end(end)
    return facts.MatchCase(start, end, pattern.values, pattern.names, guard, lower_body(node.body, source))


@statement("FunctionDef", "AsyncFunctionDef")
def _function(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    start: int,
    _: int,
    source: SourceText,
    into: list[facts.Stmt],
) -> None:
    name_at = source.after(_DEF, start)
    decorators = lower_all(node.decorator_list, source)
    name_end = _end_of_name(node, name_at, source)
    params = lower_parameters(node.args, name_end, source)
    returns = None if node.returns is None else lower(node.returns, source)
    last = returns or (params[-1] if params else None)
    end = source.header_end(last.end if last else name_end)
    start = _first(decorators, start, source)
    body = lower_body(node.body, source)
    into.append(facts.FunctionDef(start, end, node.name, name_at, params, body, decorators, returns))


@statement("ClassDef")
def _class(node: ast.ClassDef, start: int, _: int, source: SourceText, into: list[facts.Stmt]) -> None:
    name_at = source.after(_CLASS, start)
    decorators = lower_all(node.decorator_list, source)
    end = _end_of_name(node, name_at, source)
    bases = lower_arguments([*node.bases, *node.keywords], end, source)
    end = source.header_end(bases[-1].end if bases else end)
    start = _first(decorators, start, source)
    into.append(
        facts.ClassDef(start, end, node.name, name_at, bases, lower_body(node.body, source), decorators)
    )


def _first(decorators: list[facts.Expr], start: int, source: SourceText) -> int:
    """Where the first decorator begins, if there is one."""
    return source.first_on_line("@", decorators[0].start) if decorators else start


def _end_of_name(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, name_at: int, source: SourceText
) -> int:
    """Where the name ends, with what stands between the brackets after it."""
    types: list[Any] = getattr(node, "type_params", [])  # since Python 3.12
    if types:
        end: int = source.rows[types[-1].end_lineno] + types[-1].end_col_offset
        return end
    return source.name_ends.get(name_at) or source.after(_NAME, name_at)


_NEED_PARENTHESES = (ast.NamedExpr, ast.Yield, ast.YieldFrom)
"""What is no item of a `with` without parentheses of its own."""

_NAME = re.compile(rf"{WORD}+")
_AS_NAME = re.compile(rf"{BLANK}as{BLANK}{_NAME.pattern}")
_BLANK = re.compile(BLANK)
_CLASS = re.compile(rf"class{BLANK}")
_DEF = re.compile(rf"(?:async{BLANK})?def{BLANK}")
_NEXT = re.compile(rf"{BLANK},{BLANK}")
_OPENED = re.compile(rf"{BLANK}\({BLANK}")
_WITH = re.compile(rf"(?:async{BLANK})?with{BLANK}")
