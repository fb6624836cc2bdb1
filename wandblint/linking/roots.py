"""Where an abstract run of the project starts: its modules, then the functions that nobody calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import receivers
from wandblint.linking.handover import call_back
from wandblint.linking.heap import ClassInfo, Frame, FunctionInfo, Instance
from wandblint.linking.machine import BudgetSpentError, Machine
from wandblint.linking.values import Function
from wandblint.linking.walk import identifiers, walk


def run_project(m: Machine, read: dict[str, facts.FileFacts]) -> None:
    """Runs every call path that can be told from the code."""
    for path in read:
        start_root(m, path)
        _guarded(m, Span(path, 0, 0), lambda path=path: m.module(path))  # type: ignore[misc]
        forget(m)
    _run_uncalled(m, read)


def start_root(m: Machine, path: str, *, from_outside: bool = False) -> None:
    """A new process: no module is loaded, no run is open."""
    m.recorder.root += 1
    m.recorder.in_test = is_test(path)
    m.recorder.from_outside = from_outside
    m.main = "" if from_outside else path
    m.modules = {}
    m.branch = None
    m.in_loop = 0
    m.steps = 0
    m.stack.clear()
    m.call_path.clear()
    m.session = Instance(None, ClassInfo("", "", facts.Class(0, 0, "", 0, [], [], [])))


def is_test(path: str) -> bool:
    """Whether a file holds tests: what they open and log is checked against mocks."""
    parts = PurePosixPath(path).parts
    name = parts[-1]
    return name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "tests" in parts[:-1]


def _guarded(m: Machine, span: Span, run) -> None:  # type: ignore[no-untyped-def]
    try:
        run()
    except (BudgetSpentError, RecursionError):
        # Too long to follow: what lies behind may log anything.
        m.branch = None
        m.recorder.uncertain = m.recorder.shadow = 0
        m.assumed = {}
        m.recorder.hide(span)


def forget(m: Machine) -> None:
    """Keeps what instances and globals were; puts the rest aside."""


def _run_uncalled(m: Machine, read: dict[str, facts.FileFacts]) -> None:
    called = _called_names(m, read)
    for dead_too in (False, True):
        for group in _pending(m, read):
            todo = [info for info in group if info not in m.executed]
            if not dead_too:
                todo = [info for info in todo if info.name not in called or info.owner is not None and not called >= {info.name}]
            else:
                todo = [info for info in todo if info.owner is not None or not _was_visited(m, info, read)]
            if todo:
                start_root(m, group[0].path, from_outside=True)
                _guarded(m, _span(group[0]), lambda todo=todo: _run_group(m, todo))  # type: ignore[misc]


def _called_names(m: Machine, read: dict[str, facts.FileFacts]) -> set[str]:
    """Every name that some code of the project calls or mentions as a value."""
    names: set[str] = set()
    for file in read.values():
        for node in walk(*file.body):
            if isinstance(node, facts.Name):
                names.add(node.id)
            elif isinstance(node, facts.Attr):
                names.add(node.attr)
    return names


def _was_visited(m: Machine, info: FunctionInfo, read: dict[str, facts.FileFacts]) -> bool:
    """Whether code that was run mentions the function: then the call itself is dead."""
    return any(
        other is not info and info.name in identifiers(other.node) for other in m.executed if other.path in read
    )


def _pending(m: Machine, read: dict[str, facts.FileFacts]) -> Iterator[list[FunctionInfo]]:
    """Interesting functions that no call path has entered, the methods of a class together."""
    groups: dict[object, list[FunctionInfo]] = defaultdict(list)
    for info in list(m.definitions):
        if info in m.executed or info.path not in read or not _leads(m, info):
            continue
        groups[info.owner or info].append(info)
    yield from sorted(groups.values(), key=lambda group: (group[0].path, group[0].node.start))


def _leads(m: Machine, info: FunctionInfo) -> bool:
    owner = info.owner.name if info.owner is not None else ""
    return info.name in m.interesting or owner in m.interesting


def _run_group(m: Machine, group: list[FunctionInfo]) -> None:
    """Runs functions with open parameters; methods on one instance of which nothing is known, twice,
    so that what one method leaves there reaches the others."""
    owner = group[0].owner
    for _ in range(1 if owner is None else 2):
        for info in group:
            function = m.definitions[info]
            if not isinstance(function, Function):
                continue
            frame = Frame(info.path, m.context("outside", m.recorder.root))
            frame.globals = m.module(info.path)
            fresh = _fresh(m, function, frame)
            if owner is not None and "staticmethod" not in info.decorators:
                receiver = receivers.any_instance(m, _class_now(m, owner), frame)
                fresh = Function(fresh.info, receiver, fresh.frame)
            call_back(m, fresh, frame, _span(info))


def _fresh(m: Machine, function: Function, frame: Frame) -> Function:
    """The function as the module of this call path defines it."""
    info = function.info
    module = frame.globals
    outer = function.frame
    if outer is not None and outer.info is None and outer.outer is None:
        return Function(info, None, module)
    return function


def _class_now(m: Machine, owner: ClassInfo) -> ClassInfo:
    return m.classes.get((owner.path, owner.node.start), owner)


def _span(info: FunctionInfo) -> Span:
    return Span(info.path, info.node.start, info.node.end)

