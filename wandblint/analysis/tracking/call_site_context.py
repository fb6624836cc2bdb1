"""The context of a log call: a loop over names, consecutive log calls, a wrapper with an unused step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.objects.classes import has_unknown_base, mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.name_loops import loop_of_names
from wandblint.index.walk import end_of, statements, walk
from wandblint.model.control_flow import BranchKind, Condition
from wandblint.model.events import CallSiteContext, UnusedStepParameter
from wandblint.semantics.axes import is_step_name
from wandblint.semantics.heuristics import CALLBACK_NAMES, LOGGER_NAMES
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span

MIN_CONSECUTIVE = 3
"""The least number of consecutive log calls that is no accident."""


def call_site_context(m: Interpreter, span: Span, row: Value) -> CallSiteContext:
    """The context of the current log call."""
    loop = loop_of_names(m, row)
    other_loops = [active for active in m.loops if active is not loop]
    caller_unseen = m.recorder.caller_unseen or _in_callback(m)
    return CallSiteContext(
        None if loop is None else loop.frame.span(loop.node),
        _consecutive_calls(m, span),
        runs_once=not other_loops and not caller_unseen,
        unused_step=_unused_step_parameter(m, span),
    )


def _in_callback(m: Interpreter) -> bool:
    context = control_context(m, m.branch)
    return any(isinstance(step, Condition) and step.kind is BranchKind.CALLBACK for step in context)


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


# --- wrappers ---


def _unused_step_parameter(m: Interpreter, span: Span) -> UnusedStepParameter | None:
    """The unused step parameter of the function around the call."""
    info = m.active_functions[-1] if m.active_functions else None
    if info is None or info.path != span.path:
        return None
    param = _unused_step(info)
    if param is None or not _controls_signature(info):
        return None
    call = _call_at(info, span)
    if call is None or not (LOGGER_NAMES.search(info.name) or _forwards_row(info, call)):
        return None
    param_span = Span(info.path, param.start, param.end)
    signature_is_fixed = m.shared_facts.read("escaped", *info.id) is not None
    has_interval_check = bool(_uses(info)[param.name])
    return UnusedStepParameter(info.name, param.name, param_span, signature_is_fixed, has_interval_check)


def _controls_signature(info: FunctionInfo) -> bool:
    """Whether neither a framework nor a base class fixes the parameters of a function."""
    if CALLBACK_NAMES.search(info.name) or any(
        decorator not in {"staticmethod", "classmethod"} and not asks_rank(decorator)
        for decorator in info.decorators
    ):
        return False
    if info.owner is None:
        return True
    return not has_unknown_base(info.owner) and not any(
        info.name in base.attributes for base in mro(info.owner)[1:]
    )


@cache
def _unused_step(info: FunctionInfo) -> facts.Param | None:
    """The step parameter that only interval checks use, like `step % 100 == 0`, if there is one."""
    if not isinstance(info.node, facts.FunctionDef) or not any(is_step_name(p.name) for p in info.params):
        return None
    uses = _uses(info)
    if uses["locals"] or uses["vars"]:
        return None
    interval_checks = Counter(
        node.left.id
        for node in walk(*info.node.body)
        if isinstance(node, facts.Binary) and node.op == "%" and isinstance(node.left, facts.Name)
    )
    for param in info.params:
        if (
            param.kind in {"", "/", "k"}
            and uses[param.name] == interval_checks[param.name]
            and is_step_name(param.name)
        ):
            return param
    return None


@cache
def _uses(info: FunctionInfo) -> Counter[str]:
    """The number of occurrences of each name in the body of a function."""
    body = info.node.body if isinstance(info.node, facts.FunctionDef) else []
    return Counter(node.id for node in walk(*body) if isinstance(node, facts.Name))


def _call_at(info: FunctionInfo, span: Span) -> facts.Call | None:
    for node in walk(info.node):
        if isinstance(node, facts.Call) and (node.start, node.end) == (span.start, span.end):
            return node
    return None


def _forwards_row(info: FunctionInfo, call: facts.Call) -> bool:
    """Whether a log call passes a parameter of the function as its row."""
    first = call.args[0].value if call.args else None
    return isinstance(first, facts.Name) and first.id in {param.name for param in info.params}
