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


def inits(m: Machine, path: str, seen: ByKind) -> list[facts.Call]:
    """What may be inits of a file that no call path reached."""
    calls = [
        call for call in seen.of(facts.Call) if facts.source_form(call.func).rpartition(".")[2] == "init"
    ]
    known = m.recorder.init_places if calls else set()
    return [call for call in calls if Span(path, call.start, call.end) not in known]


def note_inits(m: Machine, file: facts.FileFacts, seen: ByKind, calls: list[facts.Call]) -> bool:
    """Notes inits that no call path reached, with the arguments that are literals; tells whether all."""
    try:
        frame = Frame(file.path, m.context("unreached", file.path), globals=loading.module(m, file.path))
        m.execute([*seen.of(facts.Import), *seen.of(facts.ImportFrom)], frame)
        before = m.active_run
        for call in calls:
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
        return False
    return True


def calls_in(file: facts.FileFacts, function: FunctionInfo | None) -> Iterator[facts.Call]:
    """The calls that stand in a function, or (None) in the module itself."""
    nodes = walk(*file.body, into_scopes=False) if function is None else walk(function.node)
    return (node for node in nodes if isinstance(node, facts.Call))


def is_left(m: Machine, path: str, calls: Iterable[facts.Call], other_calls: set[Span]) -> bool:
    """Whether some of these calls read as logging and were not met; `other_calls` are none of wandb's."""
    left = written(path, calls) - other_calls
    return bool(left and left - m.recorder.log_places)
