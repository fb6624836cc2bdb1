"""Records which keys code reads from the config and the summary of runs, and from the environment.

What is not run reads nothing here, so a rule may say what a read needs, but not that a key is never read.
"""

from __future__ import annotations

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import External, Frame, Unknown, Value
from wandblint.analysis.interpreter.control_context import program_point
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import api_uses, none_runs
from wandblint.analysis.tracking.asking import asking_tests
from wandblint.analysis.tracking.run_events import is_caught, status_of
from wandblint.model.uses import Read, RunState, RunStatus, WriteTarget
from wandblint.semantics import api
from wandblint.span import Span
from wandblint.template import Template, template

_MISSING = frozenset({"", "Exception", "BaseException", "KeyError", "LookupError", "AttributeError"})
"""The last words of exceptions whose handlers catch what a missing key raises."""


def note_attribute(m: Interpreter, expr: facts.Attr, owner: Value, frame: Frame) -> None:
    """Records `run.config.name`, uses of removed API, and of a run that may be None."""
    api_uses.note_attribute(m, expr, owner, frame)
    none_runs.note_attribute(m, expr, owner, frame)
    if owner == External("wandb") and f"wandb.{expr.attr}" in api.LOST_ASSIGNMENTS:
        _note_name(m, expr, frame)
    if expr.attr not in api.MAPPING_ATTRIBUTES and not expr.attr.startswith("_"):
        for option in options(owner):
            target = _target(option)
            if target is not None and target is not WriteTarget.ENVIRONMENT:
                _read(m, target, template(expr.attr), option, frame, frame.span(expr))


def _note_name(m: Interpreter, expr: facts.Attr, frame: Frame) -> None:
    """Records `wandb.config` where it may be what code has assigned to it, not the run's."""
    status = m.entry.run_states.global_status(m.branch)
    written = m.recorder.record.writes
    is_assigned = any(w.target is WriteTarget.ATTRIBUTE and w.key.literal == expr.attr for w in written)
    if is_assigned and status.state is not RunState.OPEN:
        span, stack = frame.span(expr), tuple(m.call_stack)
        point = program_point(m, frame, span, "name")
        name, status = template(expr.attr), replace(status, is_global=False)
        m.recorder.read(
            Read(WriteTarget.ATTRIBUTE, name, span, m.recorder.entry_id, status, stack, point, is_must=False)
        )


def note_item(m: Interpreter, owner: Value, key: Value, frame: Frame, span: Span) -> None:
    """Records `run.config["name"]` and `os.environ["WANDB_NAME"]`."""
    target = _target(owner)
    if target is not None:
        for option in options(m.force(key)):
            if isinstance(option, Template):
                _read(m, target, option, owner, frame, span)


def note_call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> None:
    """Records `run.config.get("name")` and `os.getenv("WANDB_NAME")`, and removed arguments."""
    api_uses.note_call(m, function, arguments, frame, span)
    for option in options(function):
        path = _path(option)
        if path in api.READ_BY_CALL and (key := arguments.located(0, "key")) is not None:
            target = WriteTarget(api.READ_FROM.get(path.removesuffix(".get"), "environment"))
            name = m.force(key[0])
            if isinstance(name, Template):
                _read(m, target, name, option, frame, key[1], has_default=True)


def _path(value: Value) -> str:
    if isinstance(value, External):
        return api.canonical(value.path)
    return value.external if isinstance(value, Unknown) else ""


def _target(value: Value) -> WriteTarget | None:
    name = api.READ_FROM.get(_path(value))
    return None if name is None else WriteTarget(name)


def _read(
    m: Interpreter,
    target: WriteTarget,
    key: Template,
    owner: Value,
    frame: Frame,
    span: Span,
    *,
    has_default: bool = False,
) -> None:
    status = RunStatus()
    if target is WriteTarget.ENVIRONMENT:
        if not str(key).startswith("WANDB_"):
            return
    elif isinstance(owner, External):
        status = status_of(m, owner, None)
    elif isinstance(owner, Unknown) and isinstance(receiver := _receiver(owner, has_default), External):
        status = status_of(m, receiver, None)
    m.recorder.read(
        Read(
            target,
            replace(key, span=None),
            span,
            m.recorder.entry_id,
            status,
            tuple(m.call_stack),
            program_point(m, frame, span, target.value),
            m.recorder.is_must and not is_caught(m, frame, _MISSING),
            has_default,
            asking_tests(m, target),
        )
    )


def _receiver(method: Unknown, is_method: bool) -> object:
    """The config that `run.config.get` is a method of."""
    return method.symbol.key[1] if is_method and len(method.symbol.key) > 1 else None
