"""Inits and log calls that no entry point reached: their code is dead, or the entry point was cut off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint import facts
from wandblint.analysis.domain.values import External, Frame, FunctionInfo
from wandblint.analysis.driver.errors import report_internal_error
from wandblint.analysis.interpreter.argument_evaluation import collect_arguments
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.entry_state import ANY_RUN
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.tracking import inits as run_inits
from wandblint.index.calls import Extent, looks_like_log
from wandblint.index.walk import ByKind, walk
from wandblint.semantics import api
from wandblint.span import Span


def inits(m: Interpreter, path: str, extents: Iterable[Extent]) -> set[Extent]:
    """The extents in a file, of possible inits, that no entry point reached."""
    reached = m.recorder.init_spans if extents else set()
    return {extent for extent in extents if Span(path, *extent) not in reached}


def note_inits(m: Interpreter, path: str, extents: set[Extent]) -> bool:
    """Records inits that no entry point reached, with their literal arguments; returns whether it could."""
    file = m.project.facts(path)
    by_kind = ByKind([] if file is None else file.body)
    calls = [call for call in by_kind.of(facts.Call) if (call.start, call.end) in extents]
    try:
        frame = Frame(path, m.context("unreached", path), globals=module_loader.module(m, path))
        m.execute([*by_kind.of(facts.Import), *by_kind.of(facts.ImportFrom)], frame)
        for call in calls:
            # When each of them would run is unknown, so any run may be open: no other init decides that.
            m.entry.start_with(ANY_RUN)
            function = m.evaluate(call.func, frame)
            if isinstance(function, External) and api.canonical(function.path) == "wandb.init":
                literals = [arg for arg in call.args if isinstance(arg.value, (facts.Const, facts.Name))]
                arguments = collect_arguments(m, literals, frame)
                run_inits.init(m, arguments, frame, Span(path, call.start, call.end))
    except Exception as error:
        report_internal_error(m, path, error)
        m.recorder.mark_unseen_logging(Span(path, 0, 0))
        return False
    return True


def log_calls_in(body: Iterable[facts.Stmt], function: FunctionInfo | None) -> Iterator[Extent]:
    """The calls that look like logging in a function or, without one, at the top level of a module."""
    nodes = walk(*body, into_scopes=False) if function is None else walk(function.node)
    return ((node.start, node.end) for node in nodes if isinstance(node, facts.Call) and looks_like_log(node))


def is_unreached(m: Interpreter, path: str, log_calls: Iterable[Extent], other_calls: set[Span]) -> bool:
    """Whether some log calls of a file were not reached, apart from `other_calls`, which are not of wandb."""
    left = {Span(path, *extent) for extent in log_calls} - other_calls
    return bool(left and left - m.recorder.log_spans)
