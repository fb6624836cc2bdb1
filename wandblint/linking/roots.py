"""Where an abstract run of the project starts: its modules, then the functions that nobody calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import loading, processes, receivers, unreached
from wandblint.linking.crashes import own_up
from wandblint.linking.handover import call_back
from wandblint.linking.heap import Frame, FunctionInfo
from wandblint.linking.limits import SHALLOW_DEPTHS
from wandblint.linking.machine import Machine
from wandblint.linking.modules import is_test
from wandblint.linking.purity import changes_something
from wandblint.linking.values import Function
from wandblint.linking.walk import ByKind, identifiers
from wandblint.model import Entry
from wandblint.semantics.frameworks import logs_by_itself


class Root(msgspec.Struct, frozen=True):
    """One start: a file run as a script, or functions of it that nobody calls (methods class by class)."""

    number: int
    path: str
    functions: tuple[FunctionInfo, ...] = ()

    @property
    def span(self) -> Span:
        """Where it starts."""
        node = self.functions[0].node if self.functions else None
        return Span(self.path, 0, 0) if node is None else Span(self.path, node.start, node.end)

    @property
    def entry(self) -> Entry:
        """The same for people; methods are told by their class."""
        first = self.functions[0] if self.functions else None
        if first is None:
            return Entry(self.path)
        return Entry(self.path, first.name if first.owner is None else first.owner.name)


def run_project(m: Machine, read: Mapping[str, facts.FileFacts], seen: Mapping[str, ByKind]) -> None:
    """Runs every call path that can be told from the code.

    What a path learns of "any instance" of a class, or of globals that other functions set, may come from
    a path that runs later. Such paths are run once more at the end.
    """
    again: list[Root] = []
    for number, path in enumerate(read):
        _run(m, Root(number, path), again)
    for root in _uncalled(m, read, seen):
        _run(m, root, again)
    for root in again:
        before = m.recorder.take(root.number)
        if not _run(m, root, []):
            # What it does is known from the first time; only what others told it since is not.
            m.recorder.put_back(root.number, before)
    for path, file in read.items():
        if not is_test(path):
            unreached.note_inits(m, file, seen[path])
            for depth in SHALLOW_DEPTHS:
                _run_unreached(m, file, seen[path], depth)


def _run_unreached(m: Machine, file: facts.FileFacts, seen: ByKind, depth: int) -> None:
    """Runs what holds log calls that no call path reached by itself, without following calls far.

    What is cut off is only so long because of what it calls: most rows are made where they are logged.
    """
    for info in unreached.holders(m, file, seen):
        root = Root(m.recorder.last_root + 1, file.path, () if info is None else (info,))
        _run(m, root, [], depth=depth)


def _run(m: Machine, root: Root, again: list[Root], *, depth: int | None = None) -> bool:
    """Follows a call path; tells whether it was followed to its end."""
    complete = True
    m.recorder.entries[root.number] = root.entry
    m.start(root.number, main="" if root.functions else root.path, in_test=is_test(root.path), depth=depth)
    try:
        if root.functions:
            _run_functions(m, root)
        else:
            processes.note_script(m, root.path)
            loading.module(m, root.path)
    except Exception as error:
        # Too long to follow, or a mistake of ours: what lies behind may log anything.
        own_up(m, root.path, error)
        m.start(root.number, main=m.main, in_test=m.recorder.in_test)
        m.recorder.hide(root.span)
        if depth is None and not m.recorder.in_test:
            m.recorder.given_up.add(root.number)
            m.budget.give_up()
        complete = False
    if m.looked_at_any:
        again.append(root)
    return complete


def _uncalled(m: Machine, read: Mapping[str, facts.FileFacts], seen: Mapping[str, ByKind]) -> Iterator[Root]:
    """Interesting functions that no call path has entered.

    First those that nothing mentions; then, because they may be called in a way that is not seen, the
    others, unless the code that calls them was run; last the methods that calls on unknown receivers may
    mean.
    """
    mentioned = set().union(*(kinds.identifiers() for kinds in seen.values()))
    number = len(read)
    for group in _pending(m, read):
        if group[0].owner is not None or group[0].name not in mentioned:
            yield Root(number, group[0].path, tuple(group))
            number += 1
    for group in _pending(m, read):
        left = [info for info in group if info not in m.executed]
        if left and not (left[0].owner is None and _is_dead(m, left[0], read)):
            yield Root(number, left[0].path, tuple(left))
            number += 1
    for group in _by_class(m.vaguely_called):
        yield Root(number, group[0].path, tuple(group))
        number += 1


@cache
def _mentions(info: FunctionInfo) -> frozenset[str]:
    return frozenset(identifiers(info.node))


def _is_dead(m: Machine, info: FunctionInfo, read: Mapping[str, facts.FileFacts]) -> bool:
    """Whether code that was run mentions the function: then the call itself is dead."""
    return any(
        other is not info and info.name in _mentions(other) for other in m.executed if other.path in read
    )


def _pending(m: Machine, read: Mapping[str, facts.FileFacts]) -> list[list[FunctionInfo]]:
    """Interesting functions that no call path has entered yet, the methods of a class together.

    Of a class the methods that lead to wandb are run, and those that leave something for them.
    """
    groups = _by_class(
        info for info in m.definitions if info not in m.executed and info.path in read and _leads(m, info)
    )
    return [
        [info for info in group if _acts(m, info) or changes_something(m, info)]
        for group in groups
        if any(_acts(m, info) for info in group)
    ]


def _acts(m: Machine, info: FunctionInfo) -> bool:
    """Whether a function of an interesting class leads to wandb itself, as far as its name tells."""
    return (
        info.name in m.interesting or info.name.startswith("__") or any(map(logs_by_itself, _mentions(info)))
    )


def _by_class(functions: Iterable[FunctionInfo]) -> list[list[FunctionInfo]]:
    groups: dict[object, list[FunctionInfo]] = defaultdict(list)
    for info in functions:
        groups[info.owner or info].append(info)
    ordered = [sorted(group, key=lambda info: info.node.start) for group in groups.values()]
    return sorted(ordered, key=lambda group: (group[0].path, group[0].node.start))


def _leads(m: Machine, info: FunctionInfo) -> bool:
    owner = info.owner.name if info.owner is not None else ""
    return info.name in m.interesting or owner in m.interesting


def _run_functions(m: Machine, root: Root) -> None:
    """Runs functions with open parameters.

    Methods are run on one instance of which nothing is known, twice, so that what one method leaves there
    reaches the others.
    """
    owner = root.functions[0].owner
    frame = Frame(root.path, m.context("outside", root.number))
    frame.globals = loading.module(m, root.path)
    for _ in range(1 if owner is None else 2):
        for info in root.functions:
            function = m.definitions[info]
            if not isinstance(function, Function):
                continue
            if owner is not None and "staticmethod" not in info.decorators:
                function = Function(info, receivers.any_instance(m, owner, frame), function.frame)
            with m.maybe(frame, label=f"entry {info.node.start}"):
                call_back(m, function, frame, root.span)
