"""What no call path reached: because it is dead, or because the path was too long to follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import loading, tracking
from wandblint.linking.arguments import collect_arguments
from wandblint.linking.crashes import own_up
from wandblint.linking.guesses import written
from wandblint.linking.heap import Frame, FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.values import Library
from wandblint.linking.walk import ByKind, walk
from wandblint.semantics import api


def note_inits(m: Machine, file: facts.FileFacts, seen: ByKind) -> None:
    """Notes the inits of a file that no call path reached, with the arguments that are literals."""
    known = m.recorder.init_places
    left = [
        node
        for node in seen.of(facts.Call)
        if facts.source_form(node.func).rpartition(".")[2] == "init"
        and Span(file.path, node.start, node.end) not in known
    ]
    if not left:
        return
    m.start(m.recorder.last_root + 1, main="", in_test=False)
    try:
        frame = Frame(file.path, m.context("unreached", file.path), globals=loading.module(m, file.path))
        m.execute([*seen.of(facts.Import), *seen.of(facts.ImportFrom)], frame)
        before = m.active_run
        for call in left:
            # They stand in no order: which one runs before which is not known.
            m.set_active_run(before)
            function = m.evaluate(call.func, frame)
            if isinstance(function, Library) and api.canonical(function.path) == "wandb.init":
                plain = [arg for arg in call.args if isinstance(arg.value, (facts.Const, facts.Name))]
                arguments = collect_arguments(m, plain, frame)
                tracking.init(m, arguments, frame, Span(file.path, call.start, call.end))
    except Exception as error:
        own_up(m, file.path, error)
        m.recorder.hide(Span(file.path, 0, 0))


def holders(m: Machine, file: facts.FileFacts, seen: ByKind) -> Iterator[FunctionInfo | None]:
    """What holds log calls of a file that no call path reached: functions, or (None) the module itself."""
    if not _left(m, file.path, seen.of(facts.Call)):
        return
    functions = sorted(
        (info for info in m.definitions if info.path == file.path), key=lambda info: info.node.start
    )
    for info in functions:
        # One call may make others reached.
        if _left(m, file.path, _calls(walk(info.node))):
            yield info
    if _left(m, file.path, _calls(walk(*file.body, into_scopes=False))):
        yield None


def _calls(nodes: Iterable[facts.Node]) -> Iterator[facts.Call]:
    return (node for node in nodes if isinstance(node, facts.Call))


def _left(m: Machine, path: str, calls: Iterable[facts.Call]) -> bool:
    left = written(path, calls) - m.recorder.other_calls
    return bool(left and left - m.recorder.log_places)
