"""Guards on variables that can only be None (WB110).

All assignments in the project show which variables can only be None. To learn what the guarded branch would
do, the interpreter runs it once under the hypothesis that the variable is a run, and records nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import HYPOTHETICAL, Frame, Unknown
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.bindings import MODULE, guarded_variables, is_private
from wandblint.index.walk import end_of, identifiers, walk
from wandblint.model.events import CalledFunction, NoneGuard
from wandblint.span import Span
from wandblint.template import SymbolId


class PendingGuard(msgspec.Struct, frozen=True):
    """A guard whose branch is still running, so that it is unknown whether it reaches wandb."""

    expr: facts.Name | facts.Attr
    scope: Span
    assigned: Span
    holds: bool


def note_if(m: Interpreter, node: facts.If, frame: Frame) -> Callable[[bool], None] | None:
    """Returns a callback that records a guard after the body of its `if` has run.

    The callback takes whether the body reached wandb. None unless the test guards a variable that is always
    None.
    """
    for expr, holds_if_none in guarded_variables(node.test):
        spans = _only_none(m, expr, frame)
        if spans is not None:
            guard = PendingGuard(expr, *spans, holds_if_none)
            return partial(_leave_guard, m, guard, node, frame)
    return None


def _only_none(m: Interpreter, expr: facts.Name | facts.Attr, frame: Frame) -> tuple[Span, Span] | None:
    if isinstance(expr, facts.Name):
        function = frame.function
        return m.project.only_none_name(
            frame.path, MODULE if function is None else function.node.start, expr.id
        )
    if is_private(expr.attr) and isinstance(expr.value, facts.Name):
        return m.project.only_none_attribute(expr.attr)
    return None


def _leave_guard(m: Interpreter, guard: PendingGuard, node: facts.If, frame: Frame, reached: bool) -> None:
    """Records a guard after its live branch has run; runs its dead branch under a hypothesis."""
    dead_branch = node.orelse if guard.holds else node.body
    used_as_run, reaches = _try_branch(m, guard, dead_branch, frame)
    is_setting = (
        isinstance(guard.expr, facts.Name) and guard.scope.start == MODULE and guard.expr.id.isupper()
    )
    # Users edit settings like `RESUME_ID = None` by hand: only a use as a run makes one a run variable.
    variable = _source_form(guard.expr)
    is_unrelated = not reaches and variable.rpartition(".")[2] not in identifiers(*dead_branch)
    is_live = reached and is_unrelated and not is_setting
    # Next to a live branch, a variable is a run only if the dead branch uses it as one.
    matters = used_as_run or is_live or (reaches and not guard.holds and not is_setting)
    span = frame.span(node.test)
    called = tuple(_functions_called(m, dead_branch, frame.path)) if matters and not is_live else ()
    m.recorder.guard(
        NoneGuard(span, variable, guard.scope, guard.assigned, guard.holds, matters, is_live, called)
    )


def _functions_called(m: Interpreter, body: list[facts.Stmt], path: str) -> Iterator[CalledFunction]:
    """The undecorated functions of a file that a branch calls by name."""
    names = {
        node.func.id
        for node in walk(*body)
        if isinstance(node, facts.Call) and isinstance(node.func, facts.Name)
    }
    file = m.project.facts(path) if names else None
    for function in [] if file is None else file.body:
        if isinstance(function, facts.FunctionDef) and function.name in names and not function.decorators:
            word = re.compile(rf"\b{re.escape(function.name)}\b")
            in_branch, in_function = (
                len(word.findall(m.project.text(path, *_extent(*nodes)))) for nodes in (body, [function])
            )
            anywhere = m.project.count_word(function.name)
            name = Span(path, function.name_at, function.name_at + len(function.name))
            yield CalledFunction(name, in_branch, anywhere - in_function)


def _extent(*nodes: facts.Node) -> tuple[int, int]:
    return nodes[0].start, end_of(nodes[-1])


def _source_form(expr: facts.Name | facts.Attr) -> str:
    if isinstance(expr, facts.Name):
        return expr.id
    base = _source_form(expr.value) if isinstance(expr.value, (facts.Name, facts.Attr)) else "..."
    return f"{base}.{expr.attr}"


def _try_branch(
    m: Interpreter, guard: PendingGuard, body: list[facts.Stmt], frame: Frame
) -> tuple[bool, bool]:
    """Whether a dead branch would use the variable as a run, and whether it would reach wandb."""
    effects_before, uses_before = m.recorder.effect_count, m.recorder.hypothetical_uses
    names, hypotheses = frame.names, m.hypotheses
    hypothetical_run = Unknown(SymbolId("hypothesis", guard.assigned), _source_form(guard.expr), HYPOTHETICAL)
    frame.names = dict(names)
    m.hypotheses = {**hypotheses, _source_form(guard.expr): hypothetical_run}
    m.recorder.hypothetical_depth += 1
    returned_before, yielded_before = len(frame.returned), len(frame.yielded)
    with m.on_branch():
        m.execute(body, frame)
    del frame.returned[returned_before:], frame.yielded[yielded_before:]
    m.recorder.hypothetical_depth -= 1
    frame.names, m.hypotheses = names, hypotheses
    return m.recorder.hypothetical_uses > uses_before, m.recorder.effect_count > effects_before
