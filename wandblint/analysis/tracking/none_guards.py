"""Guards on variables that can only be None (WB110).

Which variables can only be None is read from all assignments in the project; what the guarded branch
would do is found by running it once with the variable supposed to be a run, recording nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import HYPOTHETICAL, Frame, Unknown
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.bindings import MODULE, guarded, is_private
from wandblint.index.walk import end_of, identifiers, walk
from wandblint.model.events import CalledFunction, NoneGuard
from wandblint.span import Span
from wandblint.template import SymbolId


class PendingGuard(msgspec.Struct, frozen=True):
    """A guard that was met, until it is known whether its branch reaches wandb."""

    expr: facts.Name | facts.Attr
    scope: Span
    assigned: Span
    holds: bool


def note_if(m: Interpreter, node: facts.If, frame: Frame) -> Callable[[bool], None] | None:
    """What records an `if` after its body was run, given whether that reached wandb.

    None unless the test guards a variable that can only be None.
    """
    for expr, none_makes_it in guarded(node.test):
        found = _only_none(m, expr, frame)
        if found is not None:
            guard = PendingGuard(expr, found[0], found[1], none_makes_it)
            return partial(_leave_guard, m, guard, node, frame)
    return None


def _only_none(m: Interpreter, expr: facts.Name | facts.Attr, frame: Frame) -> tuple[Span, Span] | None:
    if isinstance(expr, facts.Name):
        scope = frame
        while scope.info is None and scope.outer is not None and scope is not frame.globals:
            scope = scope.outer
        return m.project.only_none_name(
            frame.path, MODULE if scope.info is None else scope.info.node.start, expr.id
        )
    if is_private(expr.attr) and isinstance(expr.value, facts.Name):
        return m.project.only_none_attribute(expr.attr)
    return None


def _leave_guard(m: Interpreter, watch: PendingGuard, node: facts.If, frame: Frame, reached: bool) -> None:
    """Records a guard after the branch that runs; the branch that never runs is tried under a hypothesis."""
    shut = node.orelse if watch.holds else node.body
    used_as_run, reaches = _try_branch(m, watch, shut, frame)
    is_setting = (
        isinstance(watch.expr, facts.Name) and watch.scope.start == MODULE and watch.expr.id.isupper()
    )
    # `RESUME_ID = None` on top of a script is edited by hand: only its use as a run tells a run variable.
    stands_apart = not reaches and _source_form(watch.expr).rpartition(".")[2] not in identifiers(*shut)
    is_live = reached and stands_apart and not is_setting
    # Beside a live branch a variable is a run's only if the shut one uses it so.
    matters = used_as_run or is_live or (reaches and not watch.holds and not is_setting)
    span = Span(frame.path, node.test.start, node.test.end)
    variable = _source_form(watch.expr)
    called = tuple(_functions_called(m, shut, frame.path)) if matters and not is_live else ()
    m.recorder.guard(
        NoneGuard(span, variable, watch.scope, watch.assigned, watch.holds, matters, is_live, called)
    )


def _functions_called(m: Interpreter, body: list[facts.Stmt], path: str) -> Iterator[CalledFunction]:
    """The plain functions of a file that a branch calls by their names."""
    names = {
        node.func.id
        for node in walk(*body)
        if isinstance(node, facts.Call) and isinstance(node.func, facts.Name)
    }
    file = m.project.facts(path) if names else None
    for function in [] if file is None else file.body:
        if isinstance(function, facts.Function) and function.name in names and not function.decorators:
            word = re.compile(rf"\b{re.escape(function.name)}\b")
            in_branch, in_itself = (
                len(word.findall(m.project.text(path, *_extent(*nodes)))) for nodes in (body, [function])
            )
            anywhere = m.project.count_word(function.name)
            name = Span(path, function.name_at, function.name_at + len(function.name))
            yield CalledFunction(name, in_branch, anywhere - in_itself)


def _extent(*nodes: facts.Node) -> tuple[int, int]:
    return nodes[0].start, end_of(nodes[-1])


def _source_form(expr: facts.Name | facts.Attr) -> str:
    if isinstance(expr, facts.Name):
        return expr.id
    base = _source_form(expr.value) if isinstance(expr.value, (facts.Name, facts.Attr)) else "..."
    return f"{base}.{expr.attr}"


def _try_branch(
    m: Interpreter, watch: PendingGuard, body: list[facts.Stmt], frame: Frame
) -> tuple[bool, bool]:
    """Whether a branch that never runs would use the variable as a run, and whether it would reach wandb."""
    effects, uses = m.recorder.effect_count, m.recorder.hypothetical_uses
    names, assumed = frame.names, m.hypotheses
    supposed = Unknown(SymbolId("supposed", watch.assigned), _source_form(watch.expr), HYPOTHETICAL)
    frame.names = dict(names)
    m.hypotheses = {**assumed, _source_form(watch.expr): supposed}
    m.recorder.hypothetical_depth += 1
    returned, yielded = len(frame.returned), len(frame.yielded)
    with m.on_branch():
        m.execute(body, frame)
    del frame.returned[returned:], frame.yielded[yielded:]
    m.recorder.hypothetical_depth -= 1
    frame.names, m.hypotheses = names, assumed
    return m.recorder.hypothetical_uses > uses, m.recorder.effect_count > effects
