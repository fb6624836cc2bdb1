"""Where an abstract run of the project starts: its modules, then the functions that nobody calls."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import accumulate
from typing import NamedTuple

import msgspec

from wandblint.analysis.domain.identifiers import EntryPointKey, FunctionId
from wandblint.analysis.domain.values import Frame, Function, FunctionInfo
from wandblint.analysis.driver import fallback
from wandblint.analysis.driver.errors import report_internal_error
from wandblint.analysis.incremental.cache import IncrementalCache
from wandblint.analysis.incremental.results import EntryResult
from wandblint.analysis.interpreter import receivers
from wandblint.analysis.interpreter.escape import invoke_callback
from wandblint.analysis.interpreter.side_effects import has_side_effect
from wandblint.analysis.project.files import is_test
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.budget import SHALLOW_DEPTHS
from wandblint.analysis.state.dependencies import Dependencies
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.shared_facts import NotMaterializedError
from wandblint.analysis.tracking import processes
from wandblint.index import FileIndex
from wandblint.index.calls import Extent
from wandblint.infra.processes import ForkedTask, WorkerAbort, can_fork
from wandblint.model.control_flow import BranchKind
from wandblint.model.events import EntryLocation
from wandblint.semantics.frameworks import logs_by_itself
from wandblint.span import Span

FORK_THRESHOLD = 400_000
"""Characters of scripts to follow for which a process pays, that loads for itself what they import
(docs/performance.md)."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(tuple[bytes, bytes])


class EntryPoint(msgspec.Struct, frozen=True):
    """One start: a file run as a script, or functions of it that nobody calls (methods class by class).

    With a `depth` calls are followed only so far.
    """

    id: int
    path: str
    functions: tuple[FunctionInfo, ...] = ()
    depth: int | None = None

    @property
    def span(self) -> Span:
        """Where it starts."""
        node = self.functions[0].node if self.functions else None
        return Span(self.path, 0, 0) if node is None else Span(self.path, node.start, node.end)

    @property
    def shown(self) -> EntryLocation:
        """The same for people; methods are told by their class."""
        first = self.functions[0] if self.functions else None
        if first is None:
            return EntryLocation(self.path)
        return EntryLocation(self.path, first.name if first.owner is None else first.owner.name)

    @property
    def key(self) -> EntryPointKey:
        """What it is called in every run, the first time that it is followed."""
        return self.path, self.depth or 0, *(info.node.start for info in self.functions)


class _EntryRun(NamedTuple):
    """A call path of this run: how it begins, given its place in order, and what follows it to its end."""

    entry_id: int
    key: EntryPointKey
    begin: Callable[[int], None]
    run: Callable[[], bool]


class EntryPointDriver:
    """Every call path that can be told from the code of the files that are read, one after the other.

    What a path learns of "any instance" of a class, or of globals that other functions set, may come from
    a path that runs later. Such paths are run once more at the end.
    """

    def __init__(
        self, m: Interpreter, read: Mapping[str, FileIndex], reuse: IncrementalCache, processes: int = 1
    ) -> None:
        """`read` are the outlines of the files with scripts; so many `processes` may follow paths at once."""
        self._m = m
        self._processes = processes
        self._read = read
        self._incremental = reuse
        self._done = Dependencies()
        self._entry_count = 0
        self._position = 0
        self._finished: dict[int, tuple[_EntryRun, int]] = {}
        """The paths so far by their places in order, each with the statements that it might run."""
        self._occurrences: Counter[EntryPointKey] = Counter()
        self._written_log_calls = frozenset(
            Span(path, *place) for path, outline in read.items() for place in outline.log_calls
        )

    def run(self) -> None:
        """Runs them all."""
        m = self._m
        again: list[EntryPoint] = []
        self._run_scripts([EntryPoint(self._next_id(), path) for path in self._read], again)
        for functions in self._implicit_entry_points():
            self._run_entry(EntryPoint(self._next_id(), functions[0].path, tuple(functions)), again)
        for root in again:
            before = m.recorder.take(root.id)
            if not self._run_entry(root, []):
                # What it does is known from the first time; only what others told it since is not.
                m.recorder.put_back(root.id, before)
        for path, outline in self._read.items():
            if not is_test(path):
                self._note_inits(path, outline.inits)
                for depth in SHALLOW_DEPTHS:
                    self._run_fallback(path, depth)
        # Of the others nobody asks.
        m.recorder.non_wandb_calls = self._done.non_wandb_calls

    def _run_scripts(self, roots: Sequence[EntryPoint], again: list[EntryPoint]) -> None:
        """Follows the paths of scripts; where they are long, other processes follow some of them meanwhile.

        What they find is taken where it holds here too, after what the paths before have said.
        """
        blocks = self._shares(roots)
        # What nearly all of them load is then loaded once.
        for root in blocks[0]:
            self._run_entry(root, again)
        helpers = [ForkedTask(partial(self._run_in_child, block)) for block in blocks[2:]]
        try:
            for number, block in enumerate(blocks[1:]):
                if number:
                    self._merge_child(helpers[number - 1].result())
                for root in block:
                    self._run_entry(root, again)
        finally:
            for helper in helpers:
                helper.close()

    def _shares(self, roots: Sequence[EntryPoint]) -> list[Sequence[EntryPoint]]:
        """What to follow before there are other processes, meanwhile, and in each of them."""
        project = self._m.project
        lengths = [
            0 if self._incremental.may_hold(root.key) else len(project.text_untracked(root.path))
            for root in roots
        ]
        processes = min(self._processes, sum(lengths) // FORK_THRESHOLD)
        if processes > 1:
            project.before_fork()
        if processes <= 1 or not can_fork():
            return [roots]
        first = 1 if lengths[0] * processes * 2 < sum(lengths) else 0
        shares: list[Sequence[EntryPoint]] = [roots[:first]]
        ends = list(accumulate(lengths))
        begin, done = first, sum(lengths[:first])
        for number in range(1, processes):
            end = bisect_left(ends, done + (ends[-1] - done) * number / processes) + 1
            shares.append(roots[begin:end])
            begin = max(begin, end)
        return [shares[0], *filter(None, [*shares[1:], roots[begin:]])]

    def _run_in_child(self, roots: Sequence[EntryPoint]) -> bytes:
        """Follows paths in a copy of this process: what comes of them, as far as all goes well."""
        self._incremental, self._position = self._incremental.for_child(), roots[0].id
        told = self._m.project.in_child()
        with suppress(WorkerAbort):
            for root in roots:
                self._run_entry(root, [])
        try:
            return _ENCODER.encode((self._incremental.data(), told()))
        except OverflowError:
            return b""

    def _merge_child(self, found: bytes) -> None:
        """What a copy of this process has found."""
        if found:
            outcomes, told = _DECODER.decode(found)
            self._incremental.add(outcomes)
            self._m.project.merge_child(told)

    def _next_id(self) -> int:
        self._entry_count += 1
        return self._entry_count - 1

    def _run_fallback(self, path: str, depth: int) -> None:
        """Runs what holds log calls that no call path reached by itself, without following calls far.

        What is cut off is only so long because of what it calls: most rows are made where they are logged.
        """
        m = self._m
        if not fallback.is_unreached(m, path, self._read[path].log_calls, self._done.non_wandb_calls):
            return
        file = m.project.facts_untracked(path)
        body = [] if file is None else file.body
        defined = [place for place in self._done.defined if place[0] == path]
        defined.sort(key=lambda place: m.project.source_order(*place))
        for info in [*map(m.functions.function_at, defined), None]:
            # One call may make others reached.
            if fallback.is_unreached(m, path, fallback.log_calls_in(body, info), self._done.non_wandb_calls):
                self._run_entry(EntryPoint(self._next_id(), path, () if info is None else (info,), depth), [])

    def _note_inits(self, path: str, places: Sequence[Extent]) -> None:
        """Notes the inits of a file that no call path reached."""
        m = self._m
        left = fallback.inits(m, path, places)
        if left:
            number = self._next_id()
            key: EntryPointKey = ("inits", path, *(start for start, _ in sorted(left)))
            self._result_of(
                _EntryRun(
                    number,
                    key,
                    lambda place: m.start(number, key, place, main="", in_test=False),
                    lambda: fallback.note_inits(m, path, left),
                )
            )

    def _run_entry(self, root: EntryPoint, again: list[EntryPoint]) -> bool:
        """Follows a call path; tells whether it was followed to its end."""
        m = self._m
        m.recorder.entry_points[root.id] = root.shown
        main, in_test = "" if root.functions else root.path, is_test(root.path)
        times = self._occurrences[root.key]
        self._occurrences[root.key] += 1
        key = (*root.key, f"after {times}") if times else root.key
        outcome = self._result_of(
            _EntryRun(
                root.id,
                key,
                lambda place: m.start(root.id, key, place, main=main, in_test=in_test, depth=root.depth),
                lambda: self._interpret(root),
            )
        )
        if not outcome.is_complete and root.depth is None and not in_test:
            m.recorder.given_up.add(root.id)
            m.budget.give_up()
        if outcome.reads_other_entries:
            again.append(root)
        return outcome.is_complete

    def _result_of(self, path: _EntryRun) -> EntryResult:
        """What comes of the next path: what came of it before if that holds, else it is followed."""
        place, self._position = self._position, self._position + 1
        path.begin(place)
        found = self._incremental.valid_result(path.key)
        if found is not None:
            outcome, deeds = self._incremental.restore(*found, path.entry_id)
        else:
            is_complete = self._run_to_end(path, place)
            outcome, deeds = self._incremental.end_entry(
                path.key, path.entry_id, self._written_log_calls, is_complete=is_complete
            )
        self._done.merge_effects(deeds)
        self._finished[place] = path, outcome.step_budget
        return outcome

    def _run_to_end(self, path: _EntryRun, place: int) -> bool:
        """Follows a path that has begun, if need be after those that said what it asks for; tells whether it
        was followed to its end."""
        try:
            return path.run()
        except NotMaterializedError as error:
            sayers = sorted(error.producers)
        self._m.abandon()
        for sayer in sayers:
            self._materialize(sayer)
        path.begin(place)
        return self._run_to_end(path, place)

    def _materialize(self, place: int) -> None:
        """Follows a path that was taken as it was before: what it said is at hand then."""
        m = self._m
        path, allowance = self._finished[place]
        record, definitions = m.recorder.records.pop(path.entry_id, None), dict(m.functions.definitions)
        path.begin(place)
        m.budget.set_limit(allowance)
        self._run_to_end(path, place)
        m.shared_facts.republish(
            said for deeds in m.module_cache.entry_deps.transitive() for said in deeds.published.items()
        )
        for info, value in definitions.items():
            if m.functions.definitions[info] is not value and not m.shared_facts.is_last_definition(
                info.id, place
            ):
                m.functions.definitions[info] = value
        m.budget.steps = 0
        m.recorder.records.pop(path.entry_id, None)
        if record is not None:
            m.recorder.records[path.entry_id] = record

    def _interpret(self, root: EntryPoint) -> bool:
        m = self._m
        try:
            if root.functions:
                _run_functions(m, root)
            else:
                processes.note_script(m, root.path)
                module_loader.module(m, root.path)
        except Exception as error:
            # Too long to follow, or a mistake of ours: what lies behind may log anything.
            report_internal_error(m, root.path, error)
            m.leave_all_code()
            m.recorder.leave_guesses()
            m.recorder.mark_unseen_logging(root.span)
            return False
        return True

    def _implicit_entry_points(self) -> Iterator[list[FunctionInfo]]:
        """Interesting functions that no call path has entered.

        First those that nothing mentions; then, because they may be called in a way that is not seen, the
        others, unless the code that calls them was run; last the methods that calls on unknown receivers may
        mean.
        """
        m = self._m
        for group in self._pending():
            name = group[0].name
            if group[0].owner is not None or not any(
                outline.mentions_name(name) for outline in self._read.values()
            ):
                yield group
        for group in self._pending():
            left = [info for info in group if info.id not in self._done.entered]
            if left and not (left[0].owner is None and self._is_dead(left[0])):
                yield left
        yield from _by_class(m, (m.functions.function_at(place) for place in self._done.ambiguous_targets))

    def _reaches_wandb(self, place: FunctionId) -> bool:
        """Whether a function, or the class whose method it is, leads to wandb."""
        path, start = place
        return path in self._read and not self._m.reaches_wandb.isdisjoint(self._read[path].functions[start])

    def _is_dead(self, info: FunctionInfo) -> bool:
        """Whether code that was run mentions the function: then the call itself is dead."""
        files = {path for path, outline in self._read.items() if outline.mentions_name(info.name)}
        return any(
            place != info.id and info.name in _mentions(self._m.functions.function_at(place))
            for place in self._done.entered
            if place[0] in files
        )

    def _pending(self) -> list[list[FunctionInfo]]:
        """Interesting functions that no call path has entered yet, the methods of a class together.

        Of a class the methods that lead to wandb are run, and those that leave something for them.
        """
        m = self._m
        places = [place for place in self._done.defined - self._done.entered if self._reaches_wandb(place)]
        groups = _by_class(m, map(m.functions.function_at, places))
        return [
            [info for info in group if _reaches_wandb_itself(m, info) or has_side_effect(m, info)]
            for group in groups
            if any(_reaches_wandb_itself(m, info) for info in group)
        ]


@cache
def _mentions(info: FunctionInfo) -> frozenset[str]:
    return frozenset(info.facts_by_kind.identifiers())


def _reaches_wandb_itself(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function of an interesting class leads to wandb itself, as far as its name tells."""
    return (
        info.name in m.reaches_wandb
        or info.name.startswith("__")
        or any(map(logs_by_itself, _mentions(info)))
    )


def _by_class(m: Interpreter, functions: Iterable[FunctionInfo]) -> list[list[FunctionInfo]]:
    def order(info: FunctionInfo) -> tuple[str, int]:
        return m.project.source_order(*info.id)

    groups: dict[object, list[FunctionInfo]] = defaultdict(list)
    for info in functions:
        groups[info.owner or info].append(info)
    ordered = [sorted(group, key=order) for group in groups.values()]
    return sorted(ordered, key=lambda group: order(group[0]))


def _run_functions(m: Interpreter, root: EntryPoint) -> None:
    """Runs functions with open parameters.

    Methods are run on one instance of which nothing is known, twice, so that what one method leaves there
    reaches the others.
    """
    owner = root.functions[0].owner
    frame = Frame(root.path, m.context("outside", m.entry.key))
    frame.globals = module_loader.module(m, root.path)
    for info in root.functions:
        if frame.globals is not None:
            module_loader.variable(m, frame.globals, info.name if owner is None else owner.name)
        if not m.module_cache.is_defined(info.id):
            # Inside of another function, or under a condition: the path that met it made its scope.
            m.shared_facts.read("definition", *info.id)
    for _ in range(1 if owner is None else 2):
        for info in root.functions:
            function = m.functions.definitions.get(info)
            if not isinstance(function, Function):
                continue
            if owner is not None and "staticmethod" not in info.decorators:
                function = Function(info, receivers.symbolic_instance(m, owner, frame), function.frame)
            with m.on_branch(
                frame, kind=BranchKind.ENTRY, span=Span(info.path, info.node.start, info.node.end)
            ):
                invoke_callback(m, function, frame, root.span)
