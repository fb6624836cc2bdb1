"""How a log call stands in the text around it: in a loop over names, in a row of its like, in a wrapper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from wandblint import facts
from wandblint.analysis.domain.heap import ActiveLoop
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import FunctionInfo, Unknown, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.objects.classes import has_unknown_base, mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import end_of, statements, walk
from wandblint.model.control_flow import BranchKind, Condition
from wandblint.model.events import CallSiteContext, UnusedStepParameter
from wandblint.semantics.axes import is_step_name
from wandblint.semantics.heuristics import CALLBACK_NAMES, LOGGER_NAMES
from wandblint.semantics.ranks import asks_rank
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template

MIN_CONSECUTIVE = 3
"""So many log calls in a row are no accident."""


def call_site_context(m: Interpreter, span: Span, row: Value) -> CallSiteContext:
    """How the log call that is met now stands."""
    loop = _loop_of_names(m, row)
    around = [passes for passes in m.loops if passes is not loop]
    unseen = m.recorder.caller_unseen or _in_callback(m)
    return CallSiteContext(
        None if loop is None else Span(loop.frame.path, loop.node.start, loop.node.end),
        _consecutive_calls(m, span),
        runs_once=not around and not unseen,
        unused_step=_unused_step_parameter(m, span),
    )


def _in_callback(m: Interpreter) -> bool:
    context = control_context(m, m.branch)
    return any(isinstance(step, Condition) and step.kind is BranchKind.CALLBACK for step in context)


# --- loops over names ---


def _loop_of_names(m: Interpreter, row: Value) -> ActiveLoop | None:
    """The innermost loop, where it goes over a dictionary and its names make the only key of the row."""
    passes = m.loops[-1] if m.loops else None
    rows = m.dictionaries(row)
    if passes is None or not isinstance(passes.node, facts.For) or len(rows) != 1:
        return None
    variable = _name_variable(m, passes.node, passes)
    value = passes.frame.names.get(variable) if variable else None
    if value is None or len(rows[0].entries) != 1:
        return None
    (key,) = rows[0].entries
    return passes if any(_is_derived_from(key, option) for option in options(value)) else None


def _name_variable(m: Interpreter, loop: facts.For, passes: ActiveLoop) -> str:
    """The variable that holds the names: `for name, value in d.items()`, `for name in d`."""
    called = loop.iter.func if isinstance(loop.iter, facts.Call) else None
    method = called.attr if isinstance(called, facts.Attr) else ""
    if method == "items" and isinstance(loop.target, facts.Sequence):
        first = loop.target.items[0] if loop.target.items else None
        return first.id if isinstance(first, facts.Name) else ""
    if not isinstance(loop.target, facts.Name):
        return ""
    source = facts.source_form(called.value if isinstance(called, facts.Attr) else loop.iter)
    if method in {"", "keys"} and source and _is_looked_up(loop, source, loop.target.id):
        return loop.target.id
    return ""


def _is_looked_up(loop: facts.For, source: str, name: str) -> bool:
    """Whether the loop takes `source[name]`: then what it goes over is a dictionary."""
    return any(
        isinstance(node, facts.Subscript)
        and facts.source_form(node.value) == source
        and facts.source_form(node.index) == name
        for node in walk(*loop.body)
    )


def _is_derived_from(key: object, name: Value) -> bool:
    """Whether a key holds the loop's name."""
    if isinstance(name, Template):
        return isinstance(key, Template) and bool(str(name)) and str(name) in str(key)
    return isinstance(name, Unknown) and _mentions(key, name.symbol)


def _mentions(thing: object, origin: SymbolId) -> bool:
    if isinstance(thing, Template):
        return any(isinstance(part, Hole) and _mentions(part.symbol, origin) for part in thing.parts)
    if isinstance(thing, Unknown):
        return _mentions(thing.symbol, origin)
    return isinstance(thing, SymbolId) and (
        thing is origin or any(_mentions(part, origin) for part in thing.key)
    )


# --- one call after the other ---


def _consecutive_calls(m: Interpreter, span: Span) -> Span | None:
    """The first of several calls of one log function that follow one another as statements of a block."""
    around = m.active_functions[-1] if m.active_functions else None
    if (
        around is not None
        and around.path == span.path
        and around.node.start <= span.start < end_of(around.node)
    ):
        if around not in m.summaries.consecutive_calls:
            body = around.node.body if isinstance(around.node, facts.Function) else []
            m.summaries.consecutive_calls[around] = dict(_all_consecutive_calls(span.path, body))
        return m.summaries.consecutive_calls[around].get(span)
    file = m.project.facts(span.path)
    if span.path not in m.summaries.consecutive_calls:
        m.summaries.consecutive_calls[span.path] = dict(
            _all_consecutive_calls(span.path, [] if file is None else file.body)
        )
    return m.summaries.consecutive_calls[span.path].get(span)


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
    """The parameter of the function around the call that tells a step and is used nowhere."""
    info = m.active_functions[-1] if m.active_functions else None
    if info is None or info.path != span.path or not _chooses_its_parameters(m, info):
        return None
    found = _step_without_use(info)
    call = None if found is None else _call_at(info, span)
    if found is None or call is None or not (LOGGER_NAMES.search(info.name) or _passes_on(info, call)):
        return None
    place = Span(info.path, found.start, found.end)
    is_imposed = m.shared_facts.read("handed over", *info.id) is not None
    is_interval = bool(_uses(info)[found.name])
    return UnusedStepParameter(info.name, found.name, place, is_imposed, is_interval)


def _chooses_its_parameters(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether no framework and no base class tells what parameters the function takes."""
    if CALLBACK_NAMES.search(info.name) or any(
        word not in {"staticmethod", "classmethod"} and not asks_rank(word) for word in info.decorators
    ):
        return False
    if info.owner is None:
        return True
    return not has_unknown_base(info.owner) and not any(
        info.name in base.attributes for base in mro(info.owner)[1:]
    )


@cache
def _step_without_use(info: FunctionInfo) -> facts.Param | None:
    """The parameter that tells a step and has no use but a test for an interval: `step % 100 == 0`."""
    if not isinstance(info.node, facts.Function) or not any(is_step_name(p.name) for p in info.params):
        return None
    used = _uses(info)
    if used["locals"] or used["vars"]:
        return None
    divided = Counter(
        node.left.id
        for node in walk(*info.node.body)
        if isinstance(node, facts.Binary) and node.op == "%" and isinstance(node.left, facts.Name)
    )
    for param in info.params:
        if (
            param.kind in {"", "/", "k"}
            and used[param.name] == divided[param.name]
            and is_step_name(param.name)
        ):
            return param
    return None


@cache
def _uses(info: FunctionInfo) -> Counter[str]:
    """How often each name stands in the body of a function."""
    body = info.node.body if isinstance(info.node, facts.Function) else []
    return Counter(node.id for node in walk(*body) if isinstance(node, facts.Name))


def _call_at(info: FunctionInfo, span: Span) -> facts.Call | None:
    for node in walk(info.node):
        if isinstance(node, facts.Call) and (node.start, node.end) == (span.start, span.end):
            return node
    return None


def _passes_on(info: FunctionInfo, call: facts.Call) -> bool:
    """Whether the row is one of the parameters."""
    first = call.args[0].value if call.args else None
    return isinstance(first, facts.Name) and first.id in {param.name for param in info.params}
