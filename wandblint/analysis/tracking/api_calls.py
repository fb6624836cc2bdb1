"""Turns calls of wandb into events of the model.

docs/wandb-semantics.md describes what each call does; this module only decides how code expresses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
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
from wandblint.analysis.tracking import front_ends, sweeps
from wandblint.analysis.tracking.call_site_context import call_site_context
from wandblint.analysis.tracking.inits import DISABLED_RUN, init
from wandblint.analysis.tracking.rows import row_keys
from wandblint.analysis.tracking.run_events import (
    argument,
    note_update,
    record_call,
    status_of,
)
from wandblint.model.events import Argument, Definition, LogCall, LoggedKey, ValueKind
from wandblint.model.uses import RunStatus
from wandblint.semantics import api
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

LONGEST_STEP = 40
"""The most characters of a `step=` that messages quote."""


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
        if recorded in api.RAISES_WITHOUT_RUN and status.is_missing:
            m.recorder.use()
            stop_at_error(m)
            return Unknown(SymbolId("call", frame.context, span), f"{name}()")
    if path in api.RECORDED and not recorded.startswith("wandb.Run."):
        parts = sweeps.parts_of_sweep(m, arguments) if path == "wandb.sweep" else ()
        record_call(m, path, RunStatus(), arguments, frame, span, parts)
    if is_stub(function.receiver):
        if run_state.active_run(m) != NONE:
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
    receiver = function.receiver if function.receiver is not None else run_state.active_run(m)
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
    steps: list[Template | None] = [None] if step is None else list(_step_names(m, step[0]))
    names = list(strings(m.force(name[0])))
    sync = arguments.get(2, "step_sync") or NONE
    pairs = _pairs_by_prefix(names, steps)
    # With several names and several axes, the analysis does not know which belong together.
    is_known = bool(pairs) or len(names) == 1 or len(steps) == 1
    is_must = m.recorder.is_must and is_known and not arguments.more_keywords
    for metric_name, axis in pairs or product(names, steps):
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


def _pairs_by_prefix(
    names: list[Template], steps: list[Template | None]
) -> list[tuple[Template, Template | None]]:
    """Each name with the axis that begins like it, as `train/*` with `train/epoch`; empty if unclear."""
    pairs: list[tuple[Template, Template | None]] = []
    for name in names:
        prefix = str(name).removesuffix("*")
        under = [step for step in steps if step is not None and str(step).startswith(prefix)]
        if name.literal is None or not prefix.endswith("/") or len(under) != 1:
            return []
        pairs.append((name, under[0]))
    return pairs if len({step for _, step in pairs}) == len(steps) else []


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
    run_state.set_active_run(m, NONE)
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
