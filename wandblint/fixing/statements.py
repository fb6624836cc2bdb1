"""Turn a statement into another one."""

from __future__ import annotations

import re

import libcst as cst

from wandblint.findings.fix import CallUpdate, TextEdit
from wandblint.fixing.source import ParsedSource

_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_NO_MAPPINGS = (
    cst.BaseNumber,
    cst.BaseString,
    cst.GeneratorExp,
    cst.Lambda,
    cst.List,
    cst.ListComp,
    cst.Set,
    cst.SetComp,
    cst.Tuple,
    cst.Yield,
)
"""Values that `update` does not take."""


def call_update(source: ParsedSource, change: CallUpdate) -> list[TextEdit] | None:
    """Replace `run.config = {...}` by `run.config.update({...})`."""
    target = source.node_at(change.target, cst.Attribute)
    statement = None if target is None else source.enclosing(target, cst.Assign)
    if target is None or statement is None or [each.target for each in statement.targets] != [target]:
        return None
    value = statement.value
    if isinstance(value, _NO_MAPPINGS) or len(value.lpar) > 1:
        return None
    first, last = source.span(target)
    start, end = source.span(value)
    if value.lpar:
        # The parentheses of the value become those of the call.
        start = source.span(value.lpar[0])[0]
    if not _EQUALS.fullmatch(source.text, last, start):
        return None
    if value.lpar:
        return [source.edit(last, start, ".update")]
    if source.newline not in source.text[start:end]:
        return [source.edit(last, start, ".update("), source.edit(end, end, ")")]
    return _on_lines_of_its_own(source, (first, last), (start, end))


def _on_lines_of_its_own(
    source: ParsedSource, target: tuple[int, int], value: tuple[int, int]
) -> list[TextEdit] | None:
    """The call of `update` as formatters write it: the lines of the value are indented."""
    (first, last), (start, end) = target, value
    if source.text[source.line_start(first) : first].strip() or source.has_long_strings(start, end):
        return None
    # Further rows of a statement may be indented by other blanks than its first one.
    inner, indent = _blanks(source, source.next_line(start)), _blanks(source, source.line_start(end))
    if not inner.startswith(indent) or inner == indent:
        inner = indent + source.module.default_indent
    return [
        source.edit(last, start, f".update({source.newline}{inner}"),
        *source.reindented(source.next_line(start), source.next_line(end), indent, inner),
        source.edit(end, end, f"{source.newline}{indent})"),
    ]


def _blanks(source: ParsedSource, line_start: int) -> str:
    """The blanks at the start of a line."""
    line = source.text[line_start : source.next_line(line_start)]
    return line[: len(line) - len(line.lstrip(" \t"))]
