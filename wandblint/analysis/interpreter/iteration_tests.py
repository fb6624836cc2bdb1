"""Tests that may let a single iteration of a loop through: comparisons of a counter, like `i == last`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.assignments import Assignments
from wandblint.index.definitions import Definitions
from wandblint.index.walk import end_of, last_word, statements, target_names, walk
from wandblint.semantics.heuristics import COUNTER_NAME

_INVERSE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_INVERSE |= {"in": "not in", "not in": "in", "is": "is not", "is not": "is"}

_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}

_MAX_DEPTH = 4
"""How many names and functions a test is followed through."""


def may_hold_once(
    m: Interpreter, test: facts.Expr, path: str, scope: FunctionInfo | None, *, holds: bool
) -> bool:
    """Whether a test of a counter may have this outcome in a single iteration of a loop only."""
    known, key = m.summaries.selecting_tests, (path, test.start, test.end, holds)
    if key not in known:
        known[key] = _Test(m, path, None if scope is None else scope.node, scope).selects(test, holds, 0)
    return known[key]


def is_counter(m: Interpreter, expr: facts.Expr, path: str, scope: FunctionInfo | None) -> bool:
    """Whether an expression is a counter, or arithmetic with one."""
    return _Test(m, path, None if scope is None else scope.node, scope).is_counter(expr)


def known_values(
    m: Interpreter, expr: facts.Node, path: str, scope: FunctionInfo | None
) -> Iterator[tuple[str, facts.Node]]:
    """What the names in an expression are assigned, and the functions that it calls, each with its file.

    Of an unpacked value the whole.
    """
    unpacked = _Test(m, path, None if scope is None else scope.node, scope).unpacked()
    for node in walk(expr):
        yield from values_of(m, node, path, scope)
        if isinstance(node, facts.Name):
            yield from ((path, value) for value in unpacked.get(node.id, []))


def values_of(
    m: Interpreter, node: facts.Node, path: str, scope: FunctionInfo | None
) -> Iterator[tuple[str, facts.Node]]:
    """The same for a single name, attribute or call."""
    test = _Test(m, path, None if scope is None else scope.node, scope)
    if isinstance(node, (facts.Name, facts.Attr)):
        yield from ((path, value) for value in test.assigned(node))
    elif isinstance(node, facts.Call):
        yield from test.functions(last_word(node))


def is_periodic(test: facts.Expr) -> bool:
    """Whether a test asks for a remainder: `step % 100 == 0`, `not step % 100`, or several such tests."""
    match test:
        case facts.Not(value=value):
            return is_periodic(value)
        case facts.Bool(values=values):
            return any(map(is_periodic, values))
        case facts.Compare(left=left, rights=rights):
            return any(map(is_periodic, (left, *rights)))
        case facts.Binary(op=op):
            return op == "%"
    return False


class _Test(msgspec.Struct):
    """A test in a scope."""

    m: Interpreter
    path: str
    scope: facts.Node | None
    """The function that contains the test; None for a module."""
    info: FunctionInfo | None
    are_params_counters: bool = False
    """Whether every parameter may be a counter: the function only tests."""

    def selects(self, test: facts.Expr, holds: bool, depth: int) -> bool:  # noqa: PLR0911
        """Whether the test may have this outcome in a single iteration."""
        match test:
            case facts.Not(value=value):
                return self.selects(value, not holds, depth)
            case facts.Bool(op=op, values=values):
                combine = any if holds is (op == "and") else all
                return combine([self.selects(value, holds, depth) for value in values])
            case facts.Walrus(value=value):
                return self.selects(value, holds, depth)
            case facts.Compare(left=left, ops=[op], rights=[right]):
                return self._comparison_selects(left, op if holds else _INVERSE.get(op, op), right)
            case facts.Compare():
                return holds and any(map(self.is_counter, (test.left, *test.rights)))
            case facts.Binary(op="%"):
                return not holds and self._goes_up_to(test)
            case facts.Binary(op="//"):
                return holds and self.is_counter(test)
            case facts.Call(func=facts.Name(id="bool"), args=[facts.Arg(value=value)]):
                return self.selects(value, holds, depth)
            case facts.Call() if depth < _MAX_DEPTH:
                return any(inner.selects(value, holds, depth + 1) for inner, value in self._results(test))
            case facts.Name() | facts.Attr():
                if (not holds and self.is_counter(test)) or self._is_spent(test, holds=holds):
                    return True
                values = self.assigned(test) if depth < _MAX_DEPTH else []
                return any(self.selects(value, holds, depth + 1) for value in values)
        return False

    def _is_spent(self, flag: facts.Expr, *, holds: bool) -> bool:
        """Whether the loop around a test ends each iteration by giving the flag the other value for good."""
        return any(
            loop.start <= flag.start < end_of(loop) and _turns(loop.body, flag, to=not holds)
            for loop in self._assignments().loops
        )

    def _comparison_selects(self, left: facts.Expr, op: str, right: facts.Expr) -> bool:
        for side, other in ((left, right), (right, left)):
            if isinstance(side, facts.Binary) and side.op == "%":
                return op == "==" and isinstance(other, facts.Expr) and self._goes_up_to(side)
        if op in {"!=", "is not", "not in"}:
            return False
        if not self.is_counter(left):
            if not self.is_counter(right):
                return False
            left, op, right = right, _MIRROR.get(op, op), left
        if op == "in":
            return not (isinstance(right, facts.Sequence) and len(right.items) > 1)
        if op in {"==", "is"}:
            return True
        bound = right.value if isinstance(right, facts.Const) and isinstance(right.value, int) else None
        if op in {"<", "<="}:
            if isinstance(left, facts.Name) and left.id in self._assignments().decremented:
                return False  # It stays below the bound.
            # From 0 on: the first ones, or all but the last one.
            return not self._mentions_length(right) if bound is None else bound + (op == "<=") < 2  # noqa: PLR2004
        return bound is None or self._is_near_end(left, bound + (op == ">"))

    def _is_near_end(self, counter: facts.Expr, first: int) -> bool:
        """Whether a loop over a known range has at most one iteration from a number on."""
        for loop in self._assignments().loops:
            match loop.iter:
                case facts.Call(
                    func=facts.Name(id="range"), args=[facts.Arg(value=facts.Const(value=int(stop)))]
                ):
                    if facts.source_form(counter) in target_names(loop.target):
                        return stop - first < 2  # noqa: PLR2004
        return False

    # --- counters ---

    def is_counter(self, expr: facts.Expr, depth: int = 0) -> bool:
        """Whether an expression is a counter, or arithmetic with one."""
        match expr:
            case facts.Name(id=name):
                if name in self._assignments().counters or name in self._params():
                    return True
                values = self.assigned(expr) if depth < _MAX_DEPTH else []
                return any(isinstance(v, facts.Binary) and self.is_counter(v, depth + 1) for v in values)
            case facts.Attr(attr=name):
                return (
                    bool(COUNTER_NAME.search(name))
                    or name in self._assignments(of_class=True).incremented_attributes
                )
            case facts.Binary(op=op, left=left, right=right):
                return op != "%" and (self.is_counter(left, depth) or self.is_counter(right, depth))
            case facts.Call(func=facts.Name(id="int"), args=[facts.Arg(value=value)]):
                return self.is_counter(value, depth)
        return False

    def _params(self) -> set[str]:
        names = [] if self.info is None else [param.name for param in self.info.params]
        return {name for name in names if self.are_params_counters or COUNTER_NAME.search(name)}

    def _goes_up_to(self, remainder: facts.Binary) -> bool:
        """Whether a counter is divided by how far it goes: a length, or the end of its `range`."""
        return self._is_length(remainder.right) or any(
            _ends_at(loop, remainder.right)
            for loop in self._assignments().loops
            if not set(target_names(loop.target)).isdisjoint(_names(remainder.left))
        )

    def _is_length(self, size: facts.Expr) -> bool:
        """Whether a number is the length of something: a counter is divisible by it once per epoch."""
        return self._is_length_call(size) or any(self._is_length_call(value) for value in self.assigned(size))

    def _is_length_call(self, expr: facts.Expr) -> bool:
        return isinstance(expr, facts.Call) and facts.source_form(expr.func) == "len"

    def _mentions_length(self, bound: facts.Expr) -> bool:
        return any(self._is_length_call(node) for node in walk(bound) if isinstance(node, facts.Call)) or any(
            self._is_length_call(node)
            for name in walk(bound)
            if isinstance(name, facts.Name)
            for value in self.assigned(name)
            for node in walk(value)
            if isinstance(node, facts.Call)
        )

    # --- the code around the test ---

    def _assignments(self, *, of_class: bool = False) -> Assignments:
        """What the scope assigns; or what its class does, where it is a method."""
        owner = self.info.owner if of_class and self.info is not None else None
        scope = self.scope if owner is None else owner.node
        known, key = self.m.summaries.assignments, (self.path, None if scope is None else scope.start)
        if key not in known:
            nodes = self._statements() if owner is None else statements(owner.node)
            known[key] = Assignments.of(nodes)
        return known[key]

    def _statements(self) -> Iterator[facts.Node]:
        if self.scope is not None:
            body = self.scope.body if isinstance(self.scope, facts.FunctionDef) else []
        else:
            file = self.m.project.facts(self.path)
            body = [] if file is None else file.body
        return statements(*body, into_scopes=False)

    def assigned(self, target: facts.Expr) -> list[facts.Expr]:
        """The values that the scope assigns to a name, or the class to an attribute."""
        assignments = self._assignments(of_class=isinstance(target, facts.Attr))
        return assignments.values.get(facts.source_form(target), [])

    def unpacked(self) -> dict[str, list[facts.Expr]]:
        """What the scope unpacks to names."""
        return self._assignments().unpacked

    def _results(self, call: facts.Call) -> Iterator[tuple[_Test, facts.Expr]]:
        """What a called function returns, where it only tests."""
        name = last_word(call)
        for path, node in self.functions(name) if name else ():
            if len(call.args) <= len(node.params):
                info = self.m.functions.function_at((path, node.start))
                inner = _Test(self.m, path, node, info, are_params_counters=True)
                yield from ((inner, value) for value in _returned_tests(node))

    def functions(self, name: str) -> Iterator[tuple[str, facts.FunctionDef]]:
        """The functions of a name in this file, or the one that it imports under this name."""
        definitions = self._definitions(self.path)
        for statement, original in definitions.imports.get(name, []):
            yield from self._imported(statement, original)
        for node in definitions.functions.get(name, []):
            yield self.path, node

    def _imported(self, node: facts.ImportFrom, name: str) -> Iterator[tuple[str, facts.FunctionDef]]:
        index = self.m.index
        path = index.relative(node.level, node.module, self.path) if node.level else None
        path = path or index.find(node.module, self.path)
        if path is not None:
            yield from ((path, node) for node in self._definitions(path).top_level.get(name, []))

    def _definitions(self, path: str) -> Definitions:
        file = self.m.project.facts(path)
        known = self.m.summaries.definitions
        if path not in known:
            known[path] = Definitions.of([] if file is None else file.body)
        return known[path]


def _turns(body: list[facts.Stmt], flag: facts.Expr, *, to: bool) -> bool:
    """Whether the body of a loop always gives a name a constant of this truth, and never another value."""
    settings = [
        node
        for node in statements(*body, into_scopes=False)
        if isinstance(node, facts.Assign) and any(_is_same(target, flag) for target in node.targets)
    ]
    return any(node in settings for node in body) and all(
        isinstance(node.value, facts.Const) and bool(node.value.value) is to for node in settings
    )


def _names(expr: facts.Expr) -> Iterator[str]:
    return (node.id for node in walk(expr) if isinstance(node, facts.Name))


def _ends_at(loop: facts.For, size: facts.Expr) -> bool:
    """Whether a loop goes over `range(size)`, or over `range(1, size + 1)`."""
    match loop.iter:
        case facts.Call(func=facts.Name(id="range"), args=[facts.Arg(value=stop)]):
            return _is_same(stop, size)
        case facts.Call(
            func=facts.Name(id="range"),
            args=[facts.Arg(value=facts.Const(value=1)), facts.Arg(value=facts.Binary(op="+") as stop)],
        ):
            return _is_same(stop.left, size) and isinstance(stop.right, facts.Const) and stop.right.value == 1
    return False


def _is_same(one: facts.Expr, other: facts.Expr) -> bool:
    if isinstance(one, facts.Const) and isinstance(other, facts.Const):
        return one.value == other.value
    return bool(form := facts.source_form(one)) and form == facts.source_form(other)


def _returned_tests(function: facts.FunctionDef) -> Iterator[facts.Expr]:
    """The tests that decide the result of a function: what it returns, and those before a constant result."""
    for node in statements(*function.body, into_scopes=False):
        if isinstance(node, facts.Return) and node.value is not None:
            yield node.value
        elif isinstance(node, facts.If):
            match node.body:
                case [*_, facts.Return(value=facts.Const(value=bool(result)))]:
                    yield node.test if result else facts.Not(node.start, node.end, node.test)
