"""What binds the names of a file that its tests ask for, as far as None is concerned."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.index.calls import Extent
from wandblint.index.walk import ByKind, end_of, statements

MODULE = -1
"""Stands for the module among the starts of functions and classes."""


class Bound(msgspec.Struct, array_like=True, gc=False):
    """How names are bound: to None only, with the first place, or to something else."""

    to_none: dict[str, Extent] = msgspec.field(default_factory=dict)
    others: set[str] = msgspec.field(default_factory=set)


class Bindings(msgspec.Struct, array_like=True, gc=False):
    """Those of a file."""

    scopes: dict[int, Bound] = msgspec.field(default_factory=dict)
    """Names that a test of the file asks for, by the start of their function or class (else `MODULE`)."""
    attributes: Bound = msgspec.field(default_factory=Bound)
    """Private attributes of whatever object; one without a name stands for all."""
    shared: set[str] = msgspec.field(default_factory=set)
    """Names that are imported, or assigned through a module: they may be any module's variable."""
    rebound: set[str] = msgspec.field(default_factory=set)
    """Names that a function declares `global` or `nonlocal`; one without a name stands for all."""


def guarded(test: facts.Expr) -> Iterator[tuple[facts.Name | facts.Attr, bool]]:
    """The variables that decide a test when they are None, each with what the test then is."""
    match test:
        case facts.Name() | facts.Attr():
            yield test, False
        case facts.Not(value=inner):
            for expr, holds in guarded(inner):
                yield expr, not holds
        case facts.Compare(
            left=(facts.Name() | facts.Attr()) as expr, ops=[op], rights=[facts.Const(value=None)]
        ):
            if op in {"is", "==", "is not", "!="}:
                yield expr, op in {"is", "=="}
        case facts.Bool(op=op, values=values):
            for part in values:
                for expr, holds in guarded(part):
                    if holds is (op == "or"):
                        yield expr, holds


def is_private(attr: str) -> bool:
    """Whether only its own project should assign an attribute of this name."""
    return attr.startswith("_")


def bindings_of(body: list[facts.Stmt], seen: ByKind) -> Bindings:
    """The bindings of a file, of which all facts were seen."""
    asked = {
        expr.id
        for node in seen.of(facts.If)
        for expr, _ in guarded(node.test)
        if isinstance(expr, facts.Name)
    }
    finder = _Finder(Bindings(), frozenset(asked))
    finder.scope(MODULE, body, [])
    for start, node in _innermost(seen):
        finder.bind(finder.names(start), node)
    for call in seen.of(facts.Call):
        if isinstance(call.func, (facts.Name, facts.Attr)):
            word = call.func.id if isinstance(call.func, facts.Name) else call.func.attr
            if word in _DYNAMIC and facts.source_form(call.func):
                finder.bind_dynamically(word, call)
    found = finder.found
    if any(node.attr == "__dict__" for node in seen.of(facts.Attr)):
        found.attributes.others.add("")
    # Rebound from inside a function: in any scope of the file that has the name.
    found.rebound.update(name for node in seen.of(facts.Scope) for name in node.names)
    found.scopes = {start: names for start, names in found.scopes.items() if names.to_none or names.others}
    return found


class _Finder(msgspec.Struct):
    """What was found so far, and the names that tests ask for."""

    found: Bindings
    asked: frozenset[str]

    def names(self, start: int) -> Bound:
        """The names of the function or class that starts there."""
        return self.found.scopes.setdefault(start, Bound())

    def scope(self, start: int, body: list[facts.Stmt], params: list[facts.Param]) -> None:
        """Looks through a function, a class or the module."""
        names = self.names(start)
        for param in params:
            self._note(names, param.name)
        for node in statements(*body, into_scopes=False):
            if type(node) not in _BINDING:
                continue
            self.bind(names, node)
            if isinstance(node, facts.Function):
                self.scope(node.start, node.body, node.params)
            elif isinstance(node, facts.Class):
                self._class_attributes(node)
                self.scope(node.start, node.body, [])

    def bind(self, names: Bound, node: facts.Node) -> None:  # noqa: C901 - a line a kind
        """What one statement or expression binds in a scope of these names."""
        match node:
            case facts.Assign(targets=targets, value=value) if value is not None:
                for target in targets:
                    self._target(names, target, is_none=_is_none(value))
            case (
                facts.AugAssign(target=target)
                | facts.For(target=target)
                | facts.Walrus(target=target)
                | facts.CompLoop(target=target)
            ):
                self._target(names, target)
            case facts.With(items=items):
                for item in items:
                    if item.target is not None:
                        self._target(names, item.target)
            case facts.Handler(name=str(name)) | facts.Function(name=name) | facts.Class(name=name):
                self._note(names, name)
            case facts.Import(module=module, asname=asname):
                self._note(names, asname or module.partition(".")[0])
            case facts.ImportFrom(names=found):
                for name, asname in found:
                    self._note(names, asname or name)
                    self.found.shared.add(name)
            case facts.Case(names=found_names):
                for name in found_names:
                    self._note(names, name)
            case facts.Delete(targets=targets):
                for target in targets:
                    self._target(names, target)

    def bind_dynamically(self, word: str, call: facts.Call) -> None:
        """`setattr(x, "name", v)`, `patch("module.name")` assign from outside; `vars`, `globals` anything."""
        if word == "globals":
            self.found.rebound.add("")
        elif word == "vars":
            self.found.attributes.others.add("")
        else:
            names = [arg.value.value for arg in call.args if isinstance(arg.value, facts.Const)]
            for name in [name.rpartition(".")[2] for name in names if isinstance(name, str)]:
                self._note(self.found.attributes, name)
                self.found.shared.add(name)
            if word == "setattr" and len(call.args) > 1 and not isinstance(call.args[1].value, facts.Const):
                self.found.attributes.others.add("")

    def _target(self, names: Bound, target: facts.Expr, *, is_none: bool = False) -> None:
        if isinstance(target, facts.Sequence):
            for item in target.items:
                self._target(names, item)
        elif isinstance(target, facts.Starred):
            self._target(names, target.value)
        elif isinstance(target, facts.Name):
            self._note(names, target.id, target if is_none else None)
        elif isinstance(target, facts.Attr):
            self._note(self.found.attributes, target.attr, target if is_none else None)
            if isinstance(target.value, facts.Name):
                # `module.name = value` rebinds a module's variable.
                self.found.shared.add(target.attr)

    def _class_attributes(self, node: facts.Class) -> None:
        attributes = self.found.attributes
        for statement in node.body:
            if isinstance(statement, facts.Assign):
                for target in statement.targets:
                    if isinstance(target, facts.Name) and statement.annotation is None:
                        self._target(attributes, target, is_none=_is_none(statement.value))
                    elif isinstance(target, facts.Name):
                        # A field: whoever makes an instance may give it another value.
                        self._note(attributes, target.id)
            elif isinstance(statement, facts.Function):
                self._note(attributes, statement.name)

    def _note(self, names: Bound, name: str, none: facts.Node | None = None) -> None:
        """A name is bound, to None where a place is given for that; of others nobody asks."""
        if not (is_private(name) if names is self.found.attributes else name in self.asked):
            return
        if none is None:
            names.others.add(name)
        else:
            names.to_none.setdefault(name, (none.start, none.end))


def _is_none(value: facts.Expr | None) -> bool:
    return isinstance(value, facts.Const) and value.value is None


_DYNAMIC = frozenset({"globals", "vars", "setattr", "object", "patch", "delattr"})
"""Functions that bind what is no target of a statement."""

_BINDING = frozenset(
    {facts.Assign, facts.AugAssign, facts.For, facts.With, facts.Handler, facts.Function, facts.Class}
    | {facts.Import, facts.ImportFrom, facts.Case, facts.Delete}
)
"""Statements that bind names: half of all."""


def _innermost(seen: ByKind) -> Iterator[tuple[int, facts.Node]]:
    """What binds names inside of expressions, with the start of the function or class around it, else that of
    the module."""
    holders: list[facts.Node] = [*seen.of(facts.Function), *seen.of(facts.Class)]
    scopes = sorted((node.start, end_of(node)) for node in holders)
    binders: list[facts.Node] = [*seen.of(facts.Walrus), *seen.of(facts.CompLoop)]
    inside: list[tuple[int, int]] = []
    met = 0
    for node in sorted(binders, key=lambda node: node.start):
        while met < len(scopes) and scopes[met][0] <= node.start:
            while inside and inside[-1][1] <= scopes[met][0]:
                inside.pop()
            inside.append(scopes[met])
            met += 1
        while inside and inside[-1][1] <= node.start:
            inside.pop()
        yield inside[-1][0] if inside else MODULE, node
