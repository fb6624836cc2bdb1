"""Turns calls of wandb into events of the model.

docs/wandb-semantics.md describes what each call does; this module only decides how code expresses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import NoneType
from typing import TypeAlias

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary
from wandblint.analysis.domain.lattice import hole_of, join, options, strings
from wandblint.analysis.domain.truthiness import truthiness
from wandblint.analysis.domain.values import (
    CALLERS_RUN,
    FALSE,
    NONE,
    External,
    Frame,
    Metric,
    Run,
    Scalar,
    Unknown,
    Value,
)
from wandblint.analysis.effects.escape import escape_to_unknown
from wandblint.analysis.interpreter.control_context import program_point
from wandblint.analysis.interpreter.induction import induction_of
from wandblint.analysis.objects.preinit import is_stub, may_be_stub
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import front_ends, run_lifetimes, sweeps
from wandblint.analysis.tracking.call_site_context import call_site_context
from wandblint.analysis.tracking.processes import coordinates_processes
from wandblint.analysis.tracking.rows import row_keys
from wandblint.analysis.tracking.run_events import (
    argument,
    is_refused,
    note_config,
    note_update,
    record_call,
    status_of,
)
from wandblint.model.events import Argument, Definition, Init, LogCall, LoggedKey, RunStatus, ValueKind
from wandblint.semantics import api
from wandblint.semantics.runs import SecondInit, second_init
from wandblint.sources.source import is_notebook
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

LONGEST_STEP = 40
"""The most characters of a `step=` that messages quote."""
_NO_REINIT = Argument(Span("", 0, 0), None, is_known=True)

DISABLED_RUN = "wandb.disabled"
"""The `external` of a disabled run, which records nothing: mode="disabled"."""


def call_wandb(m: Interpreter, function: External, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of calling a function or method of wandb."""
    path = api.canonical(function.path)
    name = path.rpartition(".")[2]
    if path == "wandb.init":
        return init(m, arguments, frame, span)
    recorded = api.GLOBAL.get(path, path)
    if recorded.startswith("wandb.Run.") and recorded in api.RECORDED and not may_be_stub(function.receiver):
        unbound = path.startswith("wandb.Run.") and function.receiver is None and arguments.positional
        status = status_of(m, function, arguments.positional[0][0] if unbound else None)
        record_call(m, recorded, status, arguments, frame, span)
        note_update(m, recorded, function, arguments, frame, span)
        if recorded in api.RAISES_WITHOUT_RUN and is_refused(status):
            m.recorder.use()
            stop_at_error(m)
            return Unknown(SymbolId("call", frame.context, span), f"{name}()")
    if path in {"wandb.Table", "wandb.agent"}:
        record_call(m, path, RunStatus(), arguments, frame, span)
    if is_stub(function.receiver):
        if m.active_run != NONE:
            m.recorder.use()
            stop_at_error(m)
            return Unknown(SymbolId("call", frame.context, span), f"{name}()")
        # No run is open that the analysis sees; code that it does not see may have opened one.
        function = External(function.path)
    if may_be_stub(function.receiver):
        m.recorder.may_depth += 1
        result = call_wandb(m, External(function.path), arguments, frame, span)
        m.recorder.may_depth -= 1
        return result
    receiver = function.receiver if function.receiver is not None else m.active_run
    if path.startswith("wandb.Run.") and function.receiver is None and arguments.positional:
        # `wandb.Run.log(run, row)`: an unbound method.
        receiver = arguments.positional[0][0]
        arguments = replace(arguments, positional=arguments.positional[1:])
    handler = _HANDLERS.get(path)
    if handler is not None:
        return handler(m, receiver, arguments, frame, span)
    m.recorder.use()
    run_state.may_close(m, name, span)
    if path == "wandb.agent":
        sweeps.run_agent(m, arguments, frame, span)
        return NONE
    front_ends.note_call(m, path, arguments, span)
    escape_to_unknown(m, function, arguments, frame, span)
    result = Unknown(SymbolId("call", frame.context, span), f"{name}()", path)
    position = api.split_table_position(path)
    return result if position is None else _chart(m, result, arguments, position)


def stop_at_error(m: Interpreter) -> None:
    """Notes that the code raises here: what follows in this entry point perhaps never runs."""
    branch = m.branch
    while branch is not None and branch.loop is not None:
        branch = branch.parent
    if branch is None:
        m.recorder.may_depth += 1


def _chart(m: Interpreter, chart: Unknown, arguments: Arguments, position: int) -> Value:
    """The custom chart that a function of `wandb.plot` makes: its table may go to a section for tables."""
    split = arguments.get(position, "split_table")
    if split is None:
        split = Unknown(SymbolId("split", chart.symbol)) if arguments.more_keywords else FALSE
    choices = [truthiness(option) for option in options(m.force(split))]
    charts: list[Value] = []
    if not all(choices):
        charts.append(chart)
    if any(choice is not False for choice in choices):
        charts.append(replace(chart, external=api.SPLIT_CHART))
    return join(charts)


# --- runs ---


def init(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The run that `wandb.init(...)` returns: one per init site, or a disabled run."""
    keywords = {name: argument(m, *located) for name, located in sorted(arguments.keywords.items())}
    mode = keywords.get("mode")
    active = _active(m)
    open_sites = frozenset(option.site for option in active if isinstance(option, Run)) - {span}
    point = program_point(m, frame, span)
    returned = _returned_run(m, arguments, keywords, span)
    effect = None if arguments.more_keywords else _effect(m, keywords.get("reinit", _NO_REINIT), span)
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
    )
    m.recorder.init(event, frame.context)
    if "sync_tensorboard" in keywords and keywords["sync_tensorboard"].literal is not False:
        run_state.mark_unseen_logging(m, span)
    if mode is not None and mode.is_known and mode.literal == "disabled":
        m.set_active_run(Unknown(SymbolId("disabled"), "run", DISABLED_RUN))
        return m.active_run
    run_lifetimes.note_opened(m, event)
    if returned is not None:
        return returned
    run = Run(span, frame.context)
    if effect is not SecondInit.CREATES_NEW and active != (NONE,):
        _close_previous(m, span, is_must=effect is SecondInit.FINISHES_PREVIOUS)
    run_state.open_run(m, run, is_global=effect is not SecondInit.CREATES_NEW)
    if (config := arguments.keywords.get("config")) is not None:
        note_config(m, run, config[0], frame, span)
    return run


def _active(m: Interpreter) -> tuple[Value, ...]:
    """The run that `wandb.init` may find open on this branch: `wandb.run`, or one beside it."""
    values = m.entry.run_states.global_values(m.branch)
    if values == (NONE,) and (beside := m.entry.run_states.newest_open(m.branch)) is not None:
        # wandb returns the newest open run, although it is not `wandb.run`.
        return (beside,)
    return (
        values if all(value == NONE or isinstance(value, Run) for value in values) else options(m.active_run)
    )


def _returned_run(
    m: Interpreter, arguments: Arguments, keywords: Mapping[str, Argument], span: Span
) -> Value | None:
    """The open run that `wandb.init` returns if it certainly opens none (docs/wandb-semantics.md, Runs 1)."""
    active = _active(m)
    if not all(isinstance(option, Run) for option in active) or arguments.more_keywords:
        return None
    if not m.recorder.is_must:
        # Unseen code calls this, perhaps in another process.
        return None
    effect = _effect(m, keywords.get("reinit", _NO_REINIT), span)
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


def _step(m: Interpreter, value: Value, span: Span) -> Argument:
    """The argument `step=` with its expression, which messages name."""
    keyword, equals, expression = m.project.text(span.path, span.start, span.end).partition("=")
    source = expression.strip() if equals and keyword.strip() == "step" else ""
    is_short = len(source) <= LONGEST_STEP and "\n" not in source
    return replace(argument(m, value, span), source=source if is_short else "")


def leave_context(m: Interpreter, value: Value, frame: Frame, span: Span) -> None:
    """Finishes the run at the end of `with run:`."""
    if any(isinstance(option, Run) for option in options(value)):
        m.recorder.use()
        status = m.entry.run_states.status(options(value), m.branch)
        record_call(m, "wandb.Run.__exit__", status, Arguments(), frame, span)
        run_state.close_run(m, value, span)


def init_sites(m: Interpreter, receiver: Value) -> frozenset[Span] | None:
    """The init sites of the runs that a receiver may be: empty if unknown, None if it is certainly no run."""
    choices = [option for option in options(m.force(receiver)) if option not in {NONE, CALLERS_RUN}]
    sites = frozenset(option.site for option in choices if isinstance(option, Run))
    if sites and len(sites) == len(choices):
        return sites
    others = [option for option in choices if not isinstance(option, Run)]
    if sites and all(is_disabled_or_mock(option) for option in others):
        return sites
    if choices and not sites and all(is_disabled_or_mock(option) for option in choices):
        return None
    return frozenset()


def is_disabled_or_mock(value: Value) -> bool:
    """Whether a value is a disabled run or a mock."""
    return isinstance(value, Unknown) and (
        value.external.startswith(DISABLED_RUN) or "mock" in value.external.lower()
    )


# --- rows ---


def log_row(
    m: Interpreter,
    receiver: Value,
    arguments: Arguments,
    frame: Frame,
    span: Span,
    *,
    is_direct: bool = False,
) -> None:
    """Records `run.log(data, step=..., commit=...)` on what may be a run.

    `is_direct` says that the receiver counts as a run, not just as an object with a similar method.
    """
    data, step, commit = (arguments.located(at, name) for at, name in enumerate(("data", "step", "commit")))
    runs = init_sites(m, receiver)
    if runs is None:
        m.recorder.use()
        m.recorder.note_non_wandb_call(span)
        return
    keys: dict[LoggedKey, None] = {}
    is_open = data is None and (arguments.more_positional is not None or bool(arguments.more_keywords))
    rows = list(m.objects(NONE if data is None else data[0]))
    for option, row in rows:
        if isinstance(row, Dictionary):
            for key in row_keys(m, row, is_alternative=len(rows) > 1):
                if key is None:
                    is_open = True
                else:
                    keys.setdefault(key)
        elif not isinstance(option, (Scalar, Template)):
            # The row is an instance, whose class may be a mapping, or some other unknown value.
            is_open = True
    m.recorder.log(
        LogCall(
            span,
            m.recorder.entry_id,
            runs,
            tuple(keys),
            is_open,
            None if step is None else _step(m, *step),
            tuple(m.call_stack),
            m.recorder.is_must,
            None if commit is None else argument(m, *commit),
            None if step is None else induction_of(m, step[0]),
            0 if runs else m.context("receiver", receiver),
            is_direct,
            program_point(m, frame, span),
            call_site_context(m, span, NONE if data is None else data[0]),
        )
    )


def _watch(m: Interpreter, receiver: Value, span: Span) -> None:
    """Records that `watch` logs `gradients/...` and `parameters/...` (wandb/sdk/wandb_watch.py)."""
    runs = init_sites(m, receiver)
    if runs is None:
        return
    keys = tuple(
        LoggedKey(template(prefix, Hole(SymbolId("watch", span), "layer")), ValueKind.MEDIA, span)
        for prefix in ("gradients/", "parameters/")
    )
    m.recorder.log(LogCall(span, m.recorder.entry_id, runs, keys, False, None, tuple(m.call_stack), False))


# --- definitions ---


def define(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Records `run.define_metric(name, step_metric=...)` and returns the metric."""
    runs = init_sites(m, receiver)
    name = arguments.located(0, "name")
    if name is None and arguments.more_keywords and runs is not None:
        any_name = template(Hole(SymbolId("defined", span), "..."))
        m.recorder.define(
            Definition(span, m.recorder.entry_id, runs, any_name, span, None, None, True, is_must=False)
        )
    if runs is None or name is None:
        m.recorder.use()
        return Unknown(SymbolId("call", frame.context, span), "define_metric()")
    step = arguments.located(1, "step_metric")
    steps = [None] if step is None else list(_step_names(m, step[0]))
    names = list(strings(m.force(name[0])))
    sync = arguments.get(2, "step_sync") or NONE
    # With several names and several axes, the analysis does not know which belong together.
    is_must = m.recorder.is_must and (len(names) == 1 or len(steps) == 1) and not arguments.more_keywords
    for metric_name in names:
        for axis in steps:
            m.recorder.define(
                Definition(
                    span,
                    m.recorder.entry_id,
                    runs,
                    metric_name,
                    name[1],
                    axis,
                    None if step is None else step[1],
                    not any(option == FALSE for option in options(sync)),
                    is_must,
                )
            )
    return Metric(name[0])


def _step_names(m: Interpreter, value: Value) -> Iterator[Template | None]:
    for option in options(m.force(value)):
        if option == NONE:
            yield None
        elif isinstance(option, Metric):
            yield from strings(m.force(option.name))
        elif isinstance(option, Template):
            yield option
        else:
            yield template(hole_of(option))


def _call_log(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    log_row(m, receiver, arguments, frame, span, is_direct=True)
    return NONE


def _call_finish(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    m.recorder.use()
    run_state.close_run(m, receiver, span)
    return NONE


def _finish_active(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    m.recorder.use()
    run_state.close_run(m, None, span)
    return NONE


def _teardown(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    m.recorder.use()
    run_state.close_all(m, span)
    m.set_active_run(NONE)
    return NONE


def _call_watch(m: Interpreter, receiver: Value, arguments: Arguments, frame: Frame, span: Span) -> Value:
    _watch(m, receiver, span)
    return NONE


_Handler: TypeAlias = Callable[[Interpreter, Value, Arguments, Frame, Span], Value]

_OF_MODULE: dict[str, _Handler] = {"wandb.finish": _finish_active, "wandb.teardown": _teardown}
_HANDLERS: dict[str, _Handler] = {
    f"{owner}.{name}": handler
    for owner in ("wandb", "wandb.Run")
    for name, handler in (
        ("log", _call_log),
        ("define_metric", define),
        ("finish", _call_finish),
        ("watch", _call_watch),
    )
} | _OF_MODULE
"""Handlers of calls on a run, by canonical name."""
