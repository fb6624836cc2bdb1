"""Compound statements of LibCST as facts."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import STATEMENTS, lower, statement
from wandblint.reading.displays import end_after_comma
from wandblint.reading.expressions import lower_argument
from wandblint.reading.identifiers import identifier
from wandblint.reading.parameters import lower_parameters, pass_type_parameters
from wandblint.reading.patterns import lower_pattern


def lower_body(nodes: Sequence[cst.CSTNode], cursor: Cursor) -> list[facts.Stmt]:
    """The statements of a module or an indented block."""
    statements: list[facts.Stmt] = []
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            for small in node.body:
                STATEMENTS[type(small)](small, cursor, statements)
        else:
            STATEMENTS[type(node)](node, cursor, statements)
    return statements


def _suite(node: cst.BaseSuite, cursor: Cursor) -> list[facts.Stmt]:
    if isinstance(node, cst.IndentedBlock):
        return lower_body(node.body, cursor)
    statements: list[facts.Stmt] = []
    for small in node.body:
        STATEMENTS[type(small)](small, cursor, statements)
    return statements


def _else(node: cst.If | cst.Else | cst.Finally | None, cursor: Cursor) -> list[facts.Stmt]:
    if node is None:
        return []
    if isinstance(node, cst.If):
        return lower_body([node], cursor)
    cursor.at += 1
    return _suite(node.body, cursor)


@statement("If")
def _if(node: cst.If, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    cursor.at += 1
    test = lower(node.test, cursor)
    end = cursor.end
    body = _suite(node.body, cursor)
    into.append(facts.If(start, end, test, body, _else(node.orelse, cursor)))


@statement("For")
def _for(node: cst.For, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    cursor.at += 1 if node.asynchronous is None else 2
    target = lower(node.target, cursor)
    cursor.take("in")
    iterable = lower(node.iter, cursor)
    end = max(cursor.end, iterable.end)
    body = _suite(node.body, cursor)
    into.append(facts.For(start, end, target, iterable, body, _else(node.orelse, cursor)))


@statement("While")
def _while(node: cst.While, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("while")]
    test = lower(node.test, cursor)
    end = cursor.end
    body = _suite(node.body, cursor)
    into.append(facts.While(start, end, test, body, _else(node.orelse, cursor)))


@statement("Try")
@statement("TryStar")
def _try(node: cst.Try | cst.TryStar, cursor: Cursor, into: list[facts.Stmt]) -> None:
    at = cursor.take("try")
    body = _suite(node.body, cursor)
    handlers = [_handler(handler, cursor) for handler in node.handlers]
    orelse = _else(node.orelse, cursor)
    final = _else(node.finalbody, cursor)
    into.append(facts.Try(cursor.starts[at], cursor.ends[at], body, handlers, orelse, final))


def _handler(node: cst.ExceptHandler | cst.ExceptStarHandler, cursor: Cursor) -> facts.Handler:
    start = cursor.starts[cursor.take("except")]
    caught = None if node.type is None else lower(node.type, cursor)
    end = cursor.end if caught is None else max(cursor.end, caught.end)
    name = None
    if node.name is not None:
        cursor.take("as")
        assert isinstance(node.name.name, cst.Name), "the grammar allows nothing else"
        end = cursor.ends[cursor.take(node.name.name.value)]
        name = identifier(node.name.name.value)
    return facts.Handler(start, end, caught, name, _suite(node.body, cursor))


@statement("With")
def _with(node: cst.With, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    cursor.at += 1 if node.asynchronous is None else 2
    has_parentheses = isinstance(node.lpar, cst.LeftParen)
    cursor.at += has_parentheses
    items = [_with_item(item, cursor) for item in node.items]
    cursor.at += has_parentheses
    into.append(facts.With(start, cursor.end, items, _suite(node.body, cursor)))


def _with_item(node: cst.WithItem, cursor: Cursor) -> facts.WithItem:
    start = cursor.start
    value = lower(node.item, cursor)
    target = None
    if node.asname is not None:
        cursor.take("as")
        target = lower(node.asname.name, cursor)
    return facts.WithItem(start, cursor.end, value, target)


@statement("Match")
def _match(node: cst.Match, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("match")]
    subject = lower(node.subject, cursor)
    start, end = min(start, subject.start), max(cursor.end, subject.end)
    into.append(facts.Match(start, end, subject, [_case(case, cursor) for case in node.cases]))


def _case(node: cst.MatchCase, cursor: Cursor) -> facts.Case:
    start = cursor.starts[cursor.take("case")]
    pattern = lower_pattern(node.pattern, cursor)
    end = cursor.end
    if isinstance(node.pattern, cst.MatchList) and node.pattern.lbracket is None:
        end = end_after_comma(node.pattern.patterns[-1].comma, cursor)
    guard = None
    if node.guard is not None:
        cursor.take("if")
        guard = lower(node.guard, cursor)
        end = cursor.end
    return facts.Case(start, end, pattern.values, pattern.names, guard, _suite(node.body, cursor))


@statement("FunctionDef")
def _function(node: cst.FunctionDef, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start_of("@") if node.decorators else cursor.start
    decorators = [lower(decorator.decorator, cursor) for decorator in node.decorators]
    cursor.at += 1 if node.asynchronous is None else 2
    name = node.name.value
    name_at = cursor.starts[cursor.take(name)]
    pass_type_parameters(node.type_parameters, cursor)
    cursor.take("(")
    params = lower_parameters(node.params, cursor)
    cursor.take(")")
    returns = None if node.returns is None else lower(node.returns.annotation, cursor)
    end = cursor.end
    body = _suite(node.body, cursor)
    into.append(facts.Function(start, end, identifier(name), name_at, params, body, decorators, returns))


@statement("ClassDef")
def _class(node: cst.ClassDef, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start_of("@") if node.decorators else cursor.start
    decorators = [lower(decorator.decorator, cursor) for decorator in node.decorators]
    cursor.take("class")
    name = node.name.value
    name_at = cursor.starts[cursor.take(name)]
    pass_type_parameters(node.type_parameters, cursor)
    has_parentheses = isinstance(node.lpar, cst.LeftParen)
    cursor.at += has_parentheses
    bases = [lower_argument(base, cursor) for base in (*node.bases, *node.keywords)]
    cursor.at += has_parentheses
    end = cursor.end
    body = _suite(node.body, cursor)
    into.append(facts.Class(start, end, identifier(name), name_at, bases, body, decorators))
