"""Jobs of several processes: where they are started, and what asks which process this is."""

from __future__ import annotations

import re
from functools import cache

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking.heap import FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.moments import way
from wandblint.linking.walk import walk
from wandblint.model import Argument, Launch
from wandblint.semantics.ranks import asks_rank, is_rank_variable, starts_processes

_OWN_WAYS = re.compile(r"\bimport ray\b|\bfrom ray\b|@ray\.remote|WANDB_(MODE|DISABLED|SWEEP_ID)|sagemaker")
"""Files with these words see to it in other ways who logs."""


_WORD = re.compile(r"\w+")


def note_function(m: Machine, info: FunctionInfo) -> None:
    """A function is called: it may start or join a job of several processes."""
    sign = _sign_of(info)
    if sign is not None:
        _note(m, info.path, sign)


def note_script(m: Machine, path: str) -> None:
    """A script is run: the same for the code outside its functions."""
    file = m.files.facts(path)
    sign = None if file is None else _sign(list(walk(*file.body, into_scopes=False)))
    if sign is not None:
        _note(m, path, sign)


def _note(m: Machine, path: str, sign: tuple[int, int, bool]) -> None:
    start, end, is_sure = sign
    m.recorder.launch(Launch(Span(path, start, end), m.recorder.root, is_sure, way(m, m.branch)))


@cache
def _sign_of(info: FunctionInfo) -> tuple[int, int, bool] | None:
    return _sign(list(walk(info.node)))


def _sign(nodes: list[facts.Node]) -> tuple[int, int, bool] | None:
    """The first place that starts processes for certain, else the first that asks the environment."""
    asked = None
    for node in nodes:
        if isinstance(node, facts.Call) and starts_processes(facts.source_form(node.func)):
            return node.start, node.end, True
        if asked is None and isinstance(node, facts.Const) and is_rank_variable(node.value):
            asked = node.start, node.end, False
    return asked


def has_own_ways(m: Machine, arguments: dict[str, Argument], places: tuple[Span, ...]) -> bool:
    """Whether an init, or code on its way, tells the processes of a job apart in words of its own."""
    for name, argument in arguments.items():
        span = argument.span
        text = m.files.text(span.path)[span.start : span.end]
        if name not in {"config", "dir"} and asks_rank(text):
            return True
        words = _WORD.findall(text) if name in {"mode", "settings"} else []
        if any(m.ranks.holds(span.path, word) for word in words):
            return True
    return any(_OWN_WAYS.search(m.files.text(path)) for path in {span.path for span in places})
