"""Functions that reach wandb but that no entry point has entered: their callers are unseen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.analysis.effects.side_effects import has_side_effect
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index import FileIndex
from wandblint.semantics.frameworks import logs_by_itself


def implicit_entry_points(
    m: Interpreter, indexes: Mapping[str, FileIndex], done: Dependencies
) -> Iterator[list[FunctionInfo]]:
    """The functions to run as entry points, the methods of a class together. `done` grows between them.

    First come those that no code mentions; then, because a call may be unseen, the others, unless the code
    that mentions them has run; last the methods that calls on unknown receivers may enter.
    """
    for group in _pending(m, indexes, done):
        name = group[0].name
        if group[0].owner is not None or not any(index.mentions_name(name) for index in indexes.values()):
            yield group
    for group in _pending(m, indexes, done):
        left = [info for info in group if info.id not in done.entered]
        if left and not (left[0].owner is None and _is_dead(m, indexes, done, left[0])):
            yield left
    yield from _by_class(m, map(m.functions.function_at, done.ambiguous_targets))


def _pending(
    m: Interpreter, indexes: Mapping[str, FileIndex], done: Dependencies
) -> list[list[FunctionInfo]]:
    """For each class, the methods that reach wandb, and those with side effects, which may prepare these."""
    functions = [
        function for function in done.defined - done.entered if _class_reaches_wandb(m, indexes, function)
    ]
    return [
        [info for info in group if _reaches_wandb(m, info) or has_side_effect(m, info)]
        for group in _by_class(m, map(m.functions.function_at, functions))
        if any(_reaches_wandb(m, info) for info in group)
    ]


def _class_reaches_wandb(m: Interpreter, indexes: Mapping[str, FileIndex], function: FunctionId) -> bool:
    """Whether a function, or the class whose method it is, reaches wandb."""
    path, start = function
    return path in indexes and not m.reaches_wandb.isdisjoint(indexes[path].functions[start])


def _reaches_wandb(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function reaches wandb itself, judged by the names in it."""
    return (
        info.name in m.reaches_wandb
        or info.name.startswith("__")
        or any(map(logs_by_itself, info.identifiers))
    )


def _is_dead(
    m: Interpreter, indexes: Mapping[str, FileIndex], done: Dependencies, info: FunctionInfo
) -> bool:
    """Whether code that has run mentions the function without entering it, so that the call in it is dead."""
    files = {path for path, index in indexes.items() if index.mentions_name(info.name)}
    return any(
        function != info.id and info.name in m.functions.function_at(function).identifiers
        for function in done.entered
        if function[0] in files
    )


def _by_class(m: Interpreter, functions: Iterable[FunctionInfo]) -> list[list[FunctionInfo]]:
    def order(info: FunctionInfo) -> tuple[str, int]:
        return m.project.source_order(*info.id)

    groups: dict[object, list[FunctionInfo]] = defaultdict(list)
    for info in functions:
        groups[info.owner or info].append(info)
    ordered = [sorted(group, key=order) for group in groups.values()]
    return sorted(ordered, key=lambda group: order(group[0]))
