"""Statements that go: dead branches, and calls without effect."""

from __future__ import annotations

import libcst as cst

from wandblint.findings.fix import RemoveBranch, RemoveFunction, RemoveStatement, TextEdit
from wandblint.fixing.arguments import acts
from wandblint.fixing.names import can_go
from wandblint.fixing.source import ParsedSource


def remove_branch(source: ParsedSource, change: RemoveBranch) -> list[TextEdit] | None:
    """`if never:` goes with its body; an `elif` behind it becomes an `if`, what an `else` holds moves out."""
    statement = next(
        (
            one
            for one in source.all_of(cst.If)
            if source.span(one.test) == (change.test.start, change.test.end)
        ),
        None,
    )
    if statement is None or not can_go(source, statement.body):
        return None
    start, _ = source.span(statement)
    orelse = statement.orelse
    if source.text.startswith("elif", start):
        return _without_elif(source, statement)
    if orelse is None:
        return _without(source, statement)
    if orelse.leading_lines and any(line.comment for line in orelse.leading_lines):
        return None
    if isinstance(orelse, cst.If):
        return [source.edit(start, source.span(orelse)[0] + len("elif"), "if")]
    return _moved_out(source, start, orelse)


def remove_function(source: ParsedSource, change: RemoveFunction) -> list[TextEdit] | None:
    """A function goes with the blank lines behind it, at the end of a file with those before it."""
    name = source.at(change.name, cst.Name)
    function = None if name is None else source.enclosing(name, cst.FunctionDef)
    if function is None or function.name is not name or len(source.module.body) == 1:
        return None
    start, end = source.span(function)
    first, behind = source.line(start), source.line_after(end)
    if source.text[source.line(first - 1) : first].startswith("#"):
        # The comment may be about more than this function.
        return None
    return [source.edit(*_with_blank_lines(source, first, behind), "")]


def remove_statement(source: ParsedSource, change: RemoveStatement) -> list[TextEdit] | None:
    """A call that is alone in its line goes with the line."""
    call = source.at(change.call, cst.Call)
    line = None if call is None else source.enclosing(call, cst.SimpleStatementLine)
    if (
        call is None
        or line is None
        or len(line.body) != 1
        or any(acts(source, arg.value) for arg in call.args)
    ):
        return None
    start, end = source.span(line)
    if "#" in source.text[start : source.line_after(end)]:
        # What the comment says may be worth more than the call.
        return None
    statement = line.body[0]
    return _without(source, line) if isinstance(statement, cst.Expr) and statement.value is call else None


def _without(source: ParsedSource, statement: cst.BaseStatement) -> list[TextEdit] | None:
    """A statement that goes with its lines; one that is alone in its block leaves a `pass`."""
    block = next(source.around(statement), None)
    start, end = source.span(statement)
    if (
        not isinstance(block, (cst.IndentedBlock, cst.Module))
        or source.text[source.line(start) : start].strip()
    ):
        return None
    if len(block.body) == 1 and isinstance(block, cst.IndentedBlock):
        return [source.edit(start, end, "pass")]
    return [source.edit(*_with_blank_lines(source, source.line(start), source.line_after(end)), "")]


def _with_blank_lines(source: ParsedSource, start: int, end: int) -> tuple[int, int]:
    """Lines with the blank ones behind or before them: the more of the two stay between what is left."""
    first, last, text = start, end, source.text
    while first > 0 and text[source.line(first - 1) : first].isspace():
        first = source.line(first - 1)
    while text[last : source.line_after(last)].isspace():
        last = source.line_after(last)
    if first == 0 or last == len(text):
        return first, last
    fewer_behind = text.count("\n", end, last) <= text.count("\n", first, start)
    return (start, last) if fewer_behind else (first, end)


def _without_elif(source: ParsedSource, statement: cst.If) -> list[TextEdit]:
    """An `elif` goes: what follows it then follows what was before."""
    start, end = source.span(statement)
    if statement.orelse is None:
        return [source.edit(source.line(start), source.line_after(end), "")]
    return [source.edit(start, source.span(statement.orelse)[0], "")]


def _moved_out(source: ParsedSource, start: int, orelse: cst.Else) -> list[TextEdit] | None:
    """The body of an `else` in place of the whole statement."""
    if not isinstance(orelse.body, cst.IndentedBlock) or orelse.body.header.comment is not None:
        return None
    body = orelse.body.body
    first = source.line_after(source.span(orelse)[0])
    last = source.line_after(source.span(body[-1])[1])
    inner = source.indent(source.span(body[0])[0])
    if not inner or source.has_long_strings(first, last):
        return None
    return [
        source.edit(source.line(start), first, ""),
        *source.shifted(first, last, inner, source.indent(start)),
    ]
