"""Jobs of several processes: where code starts or joins them, and how it coordinates them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    NONE,
    External,
    Frame,
    Function,
    FunctionInfo,
    Partial,
    Unknown,
    Value,
    scalar,
)
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.index.walk import ByKind, end_of, identifiers
from wandblint.model.control_flow import BranchKind, Condition, ProgramPoint
from wandblint.model.events import Argument, ProcessLaunch
from wandblint.semantics.heuristics import (
    CALLBACK_STARTERS,
    ONE_NODE,
    OTHER_COORDINATION,
    PROCESS_COUNT_WORDS,
    SEVERAL_NODES,
    SPAWNS_ON_ONE_NODE,
    TELLS_NODES_APART,
)
from wandblint.semantics.launchers import NodeCount
from wandblint.semantics.ranks import (
    asks_rank,
    is_rank_variable,
    may_start_processes,
    reads_rank,
    starts_processes,
)
from wandblint.span import Span
from wandblint.template import SymbolId

ProcessStart: TypeAlias = "tuple[int, int, bool]"
"""The start and end of an expression, and whether it certainly starts processes."""

_WORD = re.compile(r"\w+")

_CALLEE = re.compile(r"(?:\w+\.)*(\w+)\(")
"""Matches the last word of the callee at the start of a call."""


def note_function(m: Interpreter, info: FunctionInfo, call: Span) -> None:
    """Records that a called function starts or joins a job of several processes."""
    if isinstance(info.node, facts.FunctionDef) and "WORLD_SIZE" in _text(m, info):
        _note_world_size(m, info.node.body)
    process_start = _process_start_of(m, info)
    if process_start is not None:
        _note(m, info.path, process_start, (*m.call_stack, call))


def note_script(m: Interpreter, path: str) -> None:
    """Records that a script starts or joins such a job outside its functions."""
    file = m.project.facts(path)
    if file is None or not may_start_processes(m.project.text_untracked(path)):
        return
    _note_world_size(m, file.body)
    process_start = _first(m, path, _process_starts(ByKind(file.body, into_scopes=False)))
    if process_start is not None:
        _note(m, path, process_start, ())


def _note(m: Interpreter, path: str, process_start: ProcessStart, call_stack: tuple[Span, ...]) -> None:
    start, end, is_must = process_start
    context = control_context(m, m.branch)
    launch = ProcessLaunch(Span(path, start, end), m.recorder.entry_id, is_must, context, call_stack)
    m.recorder.launch(launch)


def _process_start_of(m: Interpreter, info: FunctionInfo) -> ProcessStart | None:
    if info not in m.summaries.process_starts:
        start, end = info.node.start, end_of(info.node)
        found = _process_starts(info.facts_by_kind) if may_start_processes(_text(m, info)) else ()
        own = [item for item in found if start <= item[0] < end]
        m.summaries.process_starts[info] = _first(m, info.path, own)
    return m.summaries.process_starts[info]


def _text(m: Interpreter, info: FunctionInfo) -> str:
    return m.project.text(info.path, info.node.start, end_of(info.node))


def _note_world_size(m: Interpreter, body: list[facts.Stmt]) -> None:
    """Records that code itself makes the job one process: `os.environ["WORLD_SIZE"] = "1"`."""
    for node in body:
        if (
            isinstance(node, facts.Assign)
            and isinstance(node.value, facts.Const)
            and str(node.value.value) == "1"
            and any(
                isinstance(target, facts.Subscript)
                and isinstance(target.index, facts.Const)
                and target.index.value == "WORLD_SIZE"
                for target in node.targets
            )
        ):
            m.recorder.drop_launches(None)


def _process_starts(by_kind: ByKind) -> Iterator[ProcessStart]:
    """The calls that certainly start processes, and what reads the rank: calls, names of the environment."""
    dead = [
        node for node in by_kind.of(facts.If) if isinstance(node.test, facts.Const) and not node.test.value
    ]
    for start, end, is_must in _process_starts_of_text(by_kind):
        if not any(node.body[0].start <= start < end_of(node.body[-1]) for node in dead if node.body):
            yield start, end, is_must


def _process_starts_of_text(by_kind: ByKind) -> Iterator[ProcessStart]:
    """The same, also where `if False` switches the code off."""
    for call in by_kind.of(facts.Call):
        if starts_processes(facts.source_form(call.func)) and not any(map(_says_one, call.args)):
            yield call.start, call.end, not _is_for_several(by_kind, call)
        elif reads_rank(facts.source_form(call.func)):
            yield call.start, call.end, False
    for node in by_kind.of(facts.Const):
        if is_rank_variable(node.value):
            yield node.start, node.end, False


def _is_for_several(by_kind: ByKind, call: facts.Call) -> bool:
    """Whether a test of the number of processes guards a call: there may be one."""
    return any(
        node.body
        and node.body[0].start <= call.start < end_of(node.body[-1])
        and any(word in name.lower() for name in identifiers(node.test) for word in PROCESS_COUNT_WORDS)
        for node in by_kind.of(facts.If)
    )


def _says_one(arg: facts.Arg) -> bool:
    is_size = arg.keyword in {"world_size", "num_processes"}
    return is_size and isinstance(arg.value, facts.Const) and arg.value.value == 1


def _first(m: Interpreter, path: str, starts: Iterable[ProcessStart]) -> ProcessStart | None:
    """The first certain process start of a file, else the first rank variable."""
    return min(starts, key=lambda item: (not item[2], m.project.source_order(path, item[0])), default=None)


def coordinates_processes(m: Interpreter, arguments: dict[str, Argument], spans: tuple[Span, ...]) -> bool:
    """Whether an init, or a file of `spans`, coordinates the processes of a job in its own way."""
    for name, argument in arguments.items():
        span = argument.span
        text = m.project.text(span.path, span.start, span.end)
        if name not in {"config", "dir"} and (asks_rank(text) or TELLS_NODES_APART.search(text)):
            return True
        words = _WORD.findall(text) if name in {"mode", "settings"} else []
        if any(m.project.is_rank_name(span.path, word) for word in words):
            return True
    if _is_in_wrapped_callback(m):
        return True
    paths = {span.path for span in spans}
    return any(
        m.project.text_matches(path, pattern) for path in sorted(paths) for pattern in OTHER_COORDINATION
    )


def node_count(m: Interpreter, point: ProgramPoint, spans: tuple[Span, ...]) -> NodeCount | None:
    """How many nodes a job has, as the files of `spans` and those in which it is launched say."""
    if not any(step.once_per_node for step in point.conditions):
        # Nobody asks.
        return None
    paths = sorted({span.path for span in (*spans, *(launch.span for launch in m.recorder.record.launches))})

    def matches(pattern: str) -> bool:
        return any(m.project.text_matches(path, pattern) for path in paths)

    if matches(ONE_NODE):
        return NodeCount.ONE
    if matches(SEVERAL_NODES):
        return NodeCount.SEVERAL
    return NodeCount.ONE if matches(SPAWNS_ON_ONE_NODE) else None


def _is_in_wrapped_callback(m: Interpreter) -> bool:
    """Whether code runs only as the argument of unseen code that may test the rank: `f = on_main(f)`."""
    branch = m.branch
    while branch is not None:
        span = branch.span
        if branch.kind is BranchKind.CALLBACK and span is not None:
            call = _CALLEE.match(m.project.text(span.path, span.start, span.end))
            if call is not None and not CALLBACK_STARTERS.search(call[1]):
                return True
        branch = branch.parent
    return False


# --- jobs of one process ---


def _joins(path: str, position: int, name: str) -> Handler:
    """Models a function that joins a job of as many processes as an argument says."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        size = arguments.get(position, name)
        if size is not None and _is_one(m, size):
            is_certain = not any(
                isinstance(step, Condition) and step.kind not in {BranchKind.CALLBACK, BranchKind.THREAD}
                for step in control_context(m, m.branch)
            )
            m.recorder.drop_launches(None if is_certain else span)
        return call_unmodelled(m, External(path), arguments, frame, span)

    return handler


def _starts(path: str, position: int, default: Value) -> Handler:
    """Models a function that starts as many processes as an argument says."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        before = m.recorder.is_single_process
        size = arguments.get(position, "nprocs") or default
        m.recorder.is_single_process = before or _is_one(m, size)
        # What the other processes run is the function that they get.
        in_process = Condition(span, "", True, True, kind=BranchKind.CALLBACK)
        context = (*control_context(m, m.branch), in_process)
        m.module_cache.mark_path_dependent()
        m.recorder.launch(ProcessLaunch(span, m.recorder.entry_id, False, context, tuple(m.call_stack)))
        if path.startswith("torch.") and _runs_in_new_processes(m, arguments, frame, span):
            result: Value = Unknown(SymbolId("call", frame.context, span), "spawn()", path)
        else:
            result = call_unmodelled(m, External(path), arguments, frame, span)
        m.recorder.is_single_process = before
        return result

    return handler


def _runs_in_new_processes(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> bool:
    """Runs `fn(rank, *args)` in processes without an active run; False where not all of it is seen."""
    passed = m.force(arguments.get(1, "args") or NONE)
    sequence = m.heap_sequence(passed)
    functions = options(m.force(arguments.get(0, "fn") or NONE))
    is_seen = all(isinstance(option, (Function, Partial)) for option in functions)
    if not is_seen or "start_method" in arguments.keywords or arguments.more_keywords:
        return False
    if passed != NONE and (sequence is None or sequence.tail is not None):
        return False
    rank = Unknown(SymbolId("loop", frame.context, frame.path, span.start), "rank")
    values = [rank, *(sequence.items if sequence is not None else ())]
    for option in functions:
        given = Arguments([(value, span) for value in values])
        invoke_callback(m, option, frame, span, given, begin=m.entry.run_states.start_process)
    return True


def _is_one(m: Interpreter, size: Value) -> bool:
    return m.force(size) == scalar(1)


HANDLERS: dict[str, Handler] = {
    path: _joins(path, position, name)
    for path, position, name in (
        ("torch.distributed.init_process_group", 3, "world_size"),
        ("torch.distributed.distributed_c10d.init_process_group", 3, "world_size"),
        ("deepspeed.init_distributed", 8, "world_size"),
        ("jax.distributed.initialize", 1, "num_processes"),
    )
} | {
    path: _starts(path, 2, default)
    for path, default in (
        ("torch.multiprocessing.spawn", scalar(1)),
        ("torch.multiprocessing.start_processes", scalar(1)),
        ("torch.multiprocessing.spawn.spawn", scalar(1)),
        ("torch_xla.distributed.xla_multiprocessing.spawn", NONE),
    )
}
"""By canonical name."""
