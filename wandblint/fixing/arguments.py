"""Arguments and items: set, dropped, added."""

from __future__ import annotations

import libcst as cst

from wandblint.fix import AddArgument, DropArgument, Edit, RenameMember, SetFlag
from wandblint.fixing.source import Source


def set_flag(source: Source, change: SetFlag) -> list[Edit] | None:
    """`reinit=True` gets another value."""
    argument = source.at(change.argument, cst.Arg)
    if argument is None or not isinstance(argument.value, cst.Name):
        return None
    if argument.value.value not in {"True", "False"}:
        return None
    return [source.edit(*source.span(argument.value), change.value)]


def drop_argument(source: Source, change: DropArgument) -> list[Edit] | None:
    """A keyword argument goes, with its comma."""
    argument = source.at(change.argument, cst.Arg)
    if argument is None or _acts(source, argument.value):
        return None
    call = source.enclosing(argument, cst.Call)
    whole = None if change.whole is None else source.at(change.whole, cst.Arg)
    if whole is not None and call is not None and call is whole.value and len(call.args) == 1:
        return _without(source, whole)
    return _without(source, argument)


def _without(source: Source, argument: cst.Arg) -> list[Edit] | None:
    call = source.enclosing(argument, cst.Call)
    place = next((at for at, other in enumerate(call.args) if other is argument), None) if call else None
    if call is None or place is None or argument.keyword is None:
        return None
    start, end = source.span(argument)
    if place + 1 < len(call.args):
        end = source.span(call.args[place + 1])[0]
    elif place:
        start = source.span(call.args[place - 1])[1]
    elif isinstance(argument.comma, cst.Comma):
        end = source.text.index(",", end) + 1
    return None if "#" in source.text[start:end] else [source.edit(start, end, "")]


def _acts(source: Source, value: cst.BaseExpression) -> bool:
    """Whether working the value out may do something."""
    return any(source.all_of(cst.Call, value)) or any(source.all_of(cst.Await, value))


def add_argument(source: Source, change: AddArgument) -> list[Edit] | None:
    """A keyword argument behind the others."""
    call = source.at(change.call, cst.Call)
    if call is None or not call.args:
        return None
    last = call.args[-1]
    if last.star == "**" or any(
        other.keyword and other.keyword.value == change.keyword for other in call.args
    ):
        return None
    return [insert_behind(source, last, f"{change.keyword}={change.value}")]


def rename_member(source: Source, change: RenameMember) -> list[Edit] | None:
    """`run.get_url()` becomes `run.url`, `run.join()` becomes `run.finish()`."""
    use = source.at(change.use, cst.Attribute)
    call = None if use is None else source.enclosing(use, cst.Call)
    if use is None or call is None or call.func is not use or (change.is_property and call.args):
        return None
    start, end = source.span(use.attr)
    return [source.edit(start, source.span(call)[1] if change.is_property else end, change.new)]


def insert_behind(source: Source, item: cst.CSTNode, text: str) -> Edit:
    """Another item behind the last one; on a line of its own where that one has one."""
    start, end = source.span(item)
    indent = source.indent(start)
    between = f",{source.newline}{indent}" if indent else ", "
    return source.edit(end, end, f"{between}{text}")
