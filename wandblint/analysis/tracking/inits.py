"""`wandb.init`: which run it opens, returns or closes."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    MANY,
    NONE,
    Frame,
    Run,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.control_context import program_point
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import run_lifetimes
from wandblint.analysis.tracking.processes import coordinates_processes, node_count
from wandblint.analysis.tracking.run_events import (
    argument,
    note_config,
)
from wandblint.model.events import Argument, Init
from wandblint.semantics.runs import SecondInit, second_init
from wandblint.sources.source import is_notebook
from wandblint.span import Span
from wandblint.template import SymbolId

_NO_REINIT = Argument(Span("", 0, 0), None, is_known=True)

_SELECTING = frozenset({"config_exclude_keys", "config_include_keys"})
"""The arguments by which the run gets only some keys of its `config`."""

DISABLED_RUN = "wandb.disabled"
"""The `external` of a disabled run, which records nothing: mode="disabled"."""


def init(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The run that `wandb.init(...)` returns: one per init site, or a disabled run."""
    keywords = {name: argument(m, *located) for name, located in sorted(arguments.keywords.items())}
    mode = keywords.get("mode")
    active = _active(m)
    # The run of an earlier iteration is its own; another call of its function has opened another one.
    open_sites = frozenset(o.site for o in active if isinstance(o, Run) and o != Run(span, frame.context))
    point = program_point(m, frame, span)
    effect = None if arguments.more_keywords else _effect(m, keywords.get("reinit", _NO_REINIT), span)
    returned = _returned_run(m, active, effect, keywords)
    event = Init(
        span,
        m.recorder.entry_id,
        tuple(keywords.items()),
        bool(arguments.more_keywords),
        open_sites,
        len(open_sites) == len(active),
        active == (NONE,) or effect in {SecondInit.CREATES_NEW, SecondInit.FINISHES_PREVIOUS},
        bool(open_sites) and returned is not None,
        m.recorder.is_must,
        tuple(m.call_stack),
        point,
        coordinates_processes(m, keywords, (*m.call_stack, span)),
        m.entry.in_sweep,
        node_count(m, point, (*m.call_stack, span)),
    )
    m.recorder.init(event, frame.context)
    if "sync_tensorboard" in keywords and keywords["sync_tensorboard"].literal is not False:
        run_state.mark_unseen_logging(m, span)
    if mode is not None and mode.is_known and mode.literal == "disabled":
        run_state.set_active_run(m, Unknown(SymbolId("disabled"), "run", DISABLED_RUN))
        return run_state.active_run(m)
    run_lifetimes.note_opened(m, event)
    if returned is not None:
        return returned
    run = Run(span, frame.context)
    if effect is not SecondInit.CREATES_NEW and active != (NONE,):
        _close_previous(m, span, is_must=effect is SecondInit.FINISHES_PREVIOUS)
    # If wandb returns a run beside `wandb.run`, that stays what it was.
    may_be_another = active == (NONE, MANY) and effect is not SecondInit.FINISHES_PREVIOUS
    m.recorder.may_depth += may_be_another
    run_state.open_run(m, run, is_global=effect is not SecondInit.CREATES_NEW)
    m.recorder.may_depth -= may_be_another
    if (config := arguments.keywords.get("config")) is not None:
        selects = bool(arguments.more_keywords) or not _SELECTING.isdisjoint(keywords)
        note_config(m, run, config[0], frame, span, selects=selects)
    return run


def _active(m: Interpreter) -> tuple[Value, ...]:
    """The run that `wandb.init` may find open on this branch: `wandb.run`, or one beside it."""
    states = m.entry.run_states
    values = states.global_values(m.branch)
    if values == (NONE,):
        # wandb returns the newest open run, although it is not `wandb.run`.
        beside = states.newest_open(m.branch)
        if beside is not None:
            return (beside,)
        if states.may_be_open_beside(m.branch):
            return (NONE, MANY)
    is_known = all(value == NONE or isinstance(value, Run) for value in values)
    return values if is_known else options(run_state.active_run(m))


def _returned_run(
    m: Interpreter, active: tuple[Value, ...], effect: SecondInit | None, keywords: Mapping[str, Argument]
) -> Value | None:
    """The open run that `wandb.init` returns if it certainly opens none (docs/wandb-semantics.md, Runs 1)."""
    if not all(isinstance(option, Run) for option in active):
        return None
    if not m.recorder.is_must:
        # Unseen code calls this, perhaps in another process.
        return None
    may_be_set = "settings" in keywords and m.project.text_matches(keywords["settings"].span.path, "reinit")
    mode = keywords.get("mode")
    may_record_nothing = mode is not None and (
        not mode.alternatives or any(value == "disabled" for value in mode.alternatives)
    )
    if effect is not SecondInit.RETURNS_PREVIOUS or may_be_set or may_record_nothing:
        return None
    # wandb returns the newest open run, whereas `wandb.run` is the oldest.
    creates_new = {init.span for init in m.recorder.record.inits if _creates_new(init)}
    opened = m.recorder.record.runs_opened
    beside = [Run(event.run, event.number) for event in opened if event.run in creates_new]
    return join([*active, *beside])


def _effect(m: Interpreter, reinit: Argument, span: Span) -> SecondInit | None:
    """What an init does with an open run; None if that is unknown."""
    (outermost, *_) = (*m.call_stack, span)
    if not (reinit.is_known and isinstance(reinit.literal, (str, bool, NoneType))):
        return None
    try:
        return second_init(reinit.literal, in_notebook=is_notebook(outermost.path))
    except ValueError:
        return None


def _close_previous(m: Interpreter, span: Span, *, is_must: bool) -> None:
    """Finishes the runs that are open, or may be."""
    if not m.recorder.hypothetical_depth:
        is_must = is_must and run_state.is_certain(m)
        m.entry.run_states.close_all(m.branch, span, is_must=is_must)


def _creates_new(init: Init) -> bool:
    reinit = init.argument("reinit")
    return reinit is not None and reinit.literal == "create_new"
