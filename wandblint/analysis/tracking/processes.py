"""Jobs of several processes: where code starts or joins them, and how it coordinates them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import ByKind, end_of
from wandblint.model.events import Argument, ProcessLaunch
from wandblint.semantics.heuristics import OTHER_COORDINATION
from wandblint.semantics.ranks import asks_rank, is_rank_variable, may_start_processes, starts_processes
from wandblint.span import Span

ProcessStart: TypeAlias = "tuple[int, int, bool]"
"""The start and end of an expression, and whether it certainly starts processes."""

_WORD = re.compile(r"\w+")


def note_function(m: Interpreter, info: FunctionInfo) -> None:
    """Records that a called function starts or joins a job of several processes."""
    process_start = _process_start_of(m, info)
    if process_start is not None:
        _note(m, info.path, process_start)


def note_script(m: Interpreter, path: str) -> None:
    """Records that a script starts or joins such a job outside its functions."""
    file = m.project.facts(path)
    if file is None or not may_start_processes(m.project.text_untracked(path)):
        return
    process_start = _first(list(_process_starts(ByKind(file.body, into_scopes=False))))
    if process_start is not None:
        _note(m, path, process_start)


def _note(m: Interpreter, path: str, process_start: ProcessStart) -> None:
    start, end, is_must = process_start
    m.recorder.launch(
        ProcessLaunch(Span(path, start, end), m.recorder.entry_id, is_must, control_context(m, m.branch))
    )


def _process_start_of(m: Interpreter, info: FunctionInfo) -> ProcessStart | None:
    if info not in m.summaries.process_starts:
        start, end = info.node.start, end_of(info.node)
        text = m.project.text(info.path, start, end)
        found = _process_starts(info.facts_by_kind) if may_start_processes(text) else ()
        m.summaries.process_starts[info] = _first([item for item in found if start <= item[0] < end])
    return m.summaries.process_starts[info]


def _process_starts(by_kind: ByKind) -> Iterator[ProcessStart]:
    """The calls that certainly start processes, and the literals that read the rank from the environment."""
    for call in by_kind.of(facts.Call):
        if starts_processes(facts.source_form(call.func)):
            yield call.start, call.end, True
    for node in by_kind.of(facts.Const):
        if is_rank_variable(node.value):
            yield node.start, node.end, False


def _first(starts: list[ProcessStart]) -> ProcessStart | None:
    """The first certain process start, else the first rank variable."""
    return min(starts, key=lambda start: (not start[2], start), default=None)


def coordinates_processes(m: Interpreter, arguments: dict[str, Argument], spans: tuple[Span, ...]) -> bool:
    """Whether an init, or a file of `spans`, coordinates the processes of a job in its own way."""
    for name, argument in arguments.items():
        span = argument.span
        text = m.project.text(span.path, span.start, span.end)
        if name not in {"config", "dir"} and asks_rank(text):
            return True
        words = _WORD.findall(text) if name in {"mode", "settings"} else []
        if any(m.project.is_rank_name(span.path, word) for word in words):
            return True
    paths = {span.path for span in spans}
    return any(
        m.project.text_matches(path, pattern) for path in sorted(paths) for pattern in OTHER_COORDINATION
    )
