"""Jobs of several processes: where they are started, and what asks which process this is."""

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
"""Where a place starts and ends, and whether it starts processes for certain."""

_WORD = re.compile(r"\w+")


def note_function(m: Interpreter, info: FunctionInfo) -> None:
    """A function is called: it may start or join a job of several processes."""
    sign = _process_start_of(m, info)
    if sign is not None:
        _note(m, info.path, sign)


def note_script(m: Interpreter, path: str) -> None:
    """A script is run: the same for the code outside its functions."""
    file = m.project.facts(path)
    if file is None or not may_start_processes(m.project.text_untracked(path)):
        return
    sign = _first(list(_process_starts(ByKind(file.body, into_scopes=False))))
    if sign is not None:
        _note(m, path, sign)


def _note(m: Interpreter, path: str, sign: ProcessStart) -> None:
    start, end, is_sure = sign
    m.recorder.launch(
        ProcessLaunch(Span(path, start, end), m.recorder.entry_id, is_sure, control_context(m, m.branch))
    )


def _process_start_of(m: Interpreter, info: FunctionInfo) -> ProcessStart | None:
    if info not in m.summaries.process_starts:
        start, end = info.node.start, end_of(info.node)
        text = m.project.text(info.path, start, end)
        signs = _process_starts(info.facts_by_kind) if may_start_processes(text) else ()
        m.summaries.process_starts[info] = _first([sign for sign in signs if start <= sign[0] < end])
    return m.summaries.process_starts[info]


def _process_starts(seen: ByKind) -> Iterator[ProcessStart]:
    """The places that start processes for certain, and those that ask the environment."""
    for call in seen.of(facts.Call):
        if starts_processes(facts.source_form(call.func)):
            yield call.start, call.end, True
    for node in seen.of(facts.Const):
        if is_rank_variable(node.value):
            yield node.start, node.end, False


def _first(signs: list[ProcessStart]) -> ProcessStart | None:
    """The first place that starts processes for certain, else the first that asks."""
    return min(signs, key=lambda sign: (not sign[2], sign), default=None)


def coordinates_processes(m: Interpreter, arguments: dict[str, Argument], places: tuple[Span, ...]) -> bool:
    """Whether an init, or code on its way, tells the processes of a job apart in words of its own."""
    for name, argument in arguments.items():
        span = argument.span
        text = m.project.text(span.path, span.start, span.end)
        if name not in {"config", "dir"} and asks_rank(text):
            return True
        words = _WORD.findall(text) if name in {"mode", "settings"} else []
        if any(m.project.is_rank_name(span.path, word) for word in words):
            return True
    paths = {span.path for span in places}
    return any(
        m.project.text_matches(path, pattern) for path in sorted(paths) for pattern in OTHER_COORDINATION
    )
