"""Lifetimes of runs: inits that the code reaches while their own run or another one is active."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.heap_objects import ActiveLoop
from wandblint.analysis.domain.values import Run, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, jumps, statements
from wandblint.model.control_flow import BranchKind, Condition
from wandblint.model.doubt import Doubt, DoubtKind
from wandblint.model.events import Init, InitWhileActive
from wandblint.semantics.heuristics import FIRST_ITERATION_WORDS, RETRY_WORDS
from wandblint.semantics.runs import SecondInit, second_init
from wandblint.sources.source import is_notebook


def note_opened(m: Interpreter, init: Init) -> None:
    """Records that an init opens a run in the active loops."""
    if not init.is_surely_active and not m.recorder.hypothetical_depth:
        m.recorder.drop_init_while_active(init)
    if (
        not init.is_must
        or m.recorder.hypothetical_depth
        or m.recorder.in_test
        or _handles_active_run(m, init)
        # What was to open the run may have failed.
        or any(step.kind is BranchKind.EXCEPT for step in init.point.conditions)
    ):
        return
    for loop in m.loops:
        loop.opened_runs.setdefault(init)
    if init.is_surely_active and not _is_of(run_state.active_run(m), init):
        first = min(init.while_active, key=lambda run: m.project.source_order(run.path, run.start))
        m.recorder.init_while_active(InitWhileActive(init.span, init.entry_id, first, None))


def _is_of(run: Value, init: Init) -> bool:
    return isinstance(run, Run) and run.site == init.span


def _handles_active_run(m: Interpreter, init: Init) -> bool:
    """Whether an init says, or may say, how wandb treats an active run."""
    settings = init.argument("settings")
    (outermost, *_) = (*init.call_stack, init.span)
    in_notebook = is_notebook(outermost.path)
    return (
        init.has_unseen_arguments
        or second_init(None, in_notebook=in_notebook) is SecondInit.FINISHES_PREVIOUS
        or init.argument("reinit") is not None
        or (settings is not None and m.project.text_matches(settings.span.path, "reinit"))
    )


def end_loop(m: Interpreter, loop: ActiveLoop) -> None:
    """Records the runs that an iteration opens and none closes: they are active in the next iteration."""
    node = loop.node
    is_single = loop.max_iterations == 1 or (loop.is_unrolled and loop.iterations == 1)
    if not loop.opened_runs or loop.may_close_run or is_single:
        return
    outside = len(control_context(m, loop.branch))
    for init in loop.opened_runs:
        if loop.is_unrolled and init.span not in loop.opened_before:
            # The last iteration opens it, and no other one follows.
            continue
        inside = [step for step in init.point.control_context[outside:] if isinstance(step, Condition)]
        call = init.call_stack[loop.depth] if len(init.call_stack) > loop.depth else init.span
        if not _exits_after(node.body, call.start):
            loop_span = loop.frame.span(node)
            m.recorder.init_while_active(
                InitWhileActive(
                    init.span,
                    m.recorder.entry_id,
                    init.span,
                    loop_span,
                    is_must=not loop.may_close_unseen,
                    repeats=loop.repeats,
                    held_back=_doubt(loop, inside),
                )
            )


def _doubt(loop: ActiveLoop, inside: list[Condition]) -> Doubt | None:
    """What may prevent that the next iteration finds the run, given the conditions of its init."""
    if loop.may_finish_at is not None:
        return Doubt(DoubtKind.MAY_FINISH, loop.may_finish_at)
    if _is_retry_loop(loop):
        return Doubt(DoubtKind.MAY_RETRY, loop.frame.span(loop.node))
    selecting = [step.span for step in inside if not _holds_every_iteration(step)]
    return Doubt(DoubtKind.SELECTS_ITERATIONS, selecting[0]) if selecting else None


def _is_retry_loop(loop: ActiveLoop) -> bool:
    """Whether a further iteration may follow a failure, or other code runs between iterations."""
    node, info = loop.node, loop.frame.info
    if info is not None and info.yields:
        return True
    if isinstance(node, facts.While):
        return not isinstance(node.test, facts.Const)
    return any(RETRY_WORDS.search(name) for name in identifiers(node.target, node.iter))


def _holds_every_iteration(condition: Condition) -> bool:
    return (
        condition.is_test and condition.is_loop_invariant and not FIRST_ITERATION_WORDS.search(condition.text)
    )


def _exits_after(body: list[facts.Stmt], position: int) -> bool:
    """Whether a `return` or `break` leaves the loop after a position in its body."""
    returns = (node for node in statements(*body, into_scopes=False) if isinstance(node, facts.Return))
    return any(node.end >= position for node in (*returns, *jumps(body, "break")))
