"""Tests that ask the config or the summary of a run: what they guard may depend on the keys that it has.

A word too many only silences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Branch, External, Function, FunctionInfo, Run, Unknown, Value
from wandblint.analysis.effects.logging_reach import held_values
from wandblint.analysis.effects.side_effects import summary_of
from wandblint.analysis.interpreter.tested_values import value_of
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import assignment_targets, statements, walk
from wandblint.model.uses import WriteTarget
from wandblint.semantics import api
from wandblint.span import Span

_WORDS = frozenset({WriteTarget.CONFIG, WriteTarget.SUMMARY})

_NAMES = re.compile(r"\b(?:config|cfg|conf|summary)\b")
"""Matches the text of an expression of another function that may ask a config or a summary."""


class _Question(msgspec.Struct):
    """The search of what a test depends on for the config, or the summary."""

    m: Interpreter
    branch: Branch
    word: str
    followed: set[str] = msgspec.field(default_factory=set)
    """The names whose assignments have been searched."""


def asking_tests(m: Interpreter, target: WriteTarget) -> frozenset[Span]:
    """The tests around the code that runs now that ask the config, or the summary, of a run."""
    spans: set[Span] = set()
    branch = m.branch if target in _WORDS else None
    while branch is not None:
        if branch.test is not None and _is_asking(m, branch, branch.test, target):
            spans.add(Span(branch.path, branch.test.start, branch.test.end))
        branch = branch.parent
    return frozenset(spans)


def _is_asking(m: Interpreter, branch: Branch, test: facts.Expr, target: WriteTarget) -> bool:
    context = 0 if branch.frame is None else branch.frame.context
    key, known = (branch.path, test.start, context, target), m.entry.asking_tests
    if key not in known:
        known[key] = _asks(_Question(m, branch, target.value), test)
    return known[key]


def _asks(question: _Question, expr: facts.Node) -> bool:
    """Whether an expression, or what the names in it were assigned, asks the config."""
    return any(_asks_itself(question, part) for part in walk(expr))


def _asks_itself(question: _Question, node: facts.Node) -> bool:
    match node:
        case facts.Const(value=value):
            return value == question.word
        case facts.Name(id=name) | facts.Attr(attr=name):
            is_asked = any(_is_asked(question, value) for value in _values(question, node))
            return is_asked or name == question.word or _was_assigned(question, name)
        case facts.Call():
            return _gets_mapping(question, node) or _enters(question, node.func)
    return False


def _values(question: _Question, expr: facts.Expr) -> tuple[Value, ...]:
    frame = question.branch.frame
    value = None if frame is None else value_of(question.m, expr, frame)
    return () if value is None else options(value)


def _is_asked(question: _Question, value: Value) -> bool:
    """Whether a value is the config, or comes from it."""
    if isinstance(value, Unknown):
        match value.symbol.key:
            case ("at", _, str(path), int(start), int(end)):
                return _NAMES.search(question.m.project.text(path, start, end)) is not None
    return _is_mapping(question, value)


def _is_mapping(question: _Question, value: Value) -> bool:
    path = value.path if isinstance(value, External) else value.external if isinstance(value, Unknown) else ""
    return any(path == owner or path.startswith(f"{owner}.") for owner in _owners(question.word))


def _owners(word: str) -> Iterator[str]:
    return (owner for owner, target in api.READ_FROM.items() if target == word)


def _was_assigned(question: _Question, name: str) -> bool:
    """Whether the code around the test assigns to a name or attribute what asks the config."""
    if name in question.followed:
        return False
    question.followed.add(name)
    return any(_asks(question, value) for value in _assigned(question, name))


def _assigned(question: _Question, name: str) -> Iterator[facts.Expr]:
    m, branch = question.m, question.branch
    known = m.summaries.assigned_values
    if branch.path not in known:
        file = m.project.facts(branch.path)
        known[branch.path] = _by_name([] if file is None else statements(*file.body, into_scopes=False))
    yield from known[branch.path].get(name, ())
    if (scope := branch.scope) is not None:
        if scope.id not in known:
            known[scope.id] = _by_name(statements(scope.node if scope.owner is None else scope.owner.node))
        yield from known[scope.id].get(name, ())


def _by_name(nodes: Iterable[facts.Node]) -> dict[str, list[facts.Expr]]:
    """The expressions that statements assign, by the names and attributes that get them."""
    values: dict[str, list[facts.Expr]] = {}
    for node in nodes:
        value: facts.Expr | None = node.iter if isinstance(node, facts.For) else getattr(node, "value", None)
        if value is None:
            continue
        for target in assignment_targets(node):
            for part in walk(target):
                if isinstance(part, (facts.Name, facts.Attr)):
                    name = part.id if isinstance(part, facts.Name) else part.attr
                    values.setdefault(name, []).append(value)
    return values


def _gets_mapping(question: _Question, call: facts.Call) -> bool:
    """Whether a call, or the object whose method it calls, gets a run or its config."""
    receiver = [call.func.value] if isinstance(call.func, facts.Attr) else []
    return any(
        isinstance(part, Run) or _is_mapping(question, part)
        for expr in (*receiver, *(arg.value for arg in call.args))
        for value in _values(question, expr)
        for part in held_values(question.m, value)
    )


def _enters(question: _Question, func: facts.Expr) -> bool:
    """Whether a call enters code that mentions the config."""
    return any(question.word in summary_of(question.m, info).names for info in _entered(question, func))


def _entered(question: _Question, func: facts.Expr) -> Iterator[FunctionInfo]:
    for value in _values(question, func):
        if isinstance(value, Function):
            yield value.info
    for owner in _values(question, func.value) if isinstance(func, facts.Attr) else ():
        instance = question.m.heap_instance(owner)
        for cls in () if instance is None else mro(instance.cls):
            method = cls.attributes.get(func.attr) if isinstance(func, facts.Attr) else None
            if isinstance(method, Function):
                yield method.info
