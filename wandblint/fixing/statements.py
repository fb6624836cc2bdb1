"""Turn a statement into another one."""

from __future__ import annotations

import re

import libcst as cst

from wandblint.findings.fix import CallUpdate, FinishFirst, TextEdit
from wandblint.fixing.arguments import has_side_effects
from wandblint.fixing.names import assigned_name, imported_name, is_rebound
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


def finish_first(source: ParsedSource, change: FinishFirst) -> list[TextEdit] | None:
    """Insert `run.finish()` or `wandb.finish()` before `os._exit(0)`."""
    call = source.node_at(change.call, cst.Call)
    line = None if call is None else source.enclosing(call, cst.SimpleStatementLine)
    if call is None or line is None or len(line.body) != 1 or len(call.args) != 1 or call.args[0].star:
        return None
    statement, status = line.body[0], call.args[0].value
    if not isinstance(statement, cst.Expr) or statement.value is not call or has_side_effects(source, status):
        return None
    run = _name_of_run(source, call, change)
    if run is None:
        return None
    code = source.code_with_parentheses(status)
    finish = f"{run}.finish({'' if code == '0' else f'exit_code={code}'})"
    start, _ = source.span(line)
    if source.text[:start].rstrip().endswith(finish):
        # It has no effect, and neither has a second one.
        return None
    return [source.edit(start, start, f"{finish}{source.newline}{source.indent(start)}")]


def _name_of_run(source: ParsedSource, call: cst.Call, change: FinishFirst) -> str | None:
    """What names the run where the call is: a name of the same function, or the module `wandb`."""
    init = source.node_at(change.init, cst.Call) if change.init.path == source.path else None
    name = None if init is None else assigned_name(source, init)
    if init is not None and name is not None and source.scope(init) is source.scope(call):
        assignment = next(source.ancestors(init))
        if not is_rebound(source, name, assignment, call):
            return name
    return imported_name(source, "wandb", call) if change.is_active else None
