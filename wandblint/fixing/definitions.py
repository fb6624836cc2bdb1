"""Rename definitions of metrics, or add one in the style of an existing one."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from wandblint.findings.fix import Define, TextEdit
from wandblint.fixing.arguments import insert_after
from wandblint.fixing.source import ParsedSource
from wandblint.span import Span


def define(source: ParsedSource, change: Define) -> list[TextEdit] | None:
    """Rename a definition, or add one; for a loop over literals, edit the list."""
    call = source.node_at(change.call, cst.Call)
    renames = [
        (_expression(source, change.name), change.old.name, change.new.name),
        (_expression(source, change.axis), change.old.axis, change.new.axis),
    ]
    strings = [
        (value, new) for value, old, new in renames if isinstance(value, cst.SimpleString) and _is(value, old)
    ]
    if call is None:
        return None
    if len(strings) == len(renames):
        renamed = [_renamed(source, value, new) for value, new in strings]
        edits = [edit for edit in renamed if edit is not None]
        if len(edits) < len(renamed):
            return None
        return edits if change.is_rename else _added(source, call, edits)
    templates = [(value, old, new) for value, old, new in renames if isinstance(value, cst.FormattedString)]
    return _in_list(source, call, templates, change) if len(templates) == len(renames) else None


def _expression(source: ParsedSource, span: Span) -> cst.BaseExpression | None:
    argument = source.node_at(span, cst.Arg)
    return argument.value if argument is not None else source.expression_at(span)


def _is(string: cst.SimpleString, text: str) -> bool:
    return string.evaluated_value == text


def _renamed(source: ParsedSource, string: cst.SimpleString, text: str) -> TextEdit | None:
    new = source.string_literal(text, string)
    return None if new is None else source.edit(*source.span(string), new)


def _added(source: ParsedSource, call: cst.Call, renames: Sequence[TextEdit]) -> list[TextEdit] | None:
    """A copy of the call's statement below it, with other names."""
    line = source.enclosing(call, cst.SimpleStatementLine)
    if line is None or len(line.body) != 1 or not isinstance(line.body[0], cst.Expr):
        return None
    start, end = source.span(line.body[0])
    text = source.text[start:end]
    for edit in sorted(renames, reverse=True):
        text = text[: edit.span.start - start] + edit.text + text[edit.span.end - start :]
    newline = source.text.find("\n", end)
    indent = source.indent(start)
    if newline < 0:
        return [source.edit(end, end, f"{source.newline}{indent}{text}")]
    return [source.edit(newline + 1, newline + 1, f"{indent}{text}{source.newline}")]


def _in_list(
    source: ParsedSource,
    call: cst.Call,
    templates: Sequence[tuple[cst.FormattedString, str, str]],
    change: Define,
) -> list[TextEdit] | None:
    """Rename a literal in the list that a loop iterates over, or add another one."""
    loop = source.enclosing(call, cst.For)
    if loop is None or not isinstance(loop.target, cst.Name) or not _only_defines(source, loop, loop.target):
        return None
    names = [_values(source, template, loop.target.value, old, new) for template, old, new in templates]
    if None in names or len(set(names)) != 1 or names[0] is None:
        return None
    old, new = names[0]
    literals = _literals(source, loop)
    matching = [value for value in literals if isinstance(value, cst.SimpleString) and _is(value, old)]
    if len(matching) != 1:
        return None
    edit = _renamed(source, matching[0], new)
    if edit is None or change.is_rename:
        return None if edit is None else [edit]
    if any(isinstance(value, cst.SimpleString) and _is(value, new) for value in literals):
        return None
    return insert_after(source, literals[-1], [edit.text])


def _only_defines(source: ParsedSource, loop: cst.For, target: cst.Name) -> bool:
    """Whether only definitions use the names that a loop iterates over, so that the list may change."""
    for call in source.find_all(cst.Call, loop.body):
        if isinstance(call.func, cst.Attribute) and call.func.attr.value == "define_metric":
            continue
        if any(name.value == target.value for name in source.find_all(cst.Name, call)):
            return False
    if not isinstance(loop.iter, cst.Name):
        return True
    uses = [
        name for name in source.find_all(cst.Name) if name.value == cst.ensure_type(loop.iter, cst.Name).value
    ]
    return len(uses) == len((loop.iter, "its assignment"))


def _values(
    source: ParsedSource, template: cst.FormattedString, name: str, old: str, new: str
) -> tuple[str, str] | None:
    """The value of the loop variable in the old text and in the new one."""
    pattern = ""
    holes = 0
    for part in template.parts:
        if isinstance(part, cst.FormattedStringText):
            pattern += re.escape(part.value)
        elif isinstance(part, cst.FormattedStringExpression) and source.code(part.expression) == name:
            pattern += "(.+)" if not holes else r"\1"
            holes += 1
        else:
            return None
    old_match, new_match = re.fullmatch(pattern, old), re.fullmatch(pattern, new)
    return (old_match[1], new_match[1]) if holes and old_match and new_match else None


def _literals(source: ParsedSource, loop: cst.For) -> list[cst.BaseExpression]:
    """The literals that a loop iterates over, in its header or assigned once in the file."""
    value: cst.BaseExpression | None = loop.iter
    if isinstance(value, cst.Name):
        name = value.value
        assigned = [
            assign
            for assign in source.find_all(cst.Assign)
            if any(isinstance(t.target, cst.Name) and t.target.value == name for t in assign.targets)
        ]
        value = assigned[0].value if len(assigned) == 1 else None
    if not isinstance(value, (cst.Tuple, cst.List)):
        return []
    return [element.value for element in value.elements]
