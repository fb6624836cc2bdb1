"""How long runs stay open: an init that is reached while its own run, or another one, still is."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.heap import ActiveLoop
from wandblint.analysis.domain.values import Run
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, walk
from wandblint.model.control_flow import Condition
from wandblint.model.events import Init, InitWhileActive
from wandblint.semantics.heuristics import FIRST_ITERATION_WORDS, RETRY_WORDS
from wandblint.semantics.runs import SecondInit, second_init
from wandblint.sources.source import is_notebook
from wandblint.span import Span


def note_opened(m: Interpreter, made: Init) -> None:
    """A run is opened, in the loops that are being run."""
    if (
        not made.is_must
        or m.recorder.hypothetical_depth
        or m.recorder.in_test
        or _handles_active_run(m, made)
    ):
        return
    for passes in m.loops:
        passes.opened_runs.setdefault(made)
    if made.is_surely_active and m.active_run != Run(made.span):
        first = min(made.while_active, key=lambda run: m.project.source_order(run.path, run.start))
        m.recorder.init_while_active(InitWhileActive(made.span, made.entry_id, first, None))


def _handles_active_run(m: Interpreter, made: Init) -> bool:
    """Whether the call says, or may say, what is to become of a run that is open."""
    settings = made.argument("settings")
    (outermost, *_) = (*made.call_stack, made.span)
    in_notebook = is_notebook(outermost.path)
    return (
        made.has_unseen_arguments
        or second_init(None, in_notebook=in_notebook) is SecondInit.FINISHES_PREVIOUS
        or made.argument("reinit") is not None
        or (settings is not None and m.project.text_matches(settings.span.path, "reinit"))
    )


def end_loop(m: Interpreter, passes: ActiveLoop) -> None:
    """Tells of the runs that a pass opens and none closes: the next pass meets them open."""
    loop = passes.node
    if (
        not passes.opened_runs
        or passes.may_close_run
        or (passes.is_unrolled and passes.iterations == 1)
        or _is_retry_loop(passes)
    ):
        return
    outside = len(control_context(m, passes.branch))
    for opening in passes.opened_runs:
        inside = opening.point.control_context[outside:]
        if not all(_holds_every_iteration(step) for step in inside if isinstance(step, Condition)):
            continue
        at = opening.call_stack[passes.depth] if len(opening.call_stack) > passes.depth else opening.span
        if not _exits_after(loop.body, at.start):
            place = Span(passes.frame.path, loop.start, loop.end)
            m.recorder.init_while_active(
                InitWhileActive(
                    opening.span,
                    m.recorder.entry_id,
                    opening.span,
                    place,
                    is_must=not passes.may_close_unseen,
                )
            )


def _is_retry_loop(passes: ActiveLoop) -> bool:
    """Whether another pass may mean that the first one failed, or somebody else acts between the passes."""
    loop, info = passes.node, passes.frame.info
    if info is not None and info.yields:
        return True
    if isinstance(loop, facts.While):
        return not isinstance(loop.test, facts.Const)
    return any(RETRY_WORDS.search(word) for word in identifiers(loop.target, loop.iter))


def _holds_every_iteration(condition: Condition) -> bool:
    return (
        condition.is_test and condition.is_loop_invariant and not FIRST_ITERATION_WORDS.search(condition.text)
    )


def _exits_after(body: list[facts.Stmt], place: int) -> bool:
    """Whether the loop is left somewhere behind a place in it."""
    inner = {
        id(jump)
        for loop in walk(*body, into_scopes=False)
        if isinstance(loop, (facts.For, facts.While))
        for jump in walk(*loop.body, into_scopes=False)
    }
    return any(
        isinstance(node, facts.Return)
        or (isinstance(node, facts.Jump) and id(node) not in inner and node.kind == "break")
        for node in walk(*body, into_scopes=False)
        if node.end >= place
    )
