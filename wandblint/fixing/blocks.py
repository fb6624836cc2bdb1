"""Statements with a body: removed, or merged into a call."""

from __future__ import annotations

import libcst as cst

from wandblint.fix import Edit, MergeLoop, RemoveBranch
from wandblint.fixing.names import can_become_comprehension, can_go
from wandblint.fixing.source import Source


def remove_branch(source: Source, change: RemoveBranch) -> list[Edit] | None:
    """`if never:` goes with its body. One with an `else` stays: what it would become is a matter of taste."""
    statement = next(
        (
            one
            for one in source.all_of(cst.If)
            if source.span(one.test) == (change.test.start, change.test.end)
        ),
        None,
    )
    if statement is None or statement.orelse is not None or not can_go(source, statement):
        return None
    block = next(source.around(statement), None)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or len(block.body) == 1:
        return None
    start, end = source.span(statement)
    first = source.text.rfind("\n", 0, start) + 1
    if source.text[first:start].strip():
        # An `elif` is an `If` that its line does not begin with.
        return None
    following = source.text.find("\n", end)
    return [source.edit(first, len(source.text) if following < 0 else following + 1, "")]


def merge_loop(source: Source, change: MergeLoop) -> list[Edit] | None:
    """`for k, v in d.items(): run.log({k: v})` becomes `run.log({k: v for k, v in d.items()})`."""
    call = source.at(change.call, cst.Call)
    loop = None if call is None else source.enclosing(call, cst.For)
    if call is None or loop is None or loop.orelse is not None or loop.asynchronous is not None:
        return None
    body = loop.body.body
    only = body[0] if len(body) == 1 else None
    if not isinstance(only, cst.SimpleStatementLine) or len(only.body) != 1 or len(call.args) != 1:
        return None
    statement, row = only.body[0], call.args[0].value
    if not isinstance(statement, cst.Expr) or statement.value is not call or not isinstance(row, cst.Dict):
        return None
    element = row.elements[0] if len(row.elements) == 1 else None
    start, end = source.span(loop)
    if not isinstance(element, cst.DictElement) or "#" in source.text[start:end]:
        return None
    if not can_become_comprehension(source, loop):
        return None
    item = f"{source.whole(element.key)}: {source.whole(element.value)}"
    passes = f"for {source.code(loop.target)} in {_iterated(source, loop.iter)}"
    return [source.edit(start, end, f"{source.code(call.func)}({{{item} {passes}}})")]


def _iterated(source: Source, value: cst.BaseExpression) -> str:
    """An expression as a comprehension goes over it."""
    needs = isinstance(value, (cst.Tuple, cst.IfExp, cst.Lambda)) and not value.lpar
    return f"({source.code(value)})" if needs else source.whole(value)
