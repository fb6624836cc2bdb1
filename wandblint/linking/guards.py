"""Guards on variables that can only be None (WB110).

Which variables can only be None is read from all assignments in the project; what the guarded branch
would do is found by running it once with the variable supposed to be a run, recording nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking.heap import Frame
from wandblint.linking.machine import Machine
from wandblint.linking.modules import Files
from wandblint.linking.values import HYPOTHETICAL, Unknown
from wandblint.linking.walk import ByKind, end_of, identifiers, statements, walk
from wandblint.model import Called, Guard
from wandblint.template import Origin


class Binding(msgspec.Struct):
    """How a name is bound in a scope: the places that bind it to None, and whether anything else may."""

    nones: list[Span] = msgspec.field(default_factory=list)
    others: bool = False


class NoneTable(msgspec.Struct):
    """Every binding of the project's names and private attributes, as far as None is concerned."""

    files: Files
    read: set[str] = msgspec.field(default_factory=set)
    scopes: dict[tuple[str, int], dict[str, Binding]] = msgspec.field(default_factory=dict)
    """By scope (file and start of the function, -1 for the module) and name."""
    attributes: dict[str, Binding] = msgspec.field(default_factory=lambda: defaultdict(Binding))
    shared: set[str] = msgspec.field(default_factory=set)
    """Names that are imported, or assigned through a module: they may be any module's variable."""
    complete: set[str] = msgspec.field(default_factory=set)
    """Names for which every file of the project has been looked at."""
    rebound: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Names that a function of a file declares `global` or `nonlocal`."""

    def add(self, file: facts.FileFacts, seen: ByKind) -> None:
        """Reads the bindings of a file, of which all facts were seen."""
        self.read.add(file.path)
        self._scope(file.path, -1, file.body, [])
        for start, node in _innermost(seen):
            self._bind(file.path, self.scopes[file.path, start], node)
        for call in seen.of(facts.Call):
            if isinstance(call.func, (facts.Name, facts.Attr)):
                word = call.func.id if isinstance(call.func, facts.Name) else call.func.attr
                if word in _DYNAMIC and facts.source_form(call.func):
                    self._dynamic(file.path, word, call)
        if any(node.attr == "__dict__" for node in seen.of(facts.Attr)):
            self.attributes[""].others = True
        # Rebound from inside a function: in any scope of the file that has the name.
        self.rebound.update((file.path, name) for node in seen.of(facts.Scope) for name in node.names)

    def _scope(self, path: str, start: int, body: list[facts.Stmt], params: list[facts.Param]) -> None:
        names = self.scopes.setdefault((path, start), defaultdict(Binding))
        for param in params:
            names[param.name].others = True
        for node in statements(*body, into_scopes=False):
            if type(node) not in _BINDING:
                continue
            self._bind(path, names, node)
            if isinstance(node, facts.Function):
                self._scope(path, node.start, node.body, node.params)
            elif isinstance(node, facts.Class):
                self._class_attributes(path, node)
                self._scope(path, node.start, node.body, [])

    def _bind(self, path: str, names: dict[str, Binding], node: facts.Node) -> None:  # noqa: C901 - a line a kind
        match node:
            case facts.Assign(targets=targets, value=value) if value is not None:
                is_none = isinstance(value, facts.Const) and value.value is None
                for target in targets:
                    self._target(path, names, target, is_none=is_none)
            case (
                facts.AugAssign(target=target)
                | facts.For(target=target)
                | facts.Walrus(target=target)
                | facts.CompLoop(target=target)
            ):
                self._target(path, names, target, is_none=False)
            case facts.With(items=items):
                for item in items:
                    if item.target is not None:
                        self._target(path, names, item.target, is_none=False)
            case facts.Handler(name=str(name)) | facts.Function(name=name) | facts.Class(name=name):
                names[name].others = True
            case facts.Import(module=module, asname=asname):
                names[asname or module.partition(".")[0]].others = True
            case facts.ImportFrom(names=found):
                for name, asname in found:
                    names[asname or name].others = True
                    self.shared.add(name)
            case facts.Case(names=found_names):
                for name in found_names:
                    names[name].others = True
            case facts.Delete(targets=targets):
                for target in targets:
                    self._target(path, names, target, is_none=False)

    def _target(self, path: str, names: dict[str, Binding], target: facts.Expr, *, is_none: bool) -> None:
        if isinstance(target, facts.Sequence):
            for item in target.items:
                self._target(path, names, item, is_none=False)
        elif isinstance(target, facts.Starred):
            self._target(path, names, target.value, is_none=False)
        elif isinstance(target, (facts.Name, facts.Attr)):
            is_name = isinstance(target, facts.Name)
            binding = names[target.id] if isinstance(target, facts.Name) else self.attributes[target.attr]
            if is_none:
                binding.nones.append(Span(path, target.start, target.end))
            else:
                binding.others = True
            if not is_name and isinstance(target, facts.Attr) and isinstance(target.value, facts.Name):
                # `module.name = value` rebinds a module's variable.
                self.shared.add(target.attr)

    def _dynamic(self, path: str, word: str, call: facts.Call) -> None:
        """`setattr(x, "name", v)`, `patch("module.name")` assign from outside; `vars`, `globals` anything."""
        if word == "globals":
            self.rebound.add((path, ""))
        elif word == "vars":
            self.attributes[""].others = True
        else:
            names = [arg.value.value for arg in call.args if isinstance(arg.value, facts.Const)]
            for name in [name.rpartition(".")[2] for name in names if isinstance(name, str)]:
                self.attributes[name].others = True
                self.shared.add(name)
            if word == "setattr" and len(call.args) > 1 and not isinstance(call.args[1].value, facts.Const):
                self.attributes[""].others = True

    def _class_attributes(self, path: str, node: facts.Class) -> None:
        for statement in node.body:
            if isinstance(statement, facts.Assign):
                is_none = isinstance(statement.value, facts.Const) and statement.value.value is None
                for target in statement.targets:
                    if isinstance(target, facts.Name) and statement.annotation is None:
                        self._target(path, self.attributes, target, is_none=is_none)
                    elif isinstance(target, facts.Name):
                        # A field: whoever makes an instance may give it another value.
                        self.attributes[target.id].others = True
            elif isinstance(statement, facts.Function):
                self.attributes[statement.name].others = True

    def _complete(self, name: str) -> None:
        """Reads the other files of the project whose text holds a name."""
        if name not in self.complete:
            self.complete.add(name)
            for path in self.files.names:
                if path not in self.read and name in self.files.code(path):
                    found = self.files.facts(path)
                    if found is not None:
                        self.add(found, ByKind(found.body))

    def of_name(self, path: str, scope: int, name: str) -> tuple[Span, Span] | None:
        """For a name of a scope that can only be None: the scope it belongs to and where it is assigned."""
        binding = self.scopes.get((path, scope), {}).get(name)
        if binding is None:
            scope = -1
            binding = self.scopes.get((path, -1), {}).get(name)
        if not self.rebound.isdisjoint({(path, name), (path, "")}):
            return None
        if scope == -1 and binding is not None and not binding.others:
            self._complete(name)
            if name in self.shared:
                return None
        return _if_none(Span(path, scope, scope), binding)

    def of_attribute(self, attr: str) -> tuple[Span, Span] | None:
        """For an attribute that can only be None on any object, the same."""
        if self.attributes[""].others:
            return None
        if attr not in self.attributes or not self.attributes[attr].others:
            self._complete(attr)
        return _if_none(Span("", -1, -1), None if self.attributes[""].others else self.attributes.get(attr))


def _if_none(owner: Span, binding: Binding | None) -> tuple[Span, Span] | None:
    return None if binding is None or binding.others or not binding.nones else (owner, binding.nones[0])


_DYNAMIC = frozenset({"globals", "vars", "setattr", "object", "patch", "delattr"})
"""Functions that bind what is no target of a statement."""

_BINDING = frozenset(
    {facts.Assign, facts.AugAssign, facts.For, facts.With, facts.Handler, facts.Function, facts.Class}
    | {facts.Import, facts.ImportFrom, facts.Case, facts.Delete}
)
"""Statements that bind names: half of all."""


def _innermost(seen: ByKind) -> Iterator[tuple[int, facts.Node]]:
    """What binds names inside of expressions, with the start of the function or class around it, else -1."""
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
        yield inside[-1][0] if inside else -1, node


class Watch(msgspec.Struct, frozen=True):
    """A guard that was met, until it is known whether its branch reaches wandb."""

    expr: facts.Name | facts.Attr
    scope: Span
    assigned: Span
    holds: bool


def meet(m: Machine, node: facts.If, frame: Frame, verdict: bool | None) -> Watch | None:
    """Whether the test of an `if` is a guard on a variable that can only be None."""
    if verdict is None:
        return None
    for expr, none_makes_it in _guarded(node.test):
        found = _only_none(m, expr, frame)
        if found is not None:
            return Watch(expr, found[0], found[1], none_makes_it)
    return None


def _only_none(m: Machine, expr: facts.Name | facts.Attr, frame: Frame) -> tuple[Span, Span] | None:
    if isinstance(expr, facts.Name):
        scope = frame
        while scope.info is None and scope.outer is not None and scope is not frame.globals:
            scope = scope.outer
        return m.project.none_of(frame.path, -1 if scope.info is None else scope.info.node.start, expr.id)
    if expr.attr.startswith("_") and isinstance(expr.value, facts.Name):
        return m.project.none_of_any(expr.attr)
    return None


def _guarded(test: facts.Expr) -> Iterator[tuple[facts.Name | facts.Attr, bool]]:
    """The variables that decide a test when they are None, each with what the test then is."""
    match test:
        case facts.Name() | facts.Attr():
            yield test, False
        case facts.Not(value=inner):
            for expr, holds in _guarded(inner):
                yield expr, not holds
        case facts.Compare(
            left=(facts.Name() | facts.Attr()) as expr, ops=[op], rights=[facts.Const(value=None)]
        ):
            if op in {"is", "==", "is not", "!="}:
                yield expr, op in {"is", "=="}
        case facts.Bool(op=op, values=values):
            for part in values:
                for expr, holds in _guarded(part):
                    if holds is (op == "or"):
                        yield expr, holds


def settle(m: Machine, watch: Watch | None, node: facts.If, frame: Frame, *, reached: bool) -> None:
    """Records a guard after the branch that it lets through was run; the branch that it shuts is tried."""
    if watch is None:
        return
    shut = node.orelse if watch.holds else node.body
    used_as_run, reaches = _tried(m, watch, shut, frame)
    is_setting = isinstance(watch.expr, facts.Name) and watch.scope.start == -1 and watch.expr.id.isupper()
    # `RESUME_ID = None` on top of a script is edited by hand: only its use as a run tells a run variable.
    stands_apart = not reaches and _form(watch.expr).rpartition(".")[2] not in identifiers(*shut)
    is_live = reached and stands_apart and not is_setting
    # Beside a live branch a variable is a run's only if the shut one uses it so.
    matters = used_as_run or is_live or (reaches and not watch.holds and not is_setting)
    span = Span(frame.path, node.test.start, node.test.end)
    variable = _form(watch.expr)
    called = tuple(_called(m, shut, frame.path)) if matters and not is_live else ()
    m.recorder.guard(
        Guard(span, variable, watch.scope, watch.assigned, watch.holds, matters, is_live, called)
    )


def _called(m: Machine, body: list[facts.Stmt], path: str) -> Iterator[Called]:
    """The plain functions of a file that a branch calls by their names."""
    names = {
        node.func.id
        for node in walk(*body)
        if isinstance(node, facts.Call) and isinstance(node.func, facts.Name)
    }
    file = m.project.facts(path) if names else None
    for function in [] if file is None else file.body:
        if isinstance(function, facts.Function) and function.name in names and not function.decorators:
            word = re.compile(rf"\b{re.escape(function.name)}\b")
            in_branch, in_itself = (
                len(word.findall(m.project.text(path), *_extent(*nodes))) for nodes in (body, [function])
            )
            anywhere = m.project.mentions(function.name)
            name = Span(path, function.name_at, function.name_at + len(function.name))
            yield Called(name, in_branch, anywhere - in_itself)


def _extent(*nodes: facts.Node) -> tuple[int, int]:
    return nodes[0].start, end_of(nodes[-1])


def _form(expr: facts.Name | facts.Attr) -> str:
    if isinstance(expr, facts.Name):
        return expr.id
    base = _form(expr.value) if isinstance(expr.value, (facts.Name, facts.Attr)) else "..."
    return f"{base}.{expr.attr}"


def _tried(m: Machine, watch: Watch, body: list[facts.Stmt], frame: Frame) -> tuple[bool, bool]:
    """Whether a branch that never runs would use the variable as a run, and whether it would reach wandb."""
    effects, uses = m.recorder.effects, m.recorder.supposed_uses
    names, assumed = frame.names, m.assumed
    supposed = Unknown(Origin("supposed", watch.assigned), _form(watch.expr), HYPOTHETICAL)
    frame.names = dict(names)
    m.assumed = {**assumed, _form(watch.expr): supposed}
    m.recorder.shadow += 1
    returned, yielded = len(frame.returned), len(frame.yielded)
    with m.maybe():
        m.execute(body, frame)
    del frame.returned[returned:], frame.yielded[yielded:]
    m.recorder.shadow -= 1
    frame.names, m.assumed = names, assumed
    return m.recorder.supposed_uses > uses, m.recorder.effects > effects
