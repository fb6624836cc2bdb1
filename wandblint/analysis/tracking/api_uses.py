"""Records uses of removed wandb API: attributes that are read, names that are imported, arguments.

A receiver counts as a run only where it certainly is one.
"""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, External, Frame, Run, Unknown, Value
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.objects.preinit import is_stub
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking.api_calls import stop_at_error
from wandblint.analysis.tracking.version_guards import is_guarded
from wandblint.model.events import ApiUse
from wandblint.semantics.api import canonical
from wandblint.semantics.frameworks import is_run
from wandblint.semantics.removed import is_bound_anew, last_words, removal
from wandblint.span import Span
from wandblint.template import Template


def note_attribute(m: Interpreter, expr: facts.Attr, owner: Value, frame: Frame) -> None:
    """Records that `owner.attr` is read, if a release of wandb removed it or if it raises."""
    if type(owner) is External and is_stub(owner.receiver) and run_state.active_run(m) != NONE:
        # `from wandb import config` before `wandb.init`.
        stop_at_error(m)
    if expr.attr not in last_words():
        return
    span = frame.span(expr)
    for path in _paths(m, owner):
        _note(m, f"{path}.{expr.attr}", span, frame)
    if not m.recorder.in_test and _is_active_run(m, expr.value, frame):
        # The code that opens the run is unseen from here, so the value of `wandb.run` is None.
        _note(m, f"wandb.Run.{expr.attr}", span, frame)


def note_call(m: Interpreter, function: Value, arguments: Arguments, frame: Frame, span: Span) -> None:
    """Records the removed arguments in a call of a wandb function, or that it lacks one that it needs now."""
    if arguments.is_empty:
        for path in _paths(m, function):
            _note(m, f"{path}()", span, frame)
    if not arguments.keywords:
        return
    for path in _paths(m, function):
        for keyword, (value, keyword_span) in arguments.keywords.items():
            _note_argument(m, path, keyword, keyword_span, frame)
            if path == "wandb.init" and keyword == "settings":
                _note_settings(m, value, frame)


def note_import(m: Interpreter, node: facts.Import | facts.ImportFrom, frame: Frame) -> None:
    """Records the removed modules and names that a statement imports."""
    names = node.names if isinstance(node, facts.ImportFrom) else []
    parts = node.module.split(".")
    if parts[0] != "wandb" or (isinstance(node, facts.ImportFrom) and node.level):
        return
    span = frame.span(node)
    for length in range(2, len(parts) + 1):
        _note(m, f"import {'.'.join(parts[:length])}", span, frame)
    for name, _ in names:
        _note(m, f"{node.module}.{name}", span, frame)
        if not is_bound_anew(f"{node.module}.{name}"):
            _note(m, f"import {node.module}.{name}", span, frame)


def _note_settings(m: Interpreter, value: Value, frame: Frame) -> None:
    """Records `wandb.init(settings={...})`: the items are arguments of `wandb.Settings`."""
    for settings in m.dictionaries(value):
        for entry in settings.entries.values():
            if isinstance(entry.key, Template) and entry.key.literal is not None:
                _note_argument(m, "wandb.Settings", entry.key.literal, entry.span, frame)


def _note_argument(m: Interpreter, path: str, keyword: str, span: Span, frame: Frame) -> None:
    if path == "wandb.Settings" and keyword.startswith("_"):
        # `Settings` reads `_name` as `x_name` (docs/wandb-semantics.md, Releases 4).
        keyword = f"x{keyword}"
    if keyword in last_words():
        _note(m, f"{path}({keyword})", span, frame)


def _paths(m: Interpreter, value: Value) -> Iterator[str]:
    """The canonical names of the wandb objects that a value may be."""
    is_certain = m.recorder.is_must and not m.recorder.in_test
    for option in options(value):
        if isinstance(option, External) and (option.receiver is None or is_certain):
            path = option.path
        elif isinstance(option, Run) and is_certain:
            path = "wandb.Run"
        elif isinstance(option, Unknown) and is_certain:
            path = option.external
            owner, _, attribute = path.rpartition(".")
            if is_run(path):
                path = "wandb.Run"
            elif is_run(owner):
                path = f"wandb.Run.{attribute}"
        else:
            continue
        if path == "wandb" or path.startswith("wandb."):
            yield canonical(path)


def _is_active_run(m: Interpreter, expr: facts.Expr, frame: Frame) -> bool:
    """Whether an expression is `wandb.run`."""
    return (
        isinstance(expr, facts.Attr)
        and expr.attr == "run"
        and isinstance(expr.value, facts.Name)
        and look_up(m, expr.value.id, frame) == External("wandb")
    )


def _note(m: Interpreter, name: str, span: Span, frame: Frame) -> None:
    if removal(name) is not None:
        m.recorder.use_api(ApiUse(span, name, is_guarded(m, name, frame)))
