"""Simple statements of `ast` as facts."""

from __future__ import annotations

import ast

from wandblint import facts
from wandblint.syntax.dispatch import lower, lower_all, statement
from wandblint.syntax.operators import BINARY
from wandblint.syntax.source import SourceText


@statement("Expr")
def _expression(node: ast.Expr, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    if type(node.value) is ast.Constant and type(node.value.value) is str:  # a docstring, mostly
        return
    effects = source.effects
    value = lower(node.value, source)
    is_other = isinstance(value, facts.Other) and not value.op
    is_constant = (isinstance(value, facts.Const) or is_other) and source.effects == effects
    if not is_constant:
        into.append(facts.ExprStmt(start, end, value))


@statement("Assert")
def _assert(node: ast.Assert, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    into.append(facts.ExprStmt(start, end, lower(node.test, source)))


@statement("Assign")
def _assign(node: ast.Assign, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    targets = lower_all(node.targets, source)
    into.append(facts.Assign(start, end, targets, lower(node.value, source)))


@statement("AnnAssign")
def _annotated(node: ast.AnnAssign, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    target = lower(node.target, source)
    annotation = lower(node.annotation, source)
    value = None if node.value is None else lower(node.value, source)
    into.append(facts.Assign(start, end, [target], value, annotation))


@statement("AugAssign")
def _augmented(node: ast.AugAssign, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    target = lower(node.target, source)
    into.append(facts.AugAssign(start, end, target, BINARY[type(node.op)], lower(node.value, source)))


@statement("TypeAlias")
def _type_alias(
    node: ast.TypeAlias,  # type: ignore[name-defined]  # since Python 3.12
    start: int,
    end: int,
    source: SourceText,
    into: list[facts.Stmt],
) -> None:
    """`type Name = value` binds a name as an assignment does."""
    into.append(facts.Assign(start, end, [lower(node.name, source)], lower(node.value, source)))


@statement("Return")
def _return(node: ast.Return, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    value = None if node.value is None else lower(node.value, source)
    into.append(facts.Return(start, end, value))


@statement("Raise")
def _raise(node: ast.Raise, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    value = None if node.exc is None else lower(node.exc, source)
    into.append(facts.Raise(start, end, value))


@statement("Delete")
def _delete(node: ast.Delete, start: int, end: int, source: SourceText, into: list[facts.Stmt]) -> None:
    targets = lower_all(node.targets, source)
    if len(targets) == 1 and source.text[end - 1] != ",":  # `del (a, b)` is `del a, b`
        (only,) = targets
        targets = only.items if isinstance(only, facts.Sequence) else targets
    into.append(facts.Delete(start, end, targets))


@statement("Pass")
def _pass(_: ast.Pass, __: int, ___: int, ____: SourceText, _____: list[facts.Stmt]) -> None:
    """Says nothing."""


@statement("Break", "Continue")
def _jump(node: ast.stmt, start: int, end: int, _: SourceText, into: list[facts.Stmt]) -> None:
    into.append(facts.Jump(start, end, "break" if type(node) is ast.Break else "continue"))


@statement("Global", "Nonlocal")
def _scope(
    node: ast.Global | ast.Nonlocal, start: int, end: int, _: SourceText, into: list[facts.Stmt]
) -> None:
    kind = "global" if type(node) is ast.Global else "nonlocal"
    into.append(facts.ScopeDeclaration(start, end, kind, node.names))


@statement("Import")
def _import(node: ast.Import, start: int, end: int, _: SourceText, into: list[facts.Stmt]) -> None:
    into += [facts.Import(start, end, alias.name, alias.asname) for alias in node.names]


@statement("ImportFrom")
def _import_from(node: ast.ImportFrom, start: int, end: int, _: SourceText, into: list[facts.Stmt]) -> None:
    names = [(alias.name, alias.asname) for alias in node.names]
    into.append(facts.ImportFrom(start, end, node.module or "", node.level, names))
