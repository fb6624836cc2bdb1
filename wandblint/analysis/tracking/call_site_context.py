"""The context of a log call: a loop over names, consecutive log calls, a wrapper with an unused step."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.name_loops import loop_of_names
from wandblint.analysis.tracking.wrappers import unused_step_parameter
from wandblint.index.walk import end_of, statements
from wandblint.model.control_flow import BranchKind, Condition
from wandblint.model.events import CallSiteContext
from wandblint.span import Span

MIN_CONSECUTIVE = 3
"""The least number of consecutive log calls that is no accident."""


def call_site_context(m: Interpreter, span: Span, row: Value) -> CallSiteContext:
    """The context of the current log call."""
    loop = loop_of_names(m, row)
    other_loops = [active for active in m.loops if active is not loop]
    unseen_caller = _unseen_caller(m)
    caller_unseen = m.recorder.caller_unseen or unseen_caller is not None
    return CallSiteContext(
        None if loop is None else loop.frame.span(loop.node),
        _consecutive_calls(m, span),
        runs_once=not other_loops and not caller_unseen,
        unused_step=unused_step_parameter(m, span),
        unseen_caller=unseen_caller,
    )


def _unseen_caller(m: Interpreter) -> Span | None:
    conditions = (step for step in control_context(m, m.branch) if isinstance(step, Condition))
    return next((step.span for step in conditions if step.kind is BranchKind.CALLBACK), None)


# --- consecutive calls ---


def _consecutive_calls(m: Interpreter, span: Span) -> Span | None:
    """The first of the consecutive calls of one log function that include a call; None for a single call."""
    function = m.active_functions[-1] if m.active_functions else None
    in_function = function is not None and function.path == span.path
    if function is not None and in_function and function.node.start <= span.start < end_of(function.node):
        scope: FunctionInfo | str = function
        body = function.node.body if isinstance(function.node, facts.FunctionDef) else []
    else:
        file = m.project.facts(span.path)
        scope, body = span.path, [] if file is None else file.body
    if scope not in m.summaries.consecutive_calls:
        m.summaries.consecutive_calls[scope] = dict(_all_consecutive_calls(span.path, body))
    return m.summaries.consecutive_calls[scope].get(span)


def _all_consecutive_calls(path: str, body: list[facts.Stmt]) -> Iterator[tuple[Span, Span]]:
    for block in _blocks(body):
        for function, group in groupby(block, _called):
            calls = [Span(path, s.value.start, s.value.end) for s in group if isinstance(s, facts.ExprStmt)]
            if function and len(calls) >= MIN_CONSECUTIVE:
                yield from ((call, calls[0]) for call in calls)


def _called(statement: facts.Stmt) -> str:
    call = statement.value if isinstance(statement, facts.ExprStmt) else None
    return facts.source_form(call.func) if isinstance(call, facts.Call) else ""


def _blocks(body: list[facts.Stmt]) -> Iterator[list[facts.Stmt]]:
    yield body
    for node in statements(*body):
        for field in ("body", "orelse", "final"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield block
