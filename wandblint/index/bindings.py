"""Bindings of the names that the tests of a file check: to None only, or to other values."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.index.calls import Extent
from wandblint.index.walk import ByKind, end_of, statements

MODULE = -1
"""Stands for the module where scopes are identified by their start."""


class Bound(msgspec.Struct, array_like=True, gc=False):
    """The names that are bound to None, with the first such binding, and those bound to other values."""

    to_none: dict[str, Extent] = msgspec.field(default_factory=dict)
    others: set[str] = msgspec.field(default_factory=set)


class Bindings(msgspec.Struct, array_like=True, gc=False):
    """The bindings of a file."""

    scopes: dict[int, Bound] = msgspec.field(default_factory=dict)
    """Names that tests of the file check, by the start of their function or class (else `MODULE`)."""
    attributes: Bound = msgspec.field(default_factory=Bound)
    """Private attributes of any object; the empty name stands for all."""
    shared: set[str] = msgspec.field(default_factory=set)
    """Names that are imported or assigned through a module: they may be variables of any module."""
    rebound: set[str] = msgspec.field(default_factory=set)
    """Names that a function declares `global` or `nonlocal`; the empty name stands for all."""


def guarded_variables(test: facts.Expr) -> Iterator[tuple[facts.Name | facts.Attr, bool]]:
    """The variables that decide a test when they are None, each with the result of the test then."""
    match test:
        case facts.Name() | facts.Attr():
            yield test, False
        case facts.Not(value=negated):
            for expr, holds in guarded_variables(negated):
                yield expr, not holds
        case facts.Compare(
            left=(facts.Name() | facts.Attr()) as expr, ops=[op], rights=[facts.Const(value=None)]
        ):
            if op in {"is", "==", "is not", "!="}:
                yield expr, op in {"is", "=="}
        case facts.Bool(op=op, values=values):
            for operand in values:
                for expr, holds in guarded_variables(operand):
                    if holds is (op == "or"):
                        yield expr, holds


def is_private(attr: str) -> bool:
    """Whether only its own project should assign an attribute of this name."""
    return attr.startswith("_")


def bindings_of(body: list[facts.Stmt], by_kind: ByKind) -> Bindings:
    """The bindings of a file with these facts."""
    tested = {
        expr.id
        for node in by_kind.of(facts.If)
        for expr, _ in guarded_variables(node.test)
        if isinstance(expr, facts.Name)
    }
    collector = _Collector(Bindings(), frozenset(tested))
    collector.scope(MODULE, body, [])
    for start, node in _expression_bindings(by_kind):
        collector.bind(collector.names(start), node)
    for call in by_kind.of(facts.Call):
        if isinstance(call.func, (facts.Name, facts.Attr)):
            function = call.func.id if isinstance(call.func, facts.Name) else call.func.attr
            if function in _DYNAMIC and facts.source_form(call.func):
                collector.bind_dynamically(function, call)
    bindings = collector.bindings
    if any(node.attr == "__dict__" for node in by_kind.of(facts.Attr)):
        bindings.attributes.others.add("")
    # A function may rebind the name in any scope of the file that has it.
    bindings.rebound.update(name for node in by_kind.of(facts.ScopeDeclaration) for name in node.names)
    bindings.scopes = {
        start: names for start, names in bindings.scopes.items() if names.to_none or names.others
    }
    return bindings


class _Collector(msgspec.Struct):
    """Collects the bindings of a file; `tested` holds the names that its tests check."""

    bindings: Bindings
    tested: frozenset[str]

    def names(self, start: int) -> Bound:
        """The bindings in the function or class with this start."""
        return self.bindings.scopes.setdefault(start, Bound())

    def scope(self, start: int, body: list[facts.Stmt], params: list[facts.Param]) -> None:
        """Collects the bindings of a function, a class or the module."""
        names = self.names(start)
        for param in params:
            self._note(names, param.name)
        for node in statements(*body, into_scopes=False):
            if type(node) not in _BINDING:
                continue
            self.bind(names, node)
            if isinstance(node, facts.FunctionDef):
                self.scope(node.start, node.body, node.params)
            elif isinstance(node, facts.ClassDef):
                self._class_attributes(node)
                self.scope(node.start, node.body, [])

    def bind(self, names: Bound, node: facts.Node) -> None:  # noqa: C901 - one case per kind
        """Adds the bindings of one statement or expression to those of its scope."""
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
            case facts.Handler(name=str(name)) | facts.FunctionDef(name=name) | facts.ClassDef(name=name):
                self._note(names, name)
            case facts.Import(module=module, asname=asname):
                self._note(names, asname or module.partition(".")[0])
            case facts.ImportFrom(names=imported):
                for name, asname in imported:
                    self._note(names, asname or name)
                    self.bindings.shared.add(name)
            case facts.MatchCase(names=captured):
                for name in captured:
                    self._note(names, name)
            case facts.Delete(targets=targets):
                for target in targets:
                    self._target(names, target)

    def bind_dynamically(self, function: str, call: facts.Call) -> None:
        """Adds the names that `setattr(x, "name", v)`, `patch("module.name")` or `globals()` may bind."""
        if function == "globals":
            self.bindings.rebound.add("")
        elif function == "vars":
            self.bindings.attributes.others.add("")
        else:
            names = [arg.value.value for arg in call.args if isinstance(arg.value, facts.Const)]
            for name in [name.rpartition(".")[2] for name in names if isinstance(name, str)]:
                self._note(self.bindings.attributes, name)
                self.bindings.shared.add(name)
            if (
                function == "setattr"
                and len(call.args) > 1
                and not isinstance(call.args[1].value, facts.Const)
            ):
                self.bindings.attributes.others.add("")

    def _target(self, names: Bound, target: facts.Expr, *, is_none: bool = False) -> None:
        if isinstance(target, facts.Sequence):
            for item in target.items:
                self._target(names, item)
        elif isinstance(target, facts.Starred):
            self._target(names, target.value)
        elif isinstance(target, facts.Name):
            self._note(names, target.id, target if is_none else None)
        elif isinstance(target, facts.Attr):
            self._note(self.bindings.attributes, target.attr, target if is_none else None)
            if isinstance(target.value, facts.Name):
                # `module.name = value` rebinds a module's variable.
                self.bindings.shared.add(target.attr)

    def _class_attributes(self, node: facts.ClassDef) -> None:
        attributes = self.bindings.attributes
        for statement in node.body:
            if isinstance(statement, facts.Assign):
                for target in statement.targets:
                    if isinstance(target, facts.Name) and statement.annotation is None:
                        self._target(attributes, target, is_none=_is_none(statement.value))
                    elif isinstance(target, facts.Name):
                        # A field: a call of the class may set it to another value.
                        self._note(attributes, target.id)
            elif isinstance(statement, facts.FunctionDef):
                self._note(attributes, statement.name)

    def _note(self, names: Bound, name: str, none_node: facts.Node | None = None) -> None:
        """Adds a binding of a name that queries need: to None at `none_node`, else to another value."""
        if not (is_private(name) if names is self.bindings.attributes else name in self.tested):
            return
        if none_node is None:
            names.others.add(name)
        else:
            names.to_none.setdefault(name, (none_node.start, none_node.end))


def _is_none(value: facts.Expr | None) -> bool:
    return isinstance(value, facts.Const) and value.value is None


_DYNAMIC = frozenset({"globals", "vars", "setattr", "object", "patch", "delattr"})
"""Functions that bind names or attributes without an assignment target."""

_BINDING = frozenset(
    {facts.Assign, facts.AugAssign, facts.For, facts.With, facts.Handler, facts.FunctionDef, facts.ClassDef}
    | {facts.Import, facts.ImportFrom, facts.MatchCase, facts.Delete}
)
"""Statements that bind names: half of all statements."""


def _expression_bindings(by_kind: ByKind) -> Iterator[tuple[int, facts.Node]]:
    """The bindings inside expressions, each with the start of its function or class (else `MODULE`)."""
    scope_nodes: list[facts.Node] = [*by_kind.of(facts.FunctionDef), *by_kind.of(facts.ClassDef)]
    scopes = sorted((node.start, end_of(node)) for node in scope_nodes)
    binders: list[facts.Node] = [*by_kind.of(facts.Walrus), *by_kind.of(facts.CompLoop)]
    enclosing: list[tuple[int, int]] = []
    next_scope = 0
    for node in sorted(binders, key=lambda node: node.start):
        while next_scope < len(scopes) and scopes[next_scope][0] <= node.start:
            while enclosing and enclosing[-1][1] <= scopes[next_scope][0]:
                enclosing.pop()
            enclosing.append(scopes[next_scope])
            next_scope += 1
        while enclosing and enclosing[-1][1] <= node.start:
            enclosing.pop()
        yield enclosing[-1][0] if enclosing else MODULE, node
