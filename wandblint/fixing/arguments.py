"""Arguments and items: set, dropped, added."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from wandblint.findings.fix import AddArgument, DropArgument, RenameMember, SetFlag, TextEdit
from wandblint.fixing.source import ParsedSource

_REST = re.compile(r"[ \t]*(?P<comma>,)?[ \t]*(?P<comment>#[^\r\n]*)?(?P<end>\r\n?|\n)?")
"""What follows an item on its line."""
_ACTS = (cst.Call, cst.Await, cst.NamedExpr, cst.Yield)


def set_flag(source: ParsedSource, change: SetFlag) -> list[TextEdit] | None:
    """`reinit=True` gets another value."""
    argument = source.at(change.argument, cst.Arg)
    if argument is None or not isinstance(argument.value, cst.Name):
        return None
    if argument.value.value not in {"True", "False"}:
        return None
    near = next(source.around(argument), argument)
    text = cst.ensure_type(cst.parse_expression(change.value), cst.SimpleString).raw_value
    value = source.string(text, near)
    return None if value is None else [source.edit(*source.span(argument.value), value)]


def drop_argument(source: ParsedSource, change: DropArgument) -> list[TextEdit] | None:
    """A keyword argument goes, with its comma."""
    argument = source.at(change.argument, cst.Arg)
    if argument is None or acts(source, argument.value):
        return None
    call = source.enclosing(argument, cst.Call)
    whole = None if change.whole is None else source.at(change.whole, cst.Arg)
    if whole is not None and call is not None and call is whole.value and len(call.args) == 1:
        return _without(source, whole)
    return _without(source, argument)


def _without(source: ParsedSource, argument: cst.Arg) -> list[TextEdit] | None:
    call = source.enclosing(argument, cst.Call)
    place = next((at for at, other in enumerate(call.args) if other is argument), None) if call else None
    if call is None or place is None or argument.keyword is None:
        return None
    start, end = source.span(argument)
    rest = _REST.match(source.text, end)
    assert rest is not None, "the pattern takes nothing too"
    # A comment behind an argument that has a line of its own speaks of the argument.
    is_spoken_of = bool(source.indent(start) and rest["comment"])
    if len(call.args) == 1:
        start, end = source.text.rindex("(", 0, start) + 1, source.span(call)[1] - 1
    elif source.indent(start) and rest["comma"] and rest["end"]:
        start, end = start - len(source.indent(start)), rest.end()
    elif place + 1 < len(call.args):
        end = source.span(call.args[place + 1])[0]
    else:
        start = source.span(call.args[place - 1])[1]
    return None if is_spoken_of or "#" in source.text[start:end] else [source.edit(start, end, "")]


def acts(source: ParsedSource, value: cst.BaseExpression) -> bool:
    """Whether working the value out may do something."""
    return any(isinstance(node, _ACTS) for node in source.nodes(value))


def add_argument(source: ParsedSource, change: AddArgument) -> list[TextEdit] | None:
    """A keyword argument behind the others."""
    call = source.at(change.call, cst.Call)
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
    """`run.get_url()` becomes `run.url`, `run.join()` becomes `run.finish()`."""
    use = source.at(change.use, cst.Attribute)
    call = None if use is None else source.enclosing(use, cst.Call)
    if use is None or call is None or call.func is not use or (change.is_property and call.args):
        return None
    start, end = source.span(use.attr)
    if change.is_property:
        end = source.span(call)[1]
    return None if "#" in source.text[start:end] else [source.edit(start, end, change.new)]


def insert_after(source: ParsedSource, item: cst.CSTNode, texts: Sequence[str]) -> list[TextEdit]:
    """More items behind the last one; on lines of their own where that one has one."""
    start, end = source.span(item)
    indent = source.indent(start)
    rest = _REST.match(source.text, end)
    assert rest is not None, "the pattern takes nothing too"
    between = f",{source.newline}{indent}" if indent else ", "
    if not indent or not rest["comment"]:
        return [source.edit(end, end, "".join(f"{between}{text}" for text in texts))]
    # The comment stays with the item that it is behind.
    behind = rest.end("comment")
    lines = source.edit(behind, behind, f"{source.newline}{indent}{between.join(texts)}{rest['comma'] or ''}")
    return [lines] if rest["comma"] else [source.edit(end, end, ","), lines]
