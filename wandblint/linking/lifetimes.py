"""How long runs stay open: an init that is reached while its own run, or another one, still is."""

from __future__ import annotations

import re

from wandblint import facts
from wandblint.finding import Span
from wandblint.flow import Condition
from wandblint.linking.heap import Passes
from wandblint.linking.machine import Machine
from wandblint.linking.moments import way
from wandblint.linking.values import NONE, RunValue, join
from wandblint.model import Init, Reopening
from wandblint.outline.walk import identifiers, walk
from wandblint.semantics.runs import SecondInit, second_init
from wandblint.sources.source import is_notebook

_CLOSES = re.compile(r"finish|teardown|shut_?down|(^|_)(close|end|stop|exit|final|finalize|clean_?up)(_|$)")
"""Methods that may close a run, whatever they are called on."""

_TRIES = re.compile(r"attempt|retr(y|ies)|\btr(y|ies)", re.IGNORECASE)
"""A loop over such things goes round again only where it has failed."""

_ONCE = re.compile(r"None|run\b|init|first|start|open|active", re.IGNORECASE)
"""A condition in such words may hold on one pass only."""


def opened(m: Machine, made: Init) -> None:
    """A run is opened, in the loops that are being run."""
    if not made.certain or m.recorder.shadow or m.recorder.in_test or _keeps_apart(m, made):
        return
    for passes in m.loops:
        passes.openings.setdefault(made)
    if made.surely_active and m.active_run != RunValue(made.span):
        first = min(made.while_active, key=lambda run: m.project.order(run.path, run.start))
        m.recorder.reopen(Reopening(made.span, made.root, first, None))


def _keeps_apart(m: Machine, made: Init) -> bool:
    """Whether the call says, or may say, what is to become of a run that is open."""
    settings = made.argument("settings")
    (outermost, *_) = (*made.path, made.span)
    in_notebook = is_notebook(outermost.path)
    return (
        made.takes_more
        or second_init(None, in_notebook=in_notebook) is SecondInit.FINISHES_PREVIOUS
        or made.argument("reinit") is not None
        or (settings is not None and m.project.says(settings.span.path, "reinit"))
    )


def closed(m: Machine) -> None:
    """A run is closed here, or may be."""
    for passes in m.loops:
        passes.closes = True


def may_close(m: Machine, name: str) -> None:
    """A method of that name of something unknown is called: it may close the run."""
    if _CLOSES.search(name):
        closed(m)
        m.set_active_run(join((m.active_run, NONE)))


def unsure(m: Machine) -> None:
    """Code that is not seen may close the run."""
    for passes in m.loops:
        passes.is_unsure = True


def end_loop(m: Machine, passes: Passes) -> None:
    """Tells of the runs that a pass opens and none closes: the next pass meets them open."""
    loop = passes.node
    if (
        not passes.openings
        or passes.closes
        or (passes.is_unrolled and passes.begun == 1)
        or _goes_round_for_reasons(passes)
    ):
        return
    outside = len(way(m, passes.around))
    for opening in passes.openings:
        inside = opening.moment.way[outside:]
        if not all(_is_the_same_on_each_pass(step) for step in inside if isinstance(step, Condition)):
            continue
        at = opening.path[passes.depth] if len(opening.path) > passes.depth else opening.span
        if not _leaves_after(loop.body, at.start):
            place = Span(passes.frame.path, loop.start, loop.end)
            m.recorder.reopen(
                Reopening(opening.span, m.recorder.root, opening.span, place, is_sure=not passes.is_unsure)
            )


def _goes_round_for_reasons(passes: Passes) -> bool:
    """Whether another pass may mean that the first one failed, or somebody else acts between the passes."""
    loop, info = passes.node, passes.frame.info
    if info is not None and info.yields:
        return True
    if isinstance(loop, facts.While):
        return not isinstance(loop.test, facts.Const)
    return any(_TRIES.search(word) for word in identifiers(loop.target, loop.iter))


def _is_the_same_on_each_pass(condition: Condition) -> bool:
    return condition.is_test and condition.is_steady and not _ONCE.search(condition.text)


def _leaves_after(body: list[facts.Stmt], place: int) -> bool:
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
