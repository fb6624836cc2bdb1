"""The tests of a file that may check the rank of a process, and the names that receive their results.

`analysis/project/rank_table.py` combines them over the project.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from wandblint import facts
from wandblint.index.walk import ByKind, end_of, last_word, statements
from wandblint.semantics.ranks import rank_word_offsets

PassedArgument: TypeAlias = tuple[str, int]
"""The name of the callee and the position of the argument."""


class RankTest(msgspec.Struct, array_like=True, gc=False):
    """An expression that may check the rank, and the names that then derive from it."""

    checks_rank: bool
    """Whether its text checks the rank."""
    names: list[str]
    """The names through which it may check the rank otherwise."""
    local_results: list[str] = []
    """Names that receive its result in this file, by assignment or on a branch that it decides."""
    shared_results: list[str] = []
    """Names that receive its result in all files: parameters, and functions whose result it decides."""
    argument: PassedArgument | None = None
    """The argument that it is, whose parameter receives its result, too."""


class RankWords(msgspec.Struct, array_like=True, gc=False):
    """The rank tests of a file."""

    rank_offsets: list[int]
    """The offsets of rank words, in order; a file without any has no tests."""
    tests: list[RankTest]
    params: dict[str, list[str]]
    """The positional parameters of functions and classes by name; the last definition of a name counts."""


def rank_words_of(by_kind: ByKind, text: str) -> RankWords:
    """The rank tests of a file with these facts and this text."""
    rank_offsets = rank_word_offsets(text)
    own_offsets = rank_word_offsets(text, of_this_process=True) if rank_offsets else []
    return RankWords(
        rank_offsets,
        list(_tests(_Words(rank_offsets, own_offsets), by_kind)) if rank_offsets else [],
        _params(by_kind),
    )


def contains_rank_word(rank_offsets: list[int], test: facts.Expr) -> bool:
    """Whether the text of a test contains one of the rank words at these offsets."""
    first = bisect_left(rank_offsets, test.start)
    return first < len(rank_offsets) and rank_offsets[first] < test.end


def names_in_test(test: facts.Expr) -> Iterable[str]:
    """The names that a test checks; of `args.wandb` the last one."""
    while isinstance(test, (facts.Call, facts.Not)):
        test = test.func if isinstance(test, facts.Call) else test.value
    if type(test) is facts.Name:
        return (test.id,)
    if type(test) is facts.Attr:
        return (test.attr,)
    match test:
        case facts.Bool(values=values):
            return [name for value in values for name in names_in_test(value)]
        case facts.Compare(left=left, rights=rights):
            return [name for value in (left, *rights) for name in names_in_test(value)]
        case facts.Conditional(test=test, body=body, orelse=orelse):
            return [name for value in (test, body, orelse) for name in names_in_test(value)]
        case facts.Subscript(index=facts.Const(value=str(name))):
            return (name,)
    return ()


class _Words(msgspec.Struct):
    """The offsets of the rank words of a file, and of those that are not the number of processes."""

    all: list[int]
    of_this_process: list[int]

    def are_in(self, test: facts.Expr) -> bool:
        """Whether the result of an expression may differ between processes."""
        return contains_rank_word(self.of_this_process if _is_arithmetic(test) else self.all, test)


_ROUNDING = frozenset({"int", "round", "ceil", "floor", "max", "min"})


def _is_arithmetic(expr: facts.Expr) -> bool:
    """Whether an expression is a number that is computed from others: `len(data) // world_size`."""
    if isinstance(expr, facts.Call) and last_word(expr.func) in _ROUNDING:
        return any(_is_arithmetic(arg.value) for arg in expr.args)
    return isinstance(expr, facts.Binary)


def _tests(words: _Words, by_kind: ByKind) -> Iterator[RankTest]:
    """The tests of a file that may check the rank and whose results some name receives."""
    for node in by_kind.of(facts.Assign):
        if node.value is not None:
            yield from _assignment_tests(words, node.value, [node])
    for branch in by_kind.of(facts.If):
        yield from _assignment_tests(words, branch.test, statements(*branch.body, *branch.orelse))
    for call in by_kind.of(facts.Call):
        if call.args:
            yield from _argument_tests(words, call)
    bool_returns = [node.start for node in by_kind.of(facts.Return) if _is_bool(node.value)]
    for function in by_kind.of(facts.FunctionDef):
        for test in _result_expressions(function.body, bool_returns):
            if result := _rank_check(words, test):
                yield RankTest(*result, shared_results=[function.name])


def _rank_check(words: _Words, test: facts.Expr) -> tuple[bool, list[str]] | None:
    """Whether a test checks the rank, and the names through which it may; None where it cannot."""
    if words.are_in(test):
        return True, []
    names = names_in_test(test)
    return (False, list(names)) if names else None


def _assignment_tests(words: _Words, test: facts.Expr, nodes: Iterable[facts.Node]) -> Iterator[RankTest]:
    """A test that decides the assignments among some statements."""
    if not (result := _rank_check(words, test)):
        return
    local_names: list[str] = []
    shared_names: list[str] = []
    for target in [target for node in nodes if isinstance(node, facts.Assign) for target in node.targets]:
        if isinstance(target, facts.Name):
            local_names.append(target.id)
        elif isinstance(target, facts.Attr):
            (local_names if facts.source_form(target.value) == "self" else shared_names).append(target.attr)
    if local_names or shared_names:
        yield RankTest(*result, local_names, shared_names)


_ARGUMENT_KINDS = frozenset({facts.Compare, facts.Bool, facts.Not, facts.Name, facts.Conditional})


def _argument_tests(words: _Words, call: facts.Call) -> Iterator[RankTest]:
    """The tests and variables that a call passes, each with its parameter or position."""
    callee = facts.source_form(call.func).rpartition(".")[2]
    for position, arg in enumerate(call.args):
        if type(arg.value) in _ARGUMENT_KINDS and (arg.keyword or (callee and not arg.star)):
            result = _rank_check(words, arg.value)
            if result and arg.keyword:
                yield RankTest(*result, shared_results=[arg.keyword])
            elif result:
                yield RankTest(*result, argument=(callee, position))


def _is_bool(value: facts.Expr | None) -> bool:
    return isinstance(value, facts.Const) and value.value in {True, False}


def _result_expressions(body: list[facts.Stmt], bool_returns: list[int]) -> Iterator[facts.Expr]:
    """The expressions that decide a function's result: return values, and tests before a returned bool."""
    for node in statements(*body, into_scopes=False):
        if isinstance(node, facts.Return) and node.value is not None:
            yield node.value
        elif bool_returns and isinstance(node, facts.If) and node.body:
            first = bisect_left(bool_returns, node.body[0].start)
            if first < len(bool_returns) and bool_returns[first] < end_of(node.body[-1]):
                yield node.test


def _params(by_kind: ByKind) -> dict[str, list[str]]:
    params = {node.name: _positional(node) for node in by_kind.of(facts.FunctionDef)}
    for owner in by_kind.of(facts.ClassDef):
        for method in owner.body:
            if isinstance(method, facts.FunctionDef) and method.name == "__init__":
                params[owner.name] = _positional(method)
    return params


def _positional(function: facts.FunctionDef) -> list[str]:
    names = [param.name for param in function.params if param.kind in {"", "/"}]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names
