"""Remove statements: dead branches, functions, and calls without effect."""

from __future__ import annotations

import libcst as cst

from wandblint.findings.fix import RemoveBranch, RemoveFunction, RemoveStatement, TextEdit
from wandblint.fixing.arguments import has_side_effects
from wandblint.fixing.names import can_be_removed
from wandblint.fixing.source import ParsedSource


def remove_branch(source: ParsedSource, change: RemoveBranch) -> list[TextEdit] | None:
    """Remove `if never:` with its body; an `elif` becomes an `if`, the body of an `else` moves out."""
    statement = next(
        (
            candidate
            for candidate in source.find_all(cst.If)
            if source.span(candidate.test) == (change.test.start, change.test.end)
        ),
        None,
    )
    if statement is None or not can_be_removed(source, statement.body):
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
    """Remove a function with the blank lines after it, at the end of a file with those before it."""
    name = source.node_at(change.name, cst.Name)
    function = None if name is None else source.enclosing(name, cst.FunctionDef)
    if function is None or function.name is not name or len(source.module.body) == 1:
        return None
    start, end = source.span(function)
    first, after = source.line_start(start), source.next_line(end)
    if source.text[source.line_start(first - 1) : first].startswith("#"):
        # The comment may be about more than this function.
        return None
    return [source.edit(*_with_blank_lines(source, first, after), "")]


def remove_statement(source: ParsedSource, change: RemoveStatement) -> list[TextEdit] | None:
    """Remove a call with its line, if it is alone there."""
    call = source.node_at(change.call, cst.Call)
    line = None if call is None else source.enclosing(call, cst.SimpleStatementLine)
    if (
        call is None
        or line is None
        or len(line.body) != 1
        or any(has_side_effects(source, arg.value) for arg in call.args)
    ):
        return None
    start, end = source.span(line)
    if "#" in source.text[start : source.next_line(end)]:
        # The comment may be worth more than the call.
        return None
    statement = line.body[0]
    return _without(source, line) if isinstance(statement, cst.Expr) and statement.value is call else None


def _without(source: ParsedSource, statement: cst.BaseStatement) -> list[TextEdit] | None:
    """Remove a statement with its lines; the only statement of a block becomes `pass`."""
    block = next(source.ancestors(statement), None)
    start, end = source.span(statement)
    if (
        not isinstance(block, (cst.IndentedBlock, cst.Module))
        or source.text[source.line_start(start) : start].strip()
    ):
        return None
    if len(block.body) == 1 and isinstance(block, cst.IndentedBlock):
        return [source.edit(start, end, "pass")]
    return [source.edit(*_with_blank_lines(source, source.line_start(start), source.next_line(end)), "")]


def _with_blank_lines(source: ParsedSource, start: int, end: int) -> tuple[int, int]:
    """The range of lines with the blank lines on the side that has fewer; at the ends of a file, on both."""
    first, last, text = start, end, source.text
    while first > 0 and text[source.line_start(first - 1) : first].isspace():
        first = source.line_start(first - 1)
    while text[last : source.next_line(last)].isspace():
        last = source.next_line(last)
    if first == 0 or last == len(text):
        return first, last
    fewer_after = text.count("\n", end, last) <= text.count("\n", first, start)
    return (start, last) if fewer_after else (first, end)


def _without_elif(source: ParsedSource, statement: cst.If) -> list[TextEdit]:
    """Remove an `elif`: the branch before it continues with the branch after it."""
    start, end = source.span(statement)
    if statement.orelse is None:
        return [source.edit(source.line_start(start), source.next_line(end), "")]
    return [source.edit(start, source.span(statement.orelse)[0], "")]


def _moved_out(source: ParsedSource, start: int, orelse: cst.Else) -> list[TextEdit] | None:
    """Replace the whole statement by the body of its `else`."""
    if not isinstance(orelse.body, cst.IndentedBlock) or orelse.body.header.comment is not None:
        return None
    body = orelse.body.body
    first = source.next_line(source.span(orelse)[0])
    last = source.next_line(source.span(body[-1])[1])
    inner = source.indent(source.span(body[0])[0])
    if not inner or source.has_long_strings(first, last):
        return None
    return [
        source.edit(source.line_start(start), first, ""),
        *source.reindented(first, last, inner, source.indent(start)),
    ]
