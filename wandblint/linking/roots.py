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

from wandblint.finding import Span
from wandblint.forking import Meanwhile, Trouble, forks
from wandblint.linking import loading, processes, receivers, unreached
from wandblint.linking.crashes import own_up
from wandblint.linking.deeds import Deeds, Key, Place
from wandblint.linking.handover import call_back
from wandblint.linking.heap import Frame, FunctionInfo
from wandblint.linking.knowledge import AbsentError
from wandblint.linking.limits import SHALLOW_DEPTHS
from wandblint.linking.machine import Machine
from wandblint.linking.modules import is_test
from wandblint.linking.outcomes import Outcome
from wandblint.linking.purity import changes_something
from wandblint.linking.reuse import Reuse
from wandblint.linking.values import Function
from wandblint.model import Entry
from wandblint.outline import Outline
from wandblint.outline.calls import Extent
from wandblint.semantics.frameworks import logs_by_itself

WORTH = 400_000
"""Characters of scripts to follow for which a process pays, that loads for itself what they import
(docs/performance.md)."""

_FOUND = msgspec.msgpack.Encoder()
_FOUND_AGAIN = msgspec.msgpack.Decoder(tuple[bytes, bytes])


class Root(msgspec.Struct, frozen=True):
    """One start: a file run as a script, or functions of it that nobody calls (methods class by class).

    With a `depth` calls are followed only so far.
    """

    number: int
    path: str
    functions: tuple[FunctionInfo, ...] = ()
    depth: int | None = None

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

    @property
    def key(self) -> Key:
        """What it is called in every run, the first time that it is followed."""
        return self.path, self.depth or 0, *(info.node.start for info in self.functions)


class _Path(NamedTuple):
    """A call path of this run: how it begins, given its place in order, and what follows it to its end."""

    number: int
    key: Key
    begin: Callable[[int], None]
    run: Callable[[], bool]


class CallPaths:
    """Every call path that can be told from the code of the files that are read, one after the other.

    What a path learns of "any instance" of a class, or of globals that other functions set, may come from
    a path that runs later. Such paths are run once more at the end.
    """

    def __init__(self, m: Machine, read: Mapping[str, Outline], reuse: Reuse, processes: int = 1) -> None:
        """`read` are the outlines of the files with scripts; so many `processes` may follow paths at once."""
        self._m = m
        self._processes = processes
        self._read = read
        self._reuse = reuse
        self._done = Deeds()
        self._paths = 0
        self._place = 0
        self._ended: dict[int, tuple[_Path, int]] = {}
        """The paths so far by their places in order, each with the statements that it might run."""
        self._times: Counter[Key] = Counter()
        self._written = frozenset(
            Span(path, *place) for path, outline in read.items() for place in outline.log_calls
        )

    def run(self) -> None:
        """Runs them all."""
        m = self._m
        again: list[Root] = []
        self._follow_scripts([Root(self._next(), path) for path in self._read], again)
        for functions in self._uncalled():
            self._follow(Root(self._next(), functions[0].path, tuple(functions)), again)
        for root in again:
            before = m.recorder.take(root.number)
            if not self._follow(root, []):
                # What it does is known from the first time; only what others told it since is not.
                m.recorder.put_back(root.number, before)
        for path, outline in self._read.items():
            if not is_test(path):
                self._note_inits(path, outline.inits)
                for depth in SHALLOW_DEPTHS:
                    self._run_unreached(path, depth)
        # Of the others nobody asks.
        m.recorder.other_calls = self._done.other_calls

    def _follow_scripts(self, roots: Sequence[Root], again: list[Root]) -> None:
        """Follows the paths of scripts; where they are long, other processes follow some of them meanwhile.

        What they find is taken where it holds here too, after what the paths before have said.
        """
        blocks = self._shares(roots)
        # What nearly all of them load is then loaded once.
        for root in blocks[0]:
            self._follow(root, again)
        helpers = [Meanwhile(partial(self._followed, block)) for block in blocks[2:]]
        try:
            for number, block in enumerate(blocks[1:]):
                if number:
                    self._take(helpers[number - 1].result())
                for root in block:
                    self._follow(root, again)
        finally:
            for helper in helpers:
                helper.close()

    def _shares(self, roots: Sequence[Root]) -> list[Sequence[Root]]:
        """What to follow before there are other processes, meanwhile, and in each of them."""
        project = self._m.project
        lengths = [0 if self._reuse.may_hold(root.key) else len(project.peek(root.path)) for root in roots]
        processes = min(self._processes, sum(lengths) // WORTH)
        if processes > 1:
            project.rest()
        if processes <= 1 or not forks():
            return [roots]
        first = 1 if lengths[0] * processes * 2 < sum(lengths) else 0
        shares: list[Sequence[Root]] = [roots[:first]]
        ends = list(accumulate(lengths))
        begin, done = first, sum(lengths[:first])
        for number in range(1, processes):
            end = bisect_left(ends, done + (ends[-1] - done) * number / processes) + 1
            shares.append(roots[begin:end])
            begin = max(begin, end)
        return [shares[0], *filter(None, [*shares[1:], roots[begin:]])]

    def _followed(self, roots: Sequence[Root]) -> bytes:
        """Follows paths in a copy of this process: what comes of them, as far as all goes well."""
        self._reuse, self._place = self._reuse.apart(), roots[0].number
        told = self._m.project.copied()
        with suppress(Trouble):
            for root in roots:
                self._follow(root, [])
        try:
            return _FOUND.encode((self._reuse.data(), told()))
        except OverflowError:
            return b""

    def _take(self, found: bytes) -> None:
        """What a copy of this process has found."""
        if found:
            outcomes, told = _FOUND_AGAIN.decode(found)
            self._reuse.add(outcomes)
            self._m.project.learn(told)

    def _next(self) -> int:
        self._paths += 1
        return self._paths - 1

    def _run_unreached(self, path: str, depth: int) -> None:
        """Runs what holds log calls that no call path reached by itself, without following calls far.

        What is cut off is only so long because of what it calls: most rows are made where they are logged.
        """
        m = self._m
        if not unreached.is_left(m, path, self._read[path].log_calls, self._done.other_calls):
            return
        file = m.project.peek_facts(path)
        body = [] if file is None else file.body
        defined = [place for place in self._done.defined if place[0] == path]
        defined.sort(key=lambda place: m.project.order(*place))
        for info in [*map(m.function_at, defined), None]:
            # One call may make others reached.
            if unreached.is_left(m, path, unreached.log_calls_in(body, info), self._done.other_calls):
                self._follow(Root(self._next(), path, () if info is None else (info,), depth), [])

    def _note_inits(self, path: str, places: Sequence[Extent]) -> None:
        """Notes the inits of a file that no call path reached."""
        m = self._m
        left = unreached.inits(m, path, places)
        if left:
            number = self._next()
            key: Key = ("inits", path, *(start for start, _ in sorted(left)))
            self._outcome(
                _Path(
                    number,
                    key,
                    lambda place: m.start(number, key, place, main="", in_test=False),
                    lambda: unreached.note_inits(m, path, left),
                )
            )

    def _follow(self, root: Root, again: list[Root]) -> bool:
        """Follows a call path; tells whether it was followed to its end."""
        m = self._m
        m.recorder.entries[root.number] = root.entry
        main, in_test = "" if root.functions else root.path, is_test(root.path)
        times = self._times[root.key]
        self._times[root.key] += 1
        key = (*root.key, f"after {times}") if times else root.key
        outcome = self._outcome(
            _Path(
                root.number,
                key,
                lambda place: m.start(root.number, key, place, main=main, in_test=in_test, depth=root.depth),
                lambda: self._run(root),
            )
        )
        if not outcome.is_complete and root.depth is None and not in_test:
            m.recorder.given_up.add(root.number)
            m.budget.give_up()
        if outcome.looked_at_any:
            again.append(root)
        return outcome.is_complete

    def _outcome(self, path: _Path) -> Outcome:
        """What comes of the next path: what came of it before if that holds, else it is followed."""
        place, self._place = self._place, self._place + 1
        path.begin(place)
        found = self._reuse.earlier(path.key)
        if found is not None:
            outcome, deeds = self._reuse.recall(*found, path.number)
        else:
            is_complete = self._through(path, place)
            outcome, deeds = self._reuse.end(path.key, path.number, self._written, is_complete=is_complete)
        self._done.add(deeds)
        self._ended[place] = path, outcome.allowance
        return outcome

    def _through(self, path: _Path, place: int) -> bool:
        """Follows a path that has begun, if need be after those that said what it asks for; tells whether it
        was followed to its end."""
        try:
            return path.run()
        except AbsentError as error:
            sayers = sorted(error.sayers)
        self._m.abandon()
        for sayer in sayers:
            self._follow_after_all(sayer)
        path.begin(place)
        return self._through(path, place)

    def _follow_after_all(self, place: int) -> None:
        """Follows a path that was taken as it was before: what it said is at hand then."""
        m = self._m
        path, allowance = self._ended[place]
        record, definitions = m.recorder.records.pop(path.number, None), dict(m.definitions)
        path.begin(place)
        m.budget.allow(allowance)
        self._through(path, place)
        m.known.say_again(said for deeds in m.sharing.own.all() for said in deeds.told.items())
        for info, value in definitions.items():
            if m.definitions[info] is not value and not m.known.is_last_definition(info.place, place):
                m.definitions[info] = value
        m.budget.steps = 0
        m.recorder.records.pop(path.number, None)
        if record is not None:
            m.recorder.records[path.number] = record

    def _run(self, root: Root) -> bool:
        m = self._m
        try:
            if root.functions:
                _run_functions(m, root)
            else:
                processes.note_script(m, root.path)
                loading.module(m, root.path)
        except Exception as error:
            # Too long to follow, or a mistake of ours: what lies behind may log anything.
            own_up(m, root.path, error)
            m.be_outside()
            m.recorder.start_over()
            m.recorder.hide(root.span)
            return False
        return True

    def _uncalled(self) -> Iterator[list[FunctionInfo]]:
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
            left = [info for info in group if info.place not in self._done.executed]
            if left and not (left[0].owner is None and self._is_dead(left[0])):
                yield left
        yield from _by_class(m, (m.function_at(place) for place in self._done.vaguely_called))

    def _leads(self, place: Place) -> bool:
        """Whether a function, or the class whose method it is, leads to wandb."""
        path, start = place
        return path in self._read and not self._m.interesting.isdisjoint(self._read[path].functions[start])

    def _is_dead(self, info: FunctionInfo) -> bool:
        """Whether code that was run mentions the function: then the call itself is dead."""
        files = {path for path, outline in self._read.items() if outline.mentions_name(info.name)}
        return any(
            place != info.place and info.name in _mentions(self._m.function_at(place))
            for place in self._done.executed
            if place[0] in files
        )

    def _pending(self) -> list[list[FunctionInfo]]:
        """Interesting functions that no call path has entered yet, the methods of a class together.

        Of a class the methods that lead to wandb are run, and those that leave something for them.
        """
        m = self._m
        places = [place for place in self._done.defined - self._done.executed if self._leads(place)]
        groups = _by_class(m, map(m.function_at, places))
        return [
            [info for info in group if _acts(m, info) or changes_something(m, info)]
            for group in groups
            if any(_acts(m, info) for info in group)
        ]


@cache
def _mentions(info: FunctionInfo) -> frozenset[str]:
    return frozenset(info.seen.identifiers())


def _acts(m: Machine, info: FunctionInfo) -> bool:
    """Whether a function of an interesting class leads to wandb itself, as far as its name tells."""
    return (
        info.name in m.interesting or info.name.startswith("__") or any(map(logs_by_itself, _mentions(info)))
    )


def _by_class(m: Machine, functions: Iterable[FunctionInfo]) -> list[list[FunctionInfo]]:
    def order(info: FunctionInfo) -> tuple[str, int]:
        return m.project.order(*info.place)

    groups: dict[object, list[FunctionInfo]] = defaultdict(list)
    for info in functions:
        groups[info.owner or info].append(info)
    ordered = [sorted(group, key=order) for group in groups.values()]
    return sorted(ordered, key=lambda group: order(group[0]))


def _run_functions(m: Machine, root: Root) -> None:
    """Runs functions with open parameters.

    Methods are run on one instance of which nothing is known, twice, so that what one method leaves there
    reaches the others.
    """
    owner = root.functions[0].owner
    frame = Frame(root.path, m.context("outside", m.key))
    frame.globals = loading.module(m, root.path)
    for info in root.functions:
        if frame.globals is not None:
            loading.variable(m, frame.globals, info.name if owner is None else owner.name)
        if not m.sharing.has_met(info.place):
            # Inside of another function, or under a condition: the path that met it made its scope.
            m.known.ask("definition", *info.place)
    for _ in range(1 if owner is None else 2):
        for info in root.functions:
            function = m.definitions.get(info)
            if not isinstance(function, Function):
                continue
            if owner is not None and "staticmethod" not in info.decorators:
                function = Function(info, receivers.any_instance(m, owner, frame), function.frame)
            with m.maybe(frame, label="entry", place=Span(info.path, info.node.start, info.node.end)):
                call_back(m, function, frame, root.span)
