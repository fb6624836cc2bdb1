"""Jobs of several processes: where they are started, and what asks which process this is."""

from __future__ import annotations

import re

from wandblint.finding import Span
from wandblint.linking.heap import FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.moments import way
from wandblint.model import Argument, Launch
from wandblint.outline.signs import Sign, signs_of
from wandblint.outline.walk import ByKind, end_of
from wandblint.semantics.ranks import asks_rank, may_start_processes

_OWN_WAYS = re.compile(r"\bimport ray\b|\bfrom ray\b|@ray\.remote|WANDB_(MODE|DISABLED|SWEEP_ID)|sagemaker")
"""Files with these words see to it in other ways who logs."""

_WORD = re.compile(r"\w+")


def note_function(m: Machine, info: FunctionInfo) -> None:
    """A function is called: it may start or join a job of several processes."""
    sign = _sign_of(m, info)
    if sign is not None:
        _note(m, info.path, sign)


def note_script(m: Machine, path: str) -> None:
    """A script is run: the same for the code outside its functions."""
    file = m.project.facts(path)
    if file is None or not m.signs.get(path):
        return
    sign = _first(signs_of(ByKind(file.body, into_scopes=False)))
    if sign is not None:
        _note(m, path, sign)


def _note(m: Machine, path: str, sign: Sign) -> None:
    start, end, is_sure = sign
    m.recorder.launch(Launch(Span(path, start, end), m.recorder.root, is_sure, way(m, m.branch)))


def _sign_of(m: Machine, info: FunctionInfo) -> Sign | None:
    if info.path not in m.signs:
        file = m.project.facts(info.path) if may_start_processes(m.project.text(info.path)) else None
        m.signs[info.path] = [] if file is None else signs_of(m.kinds[info.path])
    signs = m.signs[info.path]
    end = end_of(info.node) if signs else 0
    return _first([sign for sign in signs if info.node.start <= sign[0] < end])


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
