"""Records calls and writes, with the state of the run that they are on, as `semantics/api.py` names them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary
from wandblint.analysis.domain.lattice import hole_of, options
from wandblint.analysis.domain.values import (
    NONE,
    External,
    Frame,
    Run,
    Scalar,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.control_context import program_point
from wandblint.analysis.objects.preinit import is_stub, may_be_stub
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.analysis.tracking import arrays, front_ends
from wandblint.analysis.tracking.asking import asking_tests
from wandblint.index.walk import statements
from wandblint.model.control_flow import BranchKind
from wandblint.model.events import Allocation, Argument
from wandblint.model.uses import Call, RunStatus, Write, WriteTarget
from wandblint.semantics import api
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template

_CATCHING = frozenset({"", "Exception", "BaseException", "Error", "UsageError", "AttributeError"})
"""The last words of exceptions whose handlers catch what wandb raises without an open run."""

_OF_WANDB = frozenset({"wandb.Error", "wandb.errors.Error", "UsageError"})
"""Those that mean wandb: a handler of one of them expects the error, wherever it is."""

_REFUSED = frozenset({"ConfigError"})
"""The last word of what a config raises when a key gets another value (docs/wandb-semantics.md, Runs 11)."""

_OF_CONFIG = _REFUSED | {"KeyError", "LookupError"}
"""Those whose handlers expect that, or a missing key: a `try` for one may not get to what follows in it."""


def argument(m: Interpreter, value: Value, span: Span) -> Argument:
    """The model's view of an argument: its constant value or values where all are known, or its object."""
    values: list[str | int | float | bool | None] = []
    for option in options(m.force(value)):
        if isinstance(option, Scalar):
            values.append(option.value)
        elif isinstance(option, Template) and option.literal is not None:
            values.append(option.literal)
        else:
            return Argument(span, made=allocation(m, value))
    return Argument(span, values[0] if len(values) == 1 else None, len(values) == 1, tuple(values))


def _passed(m: Interpreter, call: str, name: str, value: Value, span: Span) -> Argument:
    """An argument of a call; of a secret only its place."""
    is_secret = (call, name) in api.SECRET_ARGUMENTS
    return Argument(span, is_secret=True) if is_secret else argument(m, value, span)


def allocation(m: Interpreter, value: Value) -> Allocation | None:
    """The object of wandb that a value certainly is."""
    value = m.force(value)
    if not isinstance(value, Unknown) or not value.external.startswith("wandb."):
        return None
    return _allocation(value.symbol, value.external)


def _allocation(symbol: object, made_by: str) -> Allocation | None:
    match symbol:
        case SymbolId(key=("call", int(context), Span() as span)):
            return Allocation(api.canonical(made_by), span, context)
    return None


def status_of(m: Interpreter, function: External, receiver: Value | None) -> RunStatus:
    """The state of the run that a method is called on; of the active one for a function of `wandb`."""
    if may_be_stub(function.receiver):
        return RunStatus()
    if function.receiver is None or is_stub(function.receiver):
        if receiver is None or not any(isinstance(option, Run) for option in options(receiver)):
            return m.entry.run_states.global_status(m.branch)
    else:
        receiver = function.receiver
    status = m.entry.run_states.status(options(receiver), m.branch)
    return replace(status, is_from_module=True) if function.path in api.HELD_BY_RUN else status


def record_call(
    m: Interpreter,
    name: str,
    run: RunStatus,
    arguments: Arguments,
    frame: Frame,
    span: Span,
    parts: Iterable[tuple[str, Argument]] = (),
) -> None:
    """Records a call whose canonical name `semantics/api.py` lists; `parts` are parts of its arguments."""
    located = dict(zip(api.RECORDED[name], arguments.positional, strict=False)) | arguments.keywords
    passed = (*((key, _passed(m, name, key, *value)) for key, value in sorted(located.items())), *parts)
    is_open = arguments.more_positional is not None or bool(arguments.more_keywords)
    _record(m, name, run, passed, frame, span, has_unseen_arguments=is_open)


def record_method(m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span) -> None:
    """Records a call of a method of a config or a summary, or of a table as its argument `self`."""
    name = api.canonical(function.external)
    name = api.GLOBAL.get(name, name)
    if name not in api.RECORDED:
        return
    receiver = function.symbol.key[1]
    if isinstance(receiver, External):
        record_call(m, name, status_of(m, receiver, None), arguments, frame, span)
        note_update(m, name, receiver, arguments, frame, span)
        return
    made = _allocation(receiver, name.rpartition(".")[0])
    _record(m, name, RunStatus(), (("self", Argument(span, made=made)),), frame, span)


def _record(
    m: Interpreter,
    name: str,
    run: RunStatus,
    passed: tuple[tuple[str, Argument], ...],
    frame: Frame,
    span: Span,
    *,
    has_unseen_arguments: bool = False,
) -> None:
    point = program_point(m, frame, span)
    m.recorder.call(
        Call(
            name,
            span,
            m.recorder.entry_id,
            run,
            passed,
            tuple(m.call_stack),
            point,
            _is_must(m, frame) if name in api.RAISES_WITHOUT_RUN else m.recorder.is_must,
            point.sequence if name in _ORDERED else 0,
            has_unseen_arguments,
        )
    )


_ORDERED = frozenset(
    {"wandb.Run.log", "wandb.Table.add_column", "wandb.Table.add_data", "wandb.Table.add_row"}
)
"""Calls of which each occurrence counts."""


def _is_must(m: Interpreter, frame: Frame) -> bool:
    return m.recorder.is_must and not is_caught(m, frame)


def _expects_change(m: Interpreter, frame: Frame) -> bool:
    """Whether code expects that a config refuses another value, or that it lacks a key."""
    return is_caught(m, frame, _OF_CONFIG, _REFUSED)


def is_caught(
    m: Interpreter,
    frame: Frame,
    caught: frozenset[str] = _CATCHING,
    caught_outside: frozenset[str] = _OF_WANDB,
) -> bool:
    """Whether code continues after an error: a `try` of the same function, or one that names wandb's."""
    scope = frame.function
    branch = m.branch
    while branch is not None:
        words = caught if branch.scope is scope else caught_outside
        is_left = branch.kind is not BranchKind.EXCEPT
        if is_left and any(_continues(handler, words) for handler in branch.handlers):
            return True
        branch = branch.parent
    return False


def _continues(handler: facts.Handler, words: frozenset[str]) -> bool:
    caught = handler.type.items if isinstance(handler.type, facts.Sequence) else [handler.type]
    names = {"" if expr is None else facts.source_form(expr) for expr in caught}
    return not words.isdisjoint({*names, *(name.rpartition(".")[2] for name in names)}) and not any(
        isinstance(node, facts.Raise) for node in statements(*handler.body)
    )


# --- writes ---


_ITEMS = {"config": WriteTarget.CONFIG, "summary": WriteTarget.SUMMARY}


def note_item(m: Interpreter, owner: Value, key: Value, value: Value, frame: Frame, span: Span) -> None:
    """Records `run.config[key] = value`, and the same for the summary and for `wandb.config`."""
    if not isinstance(owner, External):
        return
    target = _target(owner.path)
    if not isinstance(key, Template):
        if target is not None:
            _write(m, target, template(hole_of(key)), value, owner, frame, span)
    elif owner.path == "os.environ":
        _note_variable(m, key, span)
    elif target is not None:
        _write(m, target, key, value, owner, frame, span)


def note_external(m: Interpreter, path: str, arguments: Arguments, span: Span) -> None:
    """Records `os.environ.pop("WANDB_SWEEP_ID")` and the like, and what front ends do."""
    changes = path.startswith(("os.environ.", "os.putenv", "os.unsetenv"))
    if changes and path not in api.READ_BY_CALL and arguments.positional:
        name = m.force(arguments.positional[0][0])
        if isinstance(name, Template):
            _note_variable(m, name, span)
    front_ends.note_call(m, path, arguments, span)
    arrays.note_external(m, path, arguments, span)


def _note_variable(m: Interpreter, name: Template, span: Span) -> None:
    if str(name).startswith("WANDB_"):
        m.recorder.write(
            Write(
                WriteTarget.ENVIRONMENT,
                replace(name, span=None),
                Argument(span, is_secret=name.literal in api.SECRET_VARIABLES),
                span,
                m.recorder.entry_id,
                RunStatus(),
            )
        )


def note_attribute(m: Interpreter, owner: Value, name: str, value: Value, frame: Frame, span: Span) -> None:
    """Records `run.config.name = value`, `run.name = value` and `wandb.config = value`."""
    if isinstance(owner, External) and (target := _target(owner.path)):
        _write(m, target, template(name), value, owner, frame, span)
    elif any(_is_of_wandb(option) for option in options(m.force(value))):
        return
    elif isinstance(owner, Run):
        _write(m, WriteTarget.ATTRIBUTE, template(name), value, External("wandb.Run", owner), frame, span)
    elif owner == External("wandb"):
        _write(m, WriteTarget.ATTRIBUTE, template(name), value, External("wandb"), frame, span)


def note_update(
    m: Interpreter, name: str, function: External, arguments: Arguments, frame: Frame, span: Span
) -> None:
    """Records each key of `run.config.update({...})` as a write."""
    target = _target(name.rpartition(".")[0])
    data = arguments.get(0, "d")
    if target is None or data is None:
        return
    allowed = arguments.get(1, "allow_val_change")
    may_change = bool(arguments.more_keywords) or (
        allowed is not None and argument(m, allowed, span).literal is not False
    )
    _write_items(m, target, data, function, frame, span, may_change=may_change)


def note_config(m: Interpreter, run: Run, config: Value, frame: Frame, span: Span, *, selects: bool) -> None:
    """Records each key of `wandb.init(config={...})` as a write; as a possible one if init selects keys."""
    m.recorder.may_depth += selects
    _write_items(m, WriteTarget.CONFIG, config, External("wandb.Run.config", run), frame, span)
    m.recorder.may_depth -= selects


def _write_items(
    m: Interpreter,
    target: WriteTarget,
    data: Value,
    function: External,
    frame: Frame,
    span: Span,
    *,
    may_change: bool = False,
) -> None:
    for option, dictionary in m.objects(data):
        if not isinstance(dictionary, Dictionary):
            # Any keys, perhaps none.
            m.recorder.may_depth += 1
            _write(m, target, template(hole_of(option)), NONE, function, frame, span, may_change=may_change)
            m.recorder.may_depth -= 1
            continue
        entries = list(dictionary.entries.values())
        # What is merged into a dictionary later may replace the value of a key.
        last_open = max((i for i, entry in enumerate(entries) if _is_open(entry.key)), default=-1)
        for number, entry in enumerate(entries):
            if isinstance(entry.key, Template):
                is_must = entry.is_must and len(options(m.force(data))) == 1 and number >= last_open
                m.recorder.may_depth += not is_must
                _write(m, target, entry.key, entry.value, function, frame, span, may_change=may_change)
                m.recorder.may_depth -= not is_must


def _is_open(key: Value) -> bool:
    return not isinstance(key, Template) or key.literal is None


def _is_of_wandb(value: Value) -> bool:
    """Whether a value is wandb's own, or a mock of it."""
    path = value.path if isinstance(value, External) else value.external if isinstance(value, Unknown) else ""
    return path.startswith("wandb") or "mock" in path.lower() or value == NONE


def _target(path: str) -> WriteTarget | None:
    owner, _, name = path.rpartition(".")
    return _ITEMS.get(name) if owner in {"wandb", "wandb.Run"} else None


def _write(  # noqa: PLR0913 (the parts of a write)
    m: Interpreter,
    target: WriteTarget,
    key: Template,
    value: Value,
    function: External,
    frame: Frame,
    span: Span,
    *,
    may_change: bool = False,
) -> None:
    m.recorder.write(
        Write(
            target,
            replace(key, span=None),
            argument(m, value, span),
            span,
            m.recorder.entry_id,
            status_of(m, function, None),
            tuple(m.call_stack),
            program_point(m, frame, span, target.value),
            _is_must(m, frame) and not (target is WriteTarget.CONFIG and _expects_change(m, frame)),
            may_change,
            asking_tests(m, target),
        )
    )


# --- the end of the process ---


def _exit(path: str) -> Handler:
    """Models a function that ends the process: what follows on its branch never runs."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        if path in api.RECORDED:
            record_call(m, path, m.entry.run_states.open_runs(m.branch), arguments, frame, span)
        m.raised_on = (m.branch,)
        return NONE

    return handler


HANDLERS: dict[str, Handler] = {
    path: _exit(path)
    for path in (
        *("os._exit", "sys.exit", "builtins.exit", "builtins.quit"),
        *("argparse.ArgumentParser.error", "argparse.ArgumentParser.exit"),
    )
}
"""By canonical name."""
