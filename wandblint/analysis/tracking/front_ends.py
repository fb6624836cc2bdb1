"""Front ends: frameworks that open a run or log to one by themselves, unseen by the analysis."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import all_items, options
from wandblint.analysis.domain.values import NONE, External, Run, Scalar, Value
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import run_lifetimes
from wandblint.model.control_flow import ProgramPoint
from wandblint.model.events import FrontEndRun, Init
from wandblint.semantics.frameworks import (
    TRACKER_OWNER,
    logs_by_itself,
    opens_no_run,
    opens_run,
    reuses_run,
)
from wandblint.span import Span
from wandblint.template import Template


def note_call(m: Interpreter, path: str, arguments: Arguments, span: Span) -> None:
    """Marks unseen logging, and the run, where the call of an external logs or opens a run by itself."""
    if not opens_no_run(path):
        run_state.note_unknown_code(m)
    if logs_by_itself(path):
        run_state.mark_unseen_logging(m, span)
    if path == TRACKER_OWNER and _may_name_wandb(m, arguments):
        m.recorder.tracker_owners.add(m.recorder.entry_id)
    if opens_run(path) and not _uses_open_run(m, path, arguments):
        m.entry.run_states.may_change(m.branch, span)
        m.recorder.front_end_run(FrontEndRun(span, m.recorder.entry_id, path, tuple(m.call_stack)))
        if reuses_run(path):
            _note_in_loops(m, arguments, span)


def _note_in_loops(m: Interpreter, arguments: Arguments, span: Span) -> None:
    """Notes the run in the active loops: if an iteration leaves it open, the next one gets it, too."""
    init = Init(
        span,
        m.recorder.entry_id,
        (),
        bool(arguments.more_keywords),
        frozenset(),
        False,
        is_must=m.recorder.is_must,
        call_stack=tuple(m.call_stack),
        point=ProgramPoint(control_context(m, m.branch)),
    )
    run_lifetimes.note_opened(m, init)


def _uses_open_run(m: Interpreter, path: str, arguments: Arguments) -> bool:
    """Whether it certainly opens no run: it gets one, one is open, or wandb is none of its trackers."""
    if path.startswith(TRACKER_OWNER):
        return m.recorder.entry_id not in m.recorder.tracker_owners
    experiment = arguments.keywords.get("experiment")
    is_given = experiment is not None and NONE not in options(m.force(experiment[0]))
    return is_given or all(isinstance(option, Run) for option in options(run_state.active_run(m)))


def _may_name_wandb(m: Interpreter, arguments: Arguments) -> bool:
    """Whether `Accelerator(log_with=...)` may name wandb, alone or in a list."""
    located = arguments.keywords.get("log_with")
    if located is None:
        return bool(arguments.more_keywords)
    return any(_is_wandb(m, option) for option in options(m.force(located[0])))


def _is_wandb(m: Interpreter, tracker: Value) -> bool:
    if (sequence := m.heap_sequence(tracker)) is not None:
        items = all_items(sequence.items, sequence.tail)
        return any(_is_wandb(m, option) for item in items for option in options(m.force(item)))
    if isinstance(tracker, Template) and tracker.literal is not None:
        return tracker.literal in {"wandb", "all"}
    if isinstance(tracker, External):
        return tracker.path.rpartition(".")[2] in {"WANDB", "ALL"}
    return not isinstance(tracker, Scalar)
