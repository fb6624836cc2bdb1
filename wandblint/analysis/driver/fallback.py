"""What no call path reached: because it is dead, or because the path was too long to follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint import facts
from wandblint.analysis.domain.values import External, Frame, FunctionInfo
from wandblint.analysis.driver.errors import report_internal_error
from wandblint.analysis.interpreter.argument_evaluation import collect_arguments
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import api_calls
from wandblint.index.calls import Extent, reads_as_log
from wandblint.index.walk import ByKind, walk
from wandblint.semantics import api
from wandblint.span import Span


def inits(m: Interpreter, path: str, places: Iterable[Extent]) -> set[Extent]:
    """Of the places in a file that may be inits those that no call path reached."""
    known = m.recorder.init_places if places else set()
    return {place for place in places if Span(path, *place) not in known}


def note_inits(m: Interpreter, path: str, places: set[Extent]) -> bool:
    """Notes inits that no call path reached, with the arguments that are literals; tells whether all."""
    file = m.project.facts(path)
    seen = ByKind([] if file is None else file.body)
    calls = [call for call in seen.of(facts.Call) if (call.start, call.end) in places]
    try:
        frame = Frame(path, m.context("unreached", path), globals=module_loader.module(m, path))
        m.execute([*seen.of(facts.Import), *seen.of(facts.ImportFrom)], frame)
        before = m.active_run
        for call in calls:
            # They stand in no order: which one runs before which is not known.
            m.set_active_run(before)
            function = m.evaluate(call.func, frame)
            if isinstance(function, External) and api.canonical(function.path) == "wandb.init":
                plain = [arg for arg in call.args if isinstance(arg.value, (facts.Const, facts.Name))]
                arguments = collect_arguments(m, plain, frame)
                api_calls.init(m, arguments, frame, Span(path, call.start, call.end))
    except Exception as error:
        report_internal_error(m, path, error)
        m.recorder.mark_unseen_logging(Span(path, 0, 0))
        return False
    return True


def log_calls_in(body: Iterable[facts.Stmt], function: FunctionInfo | None) -> Iterator[Extent]:
    """The calls that read as logging and stand in a function, or (None) in the module of this body itself."""
    nodes = walk(*body, into_scopes=False) if function is None else walk(function.node)
    return ((node.start, node.end) for node in nodes if isinstance(node, facts.Call) and reads_as_log(node))


def is_unreached(m: Interpreter, path: str, log_calls: Iterable[Extent], other_calls: set[Span]) -> bool:
    """Whether some calls of a file that read as logging were not met; `other_calls` are none of wandb's."""
    left = {Span(path, *place) for place in log_calls} - other_calls
    return bool(left and left - m.recorder.log_places)
