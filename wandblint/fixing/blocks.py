"""Wrap the body of a loop in a `with`, or merge the loop into a call."""

from __future__ import annotations

import libcst as cst

from wandblint.findings.fix import MergeLoop, OpenInWith, TextEdit
from wandblint.fixing.names import can_become_comprehension
from wandblint.fixing.source import ParsedSource


def open_in_with(source: ParsedSource, change: OpenInWith) -> list[TextEdit] | None:
    """Replace `run = wandb.init(...)` in a loop by `with wandb.init(...) as run:` around what follows."""
    call = source.node_at(change.call, cst.Call)
    line = None if call is None else source.enclosing(call, cst.SimpleStatementLine)
    loop = None if line is None else next(iter(source.enclosing_statements(line)), None)
    if call is None or line is None or not isinstance(loop, (cst.For, cst.While)) or len(line.body) != 1:
        return None
    name = _assigned_name(line.body[0], call)
    following = loop.body.body[list(loop.body.body).index(line) + 1 :]
    if name is None or not following or _is_used_after(source, loop, name):
        return None
    start, end = source.span(line.body[0])
    first, last = source.next_line(end), source.next_line(source.span(following[-1])[1])
    inner, outer = source.indent(start), source.indent(source.span(loop)[0])
    if not inner or source.has_long_strings(first, last):
        return None
    opening = f"with {source.code(call)}{f' as {name}' if name else ''}:"
    return [
        source.edit(start, end, opening),
        *source.reindented(first, last, inner, inner + inner[len(outer) :]),
    ]


def _assigned_name(statement: cst.BaseSmallStatement, call: cst.Call) -> str | None:
    """The name to which a statement assigns the call, empty if none; None for other statements."""
    match statement:
        case cst.Expr(value=value) if value is call:
            return ""
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value) if (
            value is call
        ):
            return name
    return None


def _is_used_after(source: ParsedSource, loop: cst.For | cst.While, name: str) -> bool:
    """Whether the scope of a loop uses a name after it, or a nested function does, which may run later."""
    end = source.span(loop)[1]
    return any(
        node.value == name and (source.span(node)[0] >= end or source.scope(node) is not source.scope(loop))
        for node in source.find_all(cst.Name, source.scope(loop))
    )


def merge_loop(source: ParsedSource, change: MergeLoop) -> list[TextEdit] | None:
    """Replace `for k, v in d.items(): run.log({k: v})` by `run.log({k: v for k, v in d.items()})`."""
    call = source.node_at(change.call, cst.Call)
    loop = None if call is None else source.enclosing(call, cst.For)
    if call is None or loop is None or loop.orelse is not None or loop.asynchronous is not None:
        return None
    body = loop.body.body
    line = body[0] if len(body) == 1 else None
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1 or len(call.args) != 1:
        return None
    statement, row = line.body[0], call.args[0].value
    if not isinstance(statement, cst.Expr) or statement.value is not call or not isinstance(row, cst.Dict):
        return None
    element = row.elements[0] if len(row.elements) == 1 else None
    start, end = source.span(loop)
    if not isinstance(element, cst.DictElement) or "#" in source.text[start:end]:
        return None
    if not can_become_comprehension(source, loop):
        return None
    item = f"{source.code_with_parentheses(element.key)}: {source.code_with_parentheses(element.value)}"
    clause = f"for {source.code(loop.target)} in {_iterated(source, loop.iter)}"
    return [source.edit(start, end, f"{source.code(call.func)}({{{item} {clause}}})")]


def _iterated(source: ParsedSource, value: cst.BaseExpression) -> str:
    """An expression as the iterable of a comprehension."""
    needs_parentheses = isinstance(value, (cst.Tuple, cst.IfExp, cst.Lambda)) and not value.lpar
    return f"({source.code(value)})" if needs_parentheses else source.code_with_parentheses(value)
