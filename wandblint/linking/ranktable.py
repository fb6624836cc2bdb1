"""What is made of the rank: variables, attributes and functions such as `is_main = rank == 0`."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from wandblint import facts
from wandblint.linking.modules import Files
from wandblint.linking.walk import ByKind, end_of, statements
from wandblint.semantics.ranks import asking_places

ROUNDS = 2
"""How far it is followed from one variable to another, over files: how often all tests are gone through."""

_Led: TypeAlias = "facts.Assign | facts.If | str"
"""What a test leads to: the assignment whose value it is, the branch that it decides (all assignments in it),
or the parameter that gets it or the function whose result it decides."""


class RankTable:
    """Every such word of the files that are read. A word too many only silences."""

    def __init__(self, files: Files, seen: Mapping[str, ByKind]) -> None:
        self._asking = {path: asking_places(files.code(path)) for path in seen}
        self._own: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        params: dict[str, list[str]] = {}
        for kinds in seen.values():
            params.update((node.name, _positional(node)) for node in kinds.of(facts.Function))
            for owner in kinds.of(facts.Class):
                for method in owner.body:
                    if isinstance(method, facts.Function) and method.name == "__init__":
                        params[owner.name] = _positional(method)
        self._follow(
            [
                (path, test, to)
                for path, kinds in seen.items()
                if self._asking[path]
                for test, to in _tests(kinds, params)
            ]
        )

    def holds(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something made of the rank."""
        return word in self._shared or word in self._own[path]

    def asks(self, path: str, test: facts.Expr) -> bool:
        """Whether a test, or a variable in it, asks which process this is."""
        return self._says(path, test) or any(self.holds(path, word) for word in words_of(test))

    def _says(self, path: str, test: facts.Expr) -> bool:
        """Whether the text of a test asks it."""
        places = self._asking.get(path, ())
        first = bisect_left(places, test.start)
        return first < len(places) and places[first] < test.end

    def _follow(self, tests: list[tuple[str, facts.Expr, _Led]]) -> None:
        """Goes through the tests of all files in order, and again; only those are looked at that have got a
        reason since."""
        waiting: list[tuple[int, int]] = []
        asked_by: dict[str, dict[str, list[int]]] = {path: defaultdict(list) for path in self._asking}
        for place, (path, test, _) in enumerate(tests):
            if self._says(path, test):
                waiting.append((0, place))
            else:
                for word in words_of(test):
                    asked_by[path][word].append(place)
        done: set[int] = set()
        while waiting:
            turn, place = heappop(waiting)
            if place in done:
                continue
            done.add(place)
            path, _, to = tests[place]
            for word, is_shared in _led(to):
                known = self._shared if is_shared else self._own[path]
                if word not in known:
                    known.add(word)
                    for by_word in asked_by.values() if is_shared else (asked_by[path],):
                        for other in by_word.get(word, ()):
                            again = turn + (other <= place)
                            if again < ROUNDS:
                                heappush(waiting, (again, other))


def _tests(kinds: ByKind, params: Mapping[str, list[str]]) -> Iterator[tuple[facts.Expr, _Led]]:
    """The expressions of a file that may ask for the rank, and what each of them leads to."""
    for node in kinds.of(facts.Assign):
        if node.value is not None:
            yield node.value, node
    for branch in kinds.of(facts.If):
        yield branch.test, branch
    for call in kinds.of(facts.Call):
        if call.args:
            yield from _handed(call, params)
    truths = [node.start for node in kinds.of(facts.Return) if _is_truth(node.value)]
    for function in kinds.of(facts.Function):
        for test in _deciding(function.body, truths):
            yield test, function.name


def _led(to: _Led) -> Iterator[tuple[str, bool]]:
    """The words that stand for something made of the rank then, each with whether they do so in all files."""
    if isinstance(to, str):
        yield to, True
        return
    nodes: Iterable[facts.Node] = [to] if isinstance(to, facts.Assign) else statements(*to.body, *to.orelse)
    for target in [target for node in nodes if isinstance(node, facts.Assign) for target in node.targets]:
        if isinstance(target, facts.Name):
            yield target.id, False
        elif isinstance(target, facts.Attr):
            yield target.attr, facts.source_form(target.value) != "self"


_HANDED = frozenset({facts.Compare, facts.Bool, facts.Not, facts.Name})


def _handed(call: facts.Call, params: Mapping[str, list[str]]) -> Iterator[tuple[facts.Expr, str]]:
    """The tests and variables that a call hands over, each with the parameter that gets it."""
    for position, arg in enumerate(call.args):
        if type(arg.value) in _HANDED:
            if arg.keyword is not None:
                yield arg.value, arg.keyword
            elif not arg.star:
                names = params.get(facts.source_form(call.func).rpartition(".")[2], [])
                if position < len(names):
                    yield arg.value, names[position]


def _is_truth(value: facts.Expr | None) -> bool:
    return isinstance(value, facts.Const) and value.value in {True, False}


def _deciding(body: list[facts.Stmt], truths: list[int]) -> Iterator[facts.Expr]:
    """What decides the result of a function: what it returns, and tests behind which it returns a truth."""
    for node in statements(*body, into_scopes=False):
        if isinstance(node, facts.Return) and node.value is not None:
            yield node.value
        elif truths and isinstance(node, facts.If) and node.body:
            first = bisect_left(truths, node.body[0].start)
            if first < len(truths) and truths[first] < end_of(node.body[-1]):
                yield node.test


def _positional(function: facts.Function) -> list[str]:
    names = [param.name for param in function.params if param.kind in {"", "/"}]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def words_of(test: facts.Expr) -> Iterable[str]:
    """The names that a test asks for: of `args.wandb` the last one."""
    while isinstance(test, (facts.Call, facts.Not)):
        test = test.func if isinstance(test, facts.Call) else test.value
    if type(test) is facts.Name:
        return (test.id,)
    if type(test) is facts.Attr:
        return (test.attr,)
    match test:
        case facts.Bool(values=values):
            return [word for value in values for word in words_of(value)]
        case facts.Compare(left=left, rights=rights):
            return [word for value in (left, *rights) for word in words_of(value)]
        case facts.Subscript(index=facts.Const(value=str(name))):
            return (name,)
    return ()
