"""What is made of the rank: variables, attributes and functions such as `is_main = rank == 0`."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from wandblint import facts
from wandblint.linking.modules import Files
from wandblint.linking.walk import ByKind, statements
from wandblint.semantics.ranks import asking_places

ROUNDS = 2
"""How far it is followed from one variable to another, over files."""


class _Test(msgspec.Struct):
    """An expression that may ask for the rank."""

    asks: bool
    """Whether its text does."""
    words: tuple[str, ...]
    """Names in it that may stand for something that does."""


class _Found(msgspec.Struct):
    """What a file makes of its tests."""

    path: str
    assigned: list[tuple[_Test, list[facts.Assign]]] = msgspec.field(default_factory=list)
    """What a test leads to: the assignment whose value it is, or all behind it."""
    handed: list[tuple[_Test, str]] = msgspec.field(default_factory=list)
    """Parameters that get it."""
    decides: list[tuple[_Test, str]] = msgspec.field(default_factory=list)
    """Functions whose result it decides."""


class RankTable:
    """Every such word of the files that are read. A word too many only silences."""

    def __init__(self, files: Files, seen: Mapping[str, ByKind]) -> None:
        self._asking = {path: asking_places(files.text(path)) for path in seen}
        self._own: dict[str, set[str]] = defaultdict(set)
        self._shared: set[str] = set()
        params: dict[str, list[str]] = {}
        for kinds in seen.values():
            params.update((node.name, _positional(node)) for node in kinds.of(facts.Function))
            for owner in kinds.of(facts.Class):
                for method in owner.body:
                    if isinstance(method, facts.Function) and method.name == "__init__":
                        params[owner.name] = _positional(method)
        found = [self._find(path, kinds, params) for path, kinds in seen.items() if self._asking[path]]
        for _ in range(ROUNDS):
            for one in found:
                self._follow(one)

    def holds(self, path: str, word: str) -> bool:
        """Whether a word of a file stands for something made of the rank."""
        return word in self._shared or word in self._own[path]

    def asks(self, path: str, test: facts.Expr) -> bool:
        """Whether a test, or a variable in it, asks which process this is."""
        return self._holds(path, self._test(path, test))

    def _test(self, path: str, test: facts.Expr) -> _Test:
        places = self._asking.get(path, ())
        first = bisect_left(places, test.start)
        return _Test(first < len(places) and places[first] < test.end, tuple(_words(test)))

    def _holds(self, path: str, test: _Test) -> bool:
        return test.asks or any(self.holds(path, word) for word in test.words)

    def _find(self, path: str, kinds: ByKind, params: Mapping[str, list[str]]) -> _Found:
        found = _Found(path)
        for node in kinds.of(facts.Assign):
            if node.value is not None:
                found.assigned.append((self._test(path, node.value), [node]))
        for branch in kinds.of(facts.If):
            inside = [
                node for node in statements(*branch.body, *branch.orelse) if isinstance(node, facts.Assign)
            ]
            if inside:
                found.assigned.append((self._test(path, branch.test), inside))
        for call in kinds.of(facts.Call):
            names = params.get(facts.source_form(call.func).rpartition(".")[2], [])
            found.handed += [(self._test(path, value), name) for name, value in _handed(call, names)]
        for function in kinds.of(facts.Function):
            found.decides += [(self._test(path, test), function.name) for test in _deciding(function.body)]
        return found

    def _follow(self, found: _Found) -> None:
        own = self._own[found.path]
        for test, nodes in found.assigned:
            if self._holds(found.path, test):
                for target in [target for node in nodes for target in node.targets]:
                    if isinstance(target, facts.Name):
                        own.add(target.id)
                    elif isinstance(target, facts.Attr):
                        is_own = facts.source_form(target.value) == "self"
                        (own if is_own else self._shared).add(target.attr)
        for test, name in [*found.handed, *found.decides]:
            if self._holds(found.path, test):
                self._shared.add(name)


def _handed(call: facts.Call, names: list[str]) -> Iterator[tuple[str, facts.Expr]]:
    """The parameters that a call gives a test or a variable."""
    for position, arg in enumerate(call.args):
        if isinstance(arg.value, (facts.Compare, facts.Bool, facts.Not, facts.Name)):
            if arg.keyword is not None:
                yield arg.keyword, arg.value
            elif position < len(names) and not arg.star:
                yield names[position], arg.value


def _deciding(body: list[facts.Stmt]) -> Iterator[facts.Expr]:
    """What decides the result of a function: what it returns, and tests behind which it returns a truth."""
    for node in statements(*body, into_scopes=False):
        if isinstance(node, facts.Return) and node.value is not None:
            yield node.value
        if isinstance(node, facts.If):
            returned = [inner.value for inner in statements(*node.body) if isinstance(inner, facts.Return)]
            if any(isinstance(value, facts.Const) and value.value in {True, False} for value in returned):
                yield node.test


def _positional(function: facts.Function) -> list[str]:
    names = [param.name for param in function.params if param.kind in {"", "/"}]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _words(test: facts.Expr) -> Iterator[str]:
    """The names that a test asks for: of `args.wandb` the last one."""
    match test:
        case facts.Name(id=name) | facts.Attr(attr=name):
            yield name
        case facts.Call(func=value) | facts.Not(value=value):
            yield from _words(value)
        case facts.Bool(values=values):
            for value in values:
                yield from _words(value)
        case facts.Compare(left=left, rights=rights):
            for value in (left, *rights):
                yield from _words(value)
        case facts.Subscript(index=facts.Const(value=str(name))):
            yield name
