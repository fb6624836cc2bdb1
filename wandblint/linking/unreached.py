"""What no call path reached: because it is dead, or because the path was too long to follow."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import loading, tracking
from wandblint.linking.arguments import collect_arguments
from wandblint.linking.crashes import own_up
from wandblint.linking.guesses import reads_as_log
from wandblint.linking.heap import Frame, FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.values import Library
from wandblint.linking.walk import walk
from wandblint.semantics import api


def note_inits(m: Machine, file: facts.FileFacts) -> None:
    """Notes the inits of a file that no call path reached, with the arguments that are literals."""
    known = m.recorder.init_places
    left = [
        node
        for node in walk(*file.body)
        if isinstance(node, facts.Call)
        and facts.source_form(node.func).rpartition(".")[2] == "init"
        and Span(file.path, node.start, node.end) not in known
    ]
    if not left:
        return
    m.start(m.recorder.last_root + 1, main="", in_test=False)
    try:
        frame = Frame(file.path, m.context("unreached", file.path), globals=loading.module(m, file.path))
        imports = [n for n in walk(*file.body) if isinstance(n, (facts.Import, facts.ImportFrom))]
        m.execute([*imports], frame)
        for call in left:
            function = m.evaluate(call.func, frame)
            if isinstance(function, Library) and api.canonical(function.path) == "wandb.init":
                plain = [arg for arg in call.args if isinstance(arg.value, (facts.Const, facts.Name))]
                arguments = collect_arguments(m, plain, frame)
                tracking.init(m, arguments, frame, Span(file.path, call.start, call.end))
    except Exception as error:
        own_up(m, file.path, error)
        m.recorder.hide(Span(file.path, 0, 0))


def holders(m: Machine, file: facts.FileFacts) -> Iterator[FunctionInfo | None]:
    """What holds log calls of a file that no call path reached: functions, or (None) the module itself."""
    if not _left(m, file.path, *file.body):
        return
    functions = sorted(
        (info for info in m.definitions if info.path == file.path), key=lambda info: info.node.start
    )
    for info in functions:
        # One call may make others reached.
        if _left(m, file.path, info.node):
            yield info
    if _left(m, file.path, *file.body, into_scopes=False):
        yield None


def _left(m: Machine, path: str, *nodes: facts.Node, into_scopes: bool = True) -> bool:
    known = m.recorder.log_places
    return any(
        isinstance(node, facts.Call)
        and reads_as_log(node.func)
        and Span(path, node.start, node.end) not in known
        and Span(path, node.start, node.end) not in m.recorder.other_calls
        for node in walk(*nodes, into_scopes=into_scopes)
    )
