"""Branches: `if`, `try`, `with` and `match`, and what the names mean behind them."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, join_two, options
from wandblint.analysis.domain.truthiness import is_none, truthiness
from wandblint.analysis.domain.values import NONE, Branch, Frame, Function, Unknown, Value, branch_of
from wandblint.analysis.interpreter.calls import call_function
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.classes import find_in_class
from wandblint.analysis.objects.isinstance_checks import isinstance_verdict
from wandblint.analysis.objects.names import bind
from wandblint.analysis.state.interpreter import Executor, Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.span import Span
from wandblint.template import SymbolId


def _if(m: Interpreter, node: facts.If, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is not None:
        on_end = m.dispatch.observers.if_decided(m, node, frame)
        before = m.recorder.effect_count
        live = m.execute(node.body if verdict else node.orelse, frame)
        if on_end is not None:
            on_end(m.recorder.effect_count > before)
        return live
    outer = m.branch
    names = frame.names
    frame.names = dict(names)
    m.branch = branch_of(outer, frame, node.test, holds=True)
    _narrow(m, node.test, frame, holds=True)
    body_live = m.execute(node.body, frame)
    body_names = frame.names
    frame.names = dict(names)
    m.branch = branch_of(outer, frame, node.test, holds=False)
    _narrow(m, node.test, frame, holds=False)
    orelse_live = m.execute(node.orelse, frame)
    m.branch = outer
    if body_live and orelse_live:
        frame.names = join_environments(body_names, frame.names)
    elif body_live or orelse_live:
        frame.names = body_names if body_live else frame.names
        # One side has left: what follows may not run although what came before did.
        m.branch = branch_of(outer, frame, node.test, holds=body_live)
    return body_live or orelse_live


def join_environments(left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    """The names after one of two ways."""
    out = dict(left)
    get = left.get
    for name, value in [item for item in right.items() if get(item[0]) is not item[1]]:
        old = get(name)
        out[name] = value if old is None else join_two(old, value)
    return out


def _narrow(m: Interpreter, test: facts.Expr, frame: Frame, *, holds: bool) -> None:
    """What a condition tells about the variables in it: only names with known alternatives."""
    if isinstance(test, facts.Not):
        _narrow(m, test.value, frame, holds=not holds)
    elif isinstance(test, facts.Bool) and holds is (test.op == "and"):
        for part in test.values:
            _narrow(m, part, frame, holds=holds)
    elif (
        isinstance(test, facts.Compare) and len(test.ops) == 1 and test.ops[0] in {"is", "is not", "==", "!="}
    ):
        right = test.rights[0]
        if isinstance(right, facts.Const) and right.value is None:
            wanted = holds is (test.ops[0] in {"is", "=="})
            _filter_options(test.left, frame, lambda option: is_none(option) is not (not wanted))
    elif isinstance(test, facts.Call) and _is_isinstance(test):
        kind = m.evaluate(test.args[1].value, frame)
        _filter_options(
            test.args[0].value, frame, lambda option: isinstance_verdict(m, option, kind) is not (not holds)
        )
    else:
        _filter_options(test, frame, lambda option: truthiness(option) is not (not holds))


def _is_isinstance(test: facts.Call) -> bool:
    return isinstance(test.func, facts.Name) and test.func.id == "isinstance" and len(test.args) == 2  # noqa: PLR2004


def _filter_options(expr: facts.Expr, frame: Frame, fits: Callable[[Value], bool]) -> None:
    if isinstance(expr, facts.Name) and expr.id in frame.names:
        choices = options(frame.names[expr.id])
        kept = [option for option in choices if fits(option)]
        if kept and len(kept) < len(choices):
            frame.names[expr.id] = join(kept)


def _try(m: Interpreter, node: facts.Try, frame: Frame) -> bool:
    if not node.handlers:
        live = m.execute(node.body, frame) and m.execute(node.orelse, frame)
        return m.execute(node.final, frame) and live
    start = dict(frame.names)
    outer, scope, handlers = m.branch, frame.info, tuple(node.handlers)
    m.branch = Branch(outer, scope=scope, is_unconditional=True, handlers=handlers)
    live = m.execute(node.body, frame)
    after_body = dict(frame.names)
    if live:
        live = m.execute(node.orelse, frame)
    ways = [dict(frame.names)] if live else []
    for handler in node.handlers:
        frame.names = join_environments(start, after_body)
        m.branch = Branch(
            outer, scope=scope, kind=BranchKind.EXCEPT, span=_at(frame, handler), handlers=(handler,)
        )
        if handler.name is not None:
            frame.names[handler.name] = Unknown(
                SymbolId("exception", frame.context, handler.start), handler.name
            )
        if m.execute(handler.body, frame):
            ways.append(dict(frame.names))
    m.branch = outer
    if ways:
        frame.names = ways[0]
        for names in ways[1:]:
            frame.names = join_environments(frame.names, names)
    if not live or len(ways) <= len(node.handlers):
        m.branch = Branch(outer, is_unconditional=True)
    return m.execute(node.final, frame) and bool(ways)


def _with(m: Interpreter, node: facts.With, frame: Frame) -> bool:
    entered: list[Value] = []
    for item in node.items:
        value = m.force(m.evaluate(item.value, frame))
        entered.append(value)
        inside = _enter_context(m, value, frame, Span(frame.path, item.start, item.end))
        if item.target is not None:
            assign(m, item.target, inside, frame)
    live = m.execute(node.body, frame)
    for value in reversed(entered):
        m.dispatch.observers.context_left(m, value)
        _exit_context(m, value, frame, Span(frame.path, node.start, node.end))
    return live


def _exit_context(m: Interpreter, value: Value, frame: Frame, span: Span) -> None:
    for option, made in m.objects(value):
        leave = find_in_class(made.cls, "__exit__") if isinstance(made, Instance) else None
        if isinstance(leave, Function):
            error = Unknown(SymbolId("error", frame.context, span), "error")
            call_function(
                m, Function(leave.info, option, leave.frame), Arguments(more_positional=error), frame, span
            )


def _enter_context(m: Interpreter, value: Value, frame: Frame, span: Span) -> Value:
    """What `with value as x` binds."""
    found: list[Value] = []
    for option, made in m.objects(value):
        if isinstance(made, SequenceObject):
            # What a `@contextmanager` function yields.
            found.extend(all_items(made.items, made.tail) or [NONE])
        elif isinstance(made, Instance):
            enter = find_in_class(made.cls, "__enter__")
            if isinstance(enter, Function):
                bound = Function(enter.info, option, enter.frame)
                found.append(call_function(m, bound, Arguments(), frame, span))
            else:
                found.append(option)
        else:
            found.append(option)
    return join(found)


def _at(frame: Frame, node: facts.Node) -> Span:
    return Span(frame.path, node.start, node.end)


def _match(m: Interpreter, node: facts.Match, frame: Frame) -> bool:
    m.evaluate(node.subject, frame)
    names, outer = dict(frame.names), m.branch
    ways = [names]
    for case in node.cases:
        frame.names = dict(names)
        m.branch = Branch(outer, kind=BranchKind.CASE, span=_at(frame, case))
        for name in case.names:
            bind(m, name, Unknown(SymbolId("case", frame.context, case.start, name), name), frame)
        if case.guard is not None:
            m.evaluate(case.guard, frame)
        if m.execute(case.body, frame):
            ways.append(frame.names)
    m.branch = outer
    frame.names = ways[0]
    for way in ways[1:]:
        frame.names = join_environments(frame.names, way)
    if len(ways) <= len(node.cases):
        m.branch = Branch(outer, is_unconditional=True)
    return True


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.If: _if,
    facts.Try: _try,
    facts.With: _with,
    facts.Match: _match,
}
