"""The tests of a file that may ask which process this is, and the words that stand for their results.

What is made of the rank, the project tells (`linking/ranks.py`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from wandblint import facts
from wandblint.index.walk import ByKind, end_of, statements
from wandblint.semantics.ranks import asking_places

PassedArgument: TypeAlias = tuple[str, int]
"""What is called, and the number of the argument."""


class RankTest(msgspec.Struct, array_like=True, gc=False):
    """An expression that may ask for the rank, and what stands for its result then."""

    asks: bool
    """Whether its text does."""
    words: list[str]
    """The words by which it may do so otherwise."""
    own: list[str] = []
    """Words that stand for its result in its file: what is assigned it, or on a branch that it decides."""
    shared: list[str] = []
    """Words that do so in all files: parameters that get it, functions whose result it decides."""
    passed: PassedArgument | None = None
    """The argument that it is: the parameter which gets it stands for it, too."""


class RankWords(msgspec.Struct, array_like=True, gc=False):
    """Those of a file."""

    asking: list[int]
    """Where words begin that ask, in order; a file without any has no tests."""
    tests: list[RankTest]
    params: dict[str, list[str]]
    """The parameters of its functions and classes that are given by position, by the last of each name."""


def rank_words_of(seen: ByKind, text: str) -> RankWords:
    """The tests of a file with this text, of which all facts were seen."""
    asking = asking_places(text)
    return RankWords(asking, list(_tests(asking, seen)) if asking else [], _params(seen))


def says(asking: list[int], test: facts.Expr) -> bool:
    """Whether the text of a test asks for the rank, given where its file does."""
    first = bisect_left(asking, test.start)
    return first < len(asking) and asking[first] < test.end


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


def _tests(asking: list[int], seen: ByKind) -> Iterator[RankTest]:
    """The tests of a file: what may ask for the rank, and leads to something."""
    for node in seen.of(facts.Assign):
        if node.value is not None:
            yield from _decides(asking, node.value, [node])
    for branch in seen.of(facts.If):
        yield from _decides(asking, branch.test, statements(*branch.body, *branch.orelse))
    for call in seen.of(facts.Call):
        if call.args:
            yield from _handed(asking, call)
    truths = [node.start for node in seen.of(facts.Return) if _is_truth(node.value)]
    for function in seen.of(facts.Function):
        for test in _deciding(function.body, truths):
            if found := _asked(asking, test):
                yield RankTest(*found, shared=[function.name])


def _asked(asking: list[int], test: facts.Expr) -> tuple[bool, list[str]] | None:
    """Whether a test asks for the rank, and the words by which it may; None where it cannot."""
    if says(asking, test):
        return True, []
    words = words_of(test)
    return (False, list(words)) if words else None


def _decides(asking: list[int], test: facts.Expr, nodes: Iterable[facts.Node]) -> Iterator[RankTest]:
    """A test that decides what all assignments among some statements assign."""
    if not (found := _asked(asking, test)):
        return
    own: list[str] = []
    shared: list[str] = []
    for target in [target for node in nodes if isinstance(node, facts.Assign) for target in node.targets]:
        if isinstance(target, facts.Name):
            own.append(target.id)
        elif isinstance(target, facts.Attr):
            (own if facts.source_form(target.value) == "self" else shared).append(target.attr)
    if own or shared:
        yield RankTest(*found, own, shared)


_HANDED = frozenset({facts.Compare, facts.Bool, facts.Not, facts.Name})


def _handed(asking: list[int], call: facts.Call) -> Iterator[RankTest]:
    """The tests and variables that a call hands over, each with the parameter that gets it, or its number."""
    called = facts.source_form(call.func).rpartition(".")[2]
    for position, arg in enumerate(call.args):
        if type(arg.value) in _HANDED and (arg.keyword or (called and not arg.star)):
            found = _asked(asking, arg.value)
            if found and arg.keyword:
                yield RankTest(*found, shared=[arg.keyword])
            elif found:
                yield RankTest(*found, passed=(called, position))


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


def _params(seen: ByKind) -> dict[str, list[str]]:
    params = {node.name: _positional(node) for node in seen.of(facts.Function)}
    for owner in seen.of(facts.Class):
        for method in owner.body:
            if isinstance(method, facts.Function) and method.name == "__init__":
                params[owner.name] = _positional(method)
    return params


def _positional(function: facts.Function) -> list[str]:
    names = [param.name for param in function.params if param.kind in {"", "/"}]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names
