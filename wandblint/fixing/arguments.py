"""Set, drop and add arguments and items."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from wandblint.findings.fix import AddArgument, DropArgument, RenameInTest, RenameMember, SetFlag, TextEdit
from wandblint.fixing.source import ParsedSource

_REST = re.compile(r"[ \t]*(?P<comma>,)?[ \t]*(?P<comment>#[^\r\n]*)?(?P<end>\r\n?|\n)?")
"""The text after an item on its line."""
_EFFECTS = (cst.Call, cst.Await, cst.NamedExpr, cst.Yield)


def set_flag(source: ParsedSource, change: SetFlag) -> list[TextEdit] | None:
    """Replace the value of an argument such as `reinit=True`."""
    argument = source.node_at(change.argument, cst.Arg)
    if argument is None or not isinstance(argument.value, cst.Name):
        return None
    if argument.value.value not in {"True", "False"}:
        return None
    near = next(source.ancestors(argument), argument)
    text = cst.ensure_type(cst.parse_expression(change.value), cst.SimpleString).raw_value
    value = source.string_literal(text, near)
    return None if value is None else [source.edit(*source.span(argument.value), value)]


def drop_argument(source: ParsedSource, change: DropArgument) -> list[TextEdit] | None:
    """Remove a keyword argument and its comma."""
    argument = source.node_at(change.argument, cst.Arg)
    if argument is None or has_side_effects(source, argument.value):
        return None
    call = source.enclosing(argument, cst.Call)
    outer = None if change.whole is None else source.node_at(change.whole, cst.Arg)
    if outer is not None and call is not None and call is outer.value and len(call.args) == 1:
        return _without(source, outer)
    return _without(source, argument)


def _without(source: ParsedSource, argument: cst.Arg) -> list[TextEdit] | None:
    call = source.enclosing(argument, cst.Call)
    position = (
        next((index for index, other in enumerate(call.args) if other is argument), None) if call else None
    )
    if call is None or position is None or argument.keyword is None:
        return None
    start, end = source.span(argument)
    line_end = _REST.match(source.text, end)
    assert line_end is not None, "the pattern matches the empty string too"
    # A comment after an argument on its own line is about the argument.
    has_comment = bool(source.indent(start) and line_end["comment"])
    if len(call.args) == 1:
        start, end = source.text.rindex("(", 0, start) + 1, source.span(call)[1] - 1
    elif source.indent(start) and line_end["comma"] and line_end["end"]:
        start, end = start - len(source.indent(start)), line_end.end()
    elif position + 1 < len(call.args):
        end = source.span(call.args[position + 1])[0]
    else:
        start = source.span(call.args[position - 1])[1]
    return None if has_comment or "#" in source.text[start:end] else [source.edit(start, end, "")]


def has_side_effects(source: ParsedSource, value: cst.BaseExpression) -> bool:
    """Whether evaluating the value may have side effects."""
    return any(isinstance(node, _EFFECTS) for node in source.nodes(value))


def add_argument(source: ParsedSource, change: AddArgument) -> list[TextEdit] | None:
    """Add a keyword argument after the others."""
    call = source.node_at(change.call, cst.Call)
    if call is None or not call.args:
        return None
    last = call.args[-1]
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        return None
    if last.star == "**" or any(
        other.keyword and other.keyword.value == change.keyword for other in call.args
    ):
        return None
    return insert_after(source, last, [f"{change.keyword}={change.value}"])


def rename_member(source: ParsedSource, change: RenameMember) -> list[TextEdit] | None:
    """Replace `run.get_url()` by `run.url`, `run.join()` by `run.finish()`."""
    use = source.node_at(change.use, cst.Attribute)
    call = None if use is None else source.enclosing(use, cst.Call)
    if use is None or call is None or call.func is not use or (change.is_property and call.args):
        return None
    start, end = source.span(use.attr)
    if change.is_property:
        end = source.span(call)[1]
    return None if "#" in source.text[start:end] else [source.edit(start, end, change.new)]


def rename_in_test(source: ParsedSource, change: RenameInTest) -> list[TextEdit] | None:
    """Replace `is_local_main_process` by `is_main_process`, `"LOCAL_RANK"` by `"RANK"`."""
    test = source.expression_at(change.test)
    if test is None:
        return None
    edits = [
        source.edit(*source.span(attribute.attr), change.new)
        for attribute in source.find_all(cst.Attribute, test)
        if attribute.attr.value == change.old
    ]
    for string in source.find_all(cst.SimpleString, test):
        if string.raw_value == change.old:
            start = source.span(string)[0] + len(string.prefix) + len(string.quote)
            edits.append(source.edit(start, start + len(change.old), change.new))
    return edits or None


def insert_after(source: ParsedSource, item: cst.CSTNode, texts: Sequence[str]) -> list[TextEdit]:
    """Add items after the last one; on their own lines if that one is on its own line."""
    start, end = source.span(item)
    indent = source.indent(start)
    line_end = _REST.match(source.text, end)
    assert line_end is not None, "the pattern matches the empty string too"
    separator = f",{source.newline}{indent}" if indent else ", "
    if not indent or not line_end["comment"]:
        return [source.edit(end, end, "".join(f"{separator}{text}" for text in texts))]
    # The comment stays with its item.
    comment_end = line_end.end("comment")
    lines = source.edit(
        comment_end, comment_end, f"{source.newline}{indent}{separator.join(texts)}{line_end['comma'] or ''}"
    )
    return [lines] if line_end["comma"] else [source.edit(end, end, ","), lines]
