"""`if`, `try`, `with` and `match`: interprets their branches and joins the environments after them."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.lattice import join, join_two, options
from wandblint.analysis.domain.truthiness import is_none, truthiness
from wandblint.analysis.domain.values import Branch, Frame, Run, Unknown, Value, branch_of
from wandblint.analysis.effects.logging_reach import held_values
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.context_managers import enter, leave
from wandblint.analysis.interpreter.control_context import varies_in_loop
from wandblint.analysis.interpreter.iteration_tests import is_counter
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.isinstance_checks import isinstance_verdict
from wandblint.analysis.objects.names import bind
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Executor, Interpreter
from wandblint.index.walk import repeats
from wandblint.model.control_flow import BranchKind
from wandblint.semantics.heuristics import HIDING_ERRORS
from wandblint.template import SymbolId


def _if(m: Interpreter, node: facts.If, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is not None:
        on_end = m.dispatch.observers.if_decided(m, node, frame)
        before, outer = m.recorder.effect_count, m.branch
        if varies_in_loop(m, node.test, frame):
            # In another iteration the test may come out differently, so what it guards happens in some only.
            m.branch = branch_of(outer, frame, node.test, holds=verdict)
        live = m.execute(node.body if verdict else node.orelse, frame)
        m.branch = outer
        if on_end is not None:
            on_end(m.recorder.effect_count > before)
        return live
    outer = m.branch
    names = frame.names
    frame.names = dict(names)
    m.branch = branch_of(outer, frame, node.test, holds=True)
    m.branch.is_taken_once = _leaves_loop(m, node.body, frame)
    _narrow(m, node.test, frame, holds=True)
    body_live = m.execute(node.body, frame)
    body_names = frame.names
    frame.names = dict(names)
    m.branch = branch_of(outer, frame, node.test, holds=False)
    m.branch.is_taken_once = _leaves_loop(m, node.orelse, frame)
    _narrow(m, node.test, frame, holds=False)
    orelse_live = m.execute(node.orelse, frame)
    m.branch = outer
    if body_live and orelse_live:
        frame.names = join_environments(body_names, frame.names)
    elif body_live or orelse_live:
        frame.names = body_names if body_live else frame.names
        # Only one branch continues: the code after the `if` may not run although the code before it did.
        m.branch = branch_of(outer, frame, node.test, holds=body_live)
    return body_live or orelse_live


def _leaves_loop(m: Interpreter, block: list[facts.Stmt], frame: Frame) -> bool:
    """Whether a block always ends the loop of its function that contains it."""
    return bool(block) and bool(m.loops) and m.loops[-1].frame is frame and not repeats(block)


def join_environments(left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    """The environment after one of two branches."""
    joined = dict(left)
    get = left.get
    for name, value in [item for item in right.items() if get(item[0]) is not item[1]]:
        old = get(name)
        joined[name] = value if old is None else join_two(old, value)
    return joined


def _narrow(m: Interpreter, test: facts.Expr, frame: Frame, *, holds: bool) -> None:
    """Restricts the alternatives of the variables in a condition to those for which it holds or fails."""
    if isinstance(test, facts.Not):
        _narrow(m, test.value, frame, holds=not holds)
    elif isinstance(test, facts.Bool) and holds is (test.op == "and"):
        for operand in test.values:
            _narrow(m, operand, frame, holds=holds)
    elif (
        isinstance(test, facts.Compare) and len(test.ops) == 1 and test.ops[0] in {"is", "is not", "==", "!="}
    ):
        right = test.rights[0]
        if isinstance(right, facts.Const) and right.value is None:
            must_be_none = holds is (test.ops[0] in {"is", "=="})
            _filter_options(test.left, frame, lambda option: is_none(option) is not (not must_be_none))
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
        remaining = [option for option in choices if fits(option)]
        if remaining and len(remaining) < len(choices):
            frame.names[expr.id] = join(remaining)


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
    environments = [dict(frame.names)] if live else []
    for handler in node.handlers:
        frame.names = join_environments(start, after_body)
        m.branch = Branch(
            outer, scope=scope, kind=BranchKind.EXCEPT, span=frame.span(handler), handlers=(handler,)
        )
        m.branch.is_taken_once = _leaves_loop(m, handler.body, frame)
        if handler.name is not None:
            frame.names[handler.name] = Unknown(
                SymbolId("exception", frame.context, handler.start), handler.name
            )
        if m.execute(handler.body, frame):
            environments.append(dict(frame.names))
    m.branch = outer
    if environments:
        frame.names = environments[0]
        for names in environments[1:]:
            frame.names = join_environments(frame.names, names)
    if environments and not live:
        # Only handlers continue: the code after the `try` runs after an error.
        m.branch = Branch(outer, scope=scope, kind=BranchKind.EXCEPT, span=frame.span(node))
    elif not live or len(environments) <= len(node.handlers):
        m.branch = Branch(outer, is_unconditional=True)
    return m.execute(node.final, frame) and bool(environments)


def _with(m: Interpreter, node: facts.With, frame: Frame) -> bool:
    entered: list[tuple[Value, bool]] = []
    for item in node.items:
        before = m.entry.session.attributes["run"]
        value = m.force(m.evaluate(item.value, frame))
        gets_run = _gets_run(item.value, frame) or m.entry.session.attributes["run"] != before
        entered.append((value, gets_run and isinstance(value, Unknown)))
        bound = enter(m, value, frame, frame.span(item))
        if item.target is not None:
            assign(m, item.target, bound, frame)
    outer, exits, span = m.branch, _exit_count(frame), frame.span(node)
    hides_errors = any(map(_hides_errors, node.items))
    if hides_errors:
        handler = facts.Handler(node.start, node.end, None, None, [])
        m.branch = Branch(outer, scope=frame.info, span=span, handlers=(handler,))
    inside = m.branch
    live = m.execute(node.body, frame)
    raises = not live and _exit_count(frame) == exits
    # A `with` ends however its body does.
    after, m.branch = m.branch, outer
    if hides_errors:
        after = outer if after is inside else Branch(outer, span=span)
    for value, may_close in reversed(entered):
        leave(m, value, frame, span)
        if may_close:
            run_state.may_close_active(m, span)
    m.branch = after
    if raises and any(not isinstance(option, Run) for value, _ in entered for option in options(value)):
        # A context manager may swallow the error.
        m.branch = Branch(outer, span=span)
        return True
    return live


def _hides_errors(item: facts.WithItem) -> bool:
    """Whether a context manager is there to hide an error, which may end its block anywhere."""
    func = item.value.func if isinstance(item.value, facts.Call) else item.value
    return facts.source_form(func).rpartition(".")[2] in HIDING_ERRORS


def _exit_count(frame: Frame) -> int:
    """How often the code so far leaves a block by `return`, `break` or `continue`."""
    return len(frame.returned) + sum(len(exits.breaks) + len(exits.continues) for exits in frame.exits)


def _gets_run(manager: facts.Expr, frame: Frame) -> bool:
    """Whether the call that makes a context manager gets a run, which it may close at the end."""
    args = [arg.value for arg in manager.args] if isinstance(manager, facts.Call) else []
    return any(
        isinstance(option, Run)
        for arg in args
        if isinstance(arg, facts.Name) and arg.id in frame.names
        for option in options(frame.names[arg.id])
    )


def _match(m: Interpreter, node: facts.Match, frame: Frame) -> bool:
    subject = m.evaluate(node.subject, frame)
    parts = held_values(m, m.force(subject)) if any(case.names for case in node.cases) else []
    names, outer = dict(frame.names), m.branch
    environments = [names]
    selects = is_counter(m, node.subject, frame.path, frame.info)
    for case in node.cases:
        frame.names = dict(names)
        m.branch = Branch(outer, kind=BranchKind.CASE, span=frame.span(case))
        m.branch.is_taken_once = selects or _leaves_loop(m, case.body, frame)
        for name in case.names:
            unknown = Unknown(SymbolId("case", frame.context, case.start, name), name)
            # The pattern is not matched: the name may mean any part of the subject.
            bind(m, name, join([unknown, *parts]), frame)
        if case.guard is not None:
            m.evaluate(case.guard, frame)
        if m.execute(case.body, frame):
            environments.append(frame.names)
    m.branch = outer
    frame.names = environments[0]
    for environment in environments[1:]:
        frame.names = join_environments(frame.names, environment)
    if len(environments) <= len(node.cases):
        m.branch = Branch(outer, is_unconditional=True)
    return True


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.If: _if,
    facts.Try: _try,
    facts.With: _with,
    facts.Match: _match,
}
