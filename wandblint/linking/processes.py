"""Jobs of several processes: where they are started, and what asks which process this is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking.heap import FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.moments import way
from wandblint.linking.walk import ByKind, end_of
from wandblint.model import Argument, Launch
from wandblint.semantics.ranks import asks_rank, is_rank_variable, may_start_processes, starts_processes

_OWN_WAYS = re.compile(r"\bimport ray\b|\bfrom ray\b|@ray\.remote|WANDB_(MODE|DISABLED|SWEEP_ID)|sagemaker")
"""Files with these words see to it in other ways who logs."""


Sign: TypeAlias = "tuple[int, int, bool]"
"""Where a place starts and ends, and whether it starts processes for certain."""

_WORD = re.compile(r"\w+")


def note_function(m: Machine, info: FunctionInfo) -> None:
    """A function is called: it may start or join a job of several processes."""
    sign = _sign_of(m, info)
    if sign is not None:
        _note(m, info.path, sign)


def note_script(m: Machine, path: str) -> None:
    """A script is run: the same for the code outside its functions."""
    file = m.project.facts(path)
    sign = None if file is None else _first(sorted(_signs(ByKind(file.body, into_scopes=False))))
    if sign is not None:
        _note(m, path, sign)


def _note(m: Machine, path: str, sign: Sign) -> None:
    start, end, is_sure = sign
    m.recorder.launch(Launch(Span(path, start, end), m.recorder.root, is_sure, way(m, m.branch)))


def _sign_of(m: Machine, info: FunctionInfo) -> Sign | None:
    if info.path not in m.signs:
        file = m.project.facts(info.path) if may_start_processes(m.project.text(info.path)) else None
        m.signs[info.path] = (
            [] if file is None else sorted(_signs(m.kinds.get(info.path) or ByKind(file.body)))
        )
    signs = m.signs[info.path]
    end = end_of(info.node) if signs else 0
    return _first([sign for sign in signs if info.node.start <= sign[0] < end])


def _signs(seen: ByKind) -> Iterator[Sign]:
    """The places that start processes for certain, and those that ask the environment."""
    for call in seen.of(facts.Call):
        if starts_processes(facts.source_form(call.func)):
            yield call.start, call.end, True
    for node in seen.of(facts.Const):
        if is_rank_variable(node.value):
            yield node.start, node.end, False


def _first(signs: list[Sign]) -> Sign | None:
    """The first place that starts processes for certain, else the first that asks."""
    return next((sign for sign in signs if sign[2]), signs[0] if signs else None)


def has_own_ways(m: Machine, arguments: dict[str, Argument], places: tuple[Span, ...]) -> bool:
    """Whether an init, or code on its way, tells the processes of a job apart in words of its own."""
    for name, argument in arguments.items():
        span = argument.span
        text = m.project.text(span.path)[span.start : span.end]
        if name not in {"config", "dir"} and asks_rank(text):
            return True
        words = _WORD.findall(text) if name in {"mode", "settings"} else []
        if any(m.project.is_of_rank(span.path, word) for word in words):
            return True
    return any(_OWN_WAYS.search(m.project.text(path)) for path in {span.path for span in places})
