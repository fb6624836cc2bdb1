"""Rank checks: those that every process passes without a process group, those of the rank within a node."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import Branch, Frame, Function, FunctionInfo, Unknown, Value
from wandblint.analysis.effects.logging_reach import parts_of
from wandblint.analysis.interpreter.iteration_tests import known_values, values_of
from wandblint.analysis.interpreter.tested_values import value_of
from wandblint.analysis.objects.classes import find_in_class
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import end_of, last_word, statements, walk
from wandblint.semantics.ranks import asks_rank, asks_rank_within_node, rank_word_offsets
from wandblint.span import Span
from wandblint.template import SymbolId

_FIRST_WITHOUT_GROUP = re.compile(
    r"not\s+[\w.]*is_initialized\(\)|\bif\s+[\w.]*is_initialized\(\)[^\n]*\selse\s+(0|True)\b"
    r"|\bif\s[^\n]*is_initialized\(\)[^\n]*:\s*return\s[^\n]+\n\s*(else:\s*)?return\s+(0|True)\b"
)
"""Matches code that takes the process for the first one if there is no group."""

_NEEDS_GROUP = re.compile(r"(?<!not )\b[\w.]*is_initialized\(\)\s+and\b")
"""Matches a test that fails if there is no group."""

_KNOWS_RANK = re.compile(r"environ|getenv|local_rank|SLURM", re.IGNORECASE)
"""Matches code that knows the rank without a process group, from the launcher."""

_MAX_DEPTH = 3
"""How many names and functions a test is followed through."""

_EXCLUDES_FIRST = frozenset({"!=", "is not", "not in", ">", ">="})
"""Comparisons of a rank that the first process fails."""


def holds_without_group(
    m: Interpreter, test: facts.Expr, path: str, scope: FunctionInfo | None, *, holds: bool
) -> bool:
    """Whether a rank check comes out the same way on every process while no process group exists."""
    known, key = m.summaries.groupless_tests, (path, test.start, test.end, holds)
    if key not in known:
        texts = [m.project.text(path, test.start, test.end), *_texts(m, test, path, scope)]
        known[key] = _holds_without_group(texts, holds=holds)
    return known[key]


def _holds_without_group(texts: list[str], *, holds: bool) -> bool:
    """The same for a test, given its text and those of what it depends on."""
    if any(map(_KNOWS_RANK.search, texts)) or (holds and any(map(_NEEDS_GROUP.search, texts))):
        return False
    if not holds and _NEEDS_GROUP.search(texts[0]):
        return True
    return any(map(_FIRST_WITHOUT_GROUP.search, texts))


def _texts(m: Interpreter, test: facts.Node, path: str, scope: FunctionInfo | None) -> Iterator[str]:
    """The text of what a test depends on, each once."""
    visited: set[tuple[str, int]] = set()
    level = [(test, path, scope)]
    for _ in range(_MAX_DEPTH + 1):
        found: list[tuple[facts.Node, str, FunctionInfo | None]] = []
        for outer, file_of_outer, scope_of_outer in level:
            for file, node in known_values(m, outer, file_of_outer, scope_of_outer):
                if (file, node.start) in visited:
                    continue
                visited.add((file, node.start))
                yield m.project.text(file, node.start, end_of(node))
                found.append((node, file, _scope_of(m, file, node, scope_of_outer)))
        level = found


def _scope_of(m: Interpreter, path: str, node: facts.Node, scope: FunctionInfo | None) -> FunctionInfo | None:
    return m.functions.function_at((path, node.start)) if isinstance(node, facts.FunctionDef) else scope


def has_rank_value(m: Interpreter, test: facts.Expr, frame: Frame | None) -> bool:
    """Whether a test asks for a value that a rank check has made, whatever its name and wherever that was."""
    match test:
        case facts.Not(value=value):
            return has_rank_value(m, value, frame)
        case facts.Bool(values=values):
            return any(has_rank_value(m, value, frame) for value in values)
        case facts.Compare(left=left, rights=rights):
            return any(has_rank_value(m, side, frame) for side in (left, *rights))
        case facts.Call(func=function):
            return has_rank_value(m, function, frame)
        case facts.Subscript(value=facts.Name() | facts.Attr() as owner) if frame is not None:
            items = [part for value in _asked_values(m, owner, frame) for part in parts_of(m, value)]
            return any(_is_of_rank(m, option) for item in items for option in options(item))
        case facts.Subscript(value=owner):
            return has_rank_value(m, owner, frame)
        case facts.Name() | facts.Attr() if frame is not None:
            return any(_is_of_rank(m, value) for value in _asked_values(m, test, frame))
    return False


def _asked_values(m: Interpreter, expr: facts.Name | facts.Attr, frame: Frame) -> tuple[Value, ...]:
    value = value_of(m, expr, frame)
    if value is None and isinstance(expr, facts.Attr):
        owner = value_of(m, expr.value, frame)
        instance = None if owner is None else m.heap_instance(owner)
        value = None if instance is None else find_in_class(instance.cls, expr.attr)
    return () if value is None else options(value)


def _is_of_rank(m: Interpreter, value: Value) -> bool:
    match value:
        case Function(info=info):
            return any(
                _names_rank(m.project.text(info.path, node.start, end_of(node)))
                for node in _results(info.node)
            )
        case Unknown(external=external) if external and _names_rank(external):
            return True
        case Unknown(symbol=SymbolId(key=("at", _, str(path), int(start), int(end)))):
            return _names_rank(m.project.text(path, start, end))
        case Unknown(symbol=SymbolId(key=("call", _, Span(path, start, end)))):
            return _names_rank(m.project.text(path, start, end))
    return False


def _names_rank(text: str) -> bool:
    """Whether code asks which process this is; how many there are is the same on all."""
    return bool(rank_word_offsets(text, of_this_process=True))


def _results(function: facts.FunctionDef | facts.Lambda) -> Iterator[facts.Expr]:
    """The expressions that decide the result of a function: what it returns, and what it tests before."""
    if isinstance(function, facts.Lambda):
        yield function.body
        return
    for node in statements(*function.body, into_scopes=False):
        if isinstance(node, facts.Return) and node.value is not None:
            yield node.value
        elif isinstance(node, facts.If):
            yield node.test


# --- the rank within a node ---


def holds_once_per_node(m: Interpreter, test: facts.Expr, branch: Branch, *, holds: bool) -> bool:
    """Whether a rank check holds on the first process of each node, as it asks for no other rank."""
    if not _lets_first_through(test, holds=holds):
        return False
    known, key = m.summaries.node_rank_tests, (branch.path, test.start, test.end)
    if key not in known:
        known[key] = all(_within_node(m, test, branch.path, branch.scope, set()) or [False])
    return known[key] and not _gets_other_rank(test, branch)


def _lets_first_through(test: facts.Expr, *, holds: bool) -> bool:
    """Whether the rank checks in a test have the outcome of the first process, judging by their form."""
    match test:
        case facts.Not(value=value):
            return _lets_first_through(value, holds=not holds)
        case facts.Bool(op=op, values=values):
            needs_all = holds is (op == "and")
            return needs_all and all(_lets_first_through(value, holds=holds) for value in values)
        case facts.Compare(ops=ops):
            return _EXCLUDES_FIRST.isdisjoint(ops) is holds
    word = last_word(test).lower()
    is_number = word.endswith("rank")
    return not asks_rank(word) or holds is not is_number


def _within_node(
    m: Interpreter,
    expr: facts.Node,
    path: str,
    scope: FunctionInfo | None,
    visited: set[tuple[str, int]],
    depth: int = 0,
) -> list[bool]:
    """For each rank that an expression depends on, whether it is the one within the node.

    What it depends on is read once each, not once per path to it.
    """
    ranks: list[bool] = []
    nodes = list(walk(expr))
    calls = [node for node in nodes if isinstance(node, facts.Call)]
    skipped = {id(call.func) for call in calls}
    # A launcher sets its variables, so that their defaults do not count.
    skipped |= {id(node) for call in calls for node in walk(*_default_of_variable(call))}
    for node in nodes:
        if id(node) in skipped:
            continue
        followed: list[bool] = []
        values = list(values_of(m, node, path, scope)) if depth < _MAX_DEPTH else []
        is_read = any((file, value.start) in visited for file, value in values)
        for file, value in values:
            if (file, value.start) not in visited:
                visited.add((file, value.start))
                inner = _scope_of(m, file, value, scope)
                deciding = _results(value) if isinstance(value, facts.FunctionDef) else [value]
                for part in deciding:
                    followed += _within_node(m, part, file, inner, visited, depth + 1)
        # What a name stands for says more than the name: `rank = int(os.environ["LOCAL_RANK"])`.
        ranks += followed or ([] if is_read else _by_word(_word(node)))
    return ranks


def _default_of_variable(call: facts.Call) -> list[facts.Expr]:
    """The default of a variable of the environment that holds a rank: `os.environ.get("RANK", 0)`."""
    match call.args:
        case [facts.Arg(value=facts.Const(value=str(name))), facts.Arg(value=default)] if asks_rank(name):
            return [default]
    return []


def _word(node: facts.Node) -> str:
    match node:
        case facts.Const(value=str(text)):
            # A longer text is prose, such as a docstring.
            return "" if " " in text else text
        case facts.Name() | facts.Attr() | facts.Call():
            return last_word(node)
    return ""


def _by_word(word: str) -> list[bool]:
    if asks_rank_within_node(word):
        return [True]
    # A word for the node itself tells one node from the others.
    return [False] if asks_rank(word) or "node" in word.lower() else []


def _gets_other_rank(test: facts.Expr, branch: Branch) -> bool:
    """Whether a caller passes the rank among all processes under the name of the one within the node."""
    frame = branch.frame
    names = {node.id for node in walk(test) if isinstance(node, facts.Name)}
    values = [value for name, value in (frame.names.items() if frame else ()) if name in names]
    unknown = [value for value in values if isinstance(value, Unknown) and value.external]
    return any(False in _by_word(value.label) for value in unknown)
