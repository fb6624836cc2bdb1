"""Statements with a body: removed, or merged into a call."""

from __future__ import annotations

import libcst as cst

from wandblint.fix import Edit, MergeLoop, RemoveBranch
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
    if statement is None or statement.orelse is not None:
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
    item = f"{source.code(element.key)}: {source.code(element.value)}"
    passes = f"for {source.code(loop.target)} in {source.code(loop.iter)}"
    return [source.edit(start, end, f"{source.code(call.func)}({{{item} {passes}}})")]
