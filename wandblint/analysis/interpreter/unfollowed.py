"""Calls of project functions that are not followed, because they recur or take too many statements.

Their code is known, but not its path. Nothing is run: the call may log if its code reaches a run, and may
change what its code mentions, and so may the functions and methods that it mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    NONE,
    Class,
    ClassInfo,
    Frame,
    Function,
    FunctionInfo,
    Partial,
    Ref,
    Run,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.logging_reach import function_reaches, held_values, is_local, logs
from wandblint.analysis.interpreter.side_effects import callees, side_effect
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.objects.names import bind, look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import SideEffect
from wandblint.index.walk import walk
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, template


def let_escape_unfollowed(m: Interpreter, function: Function, arguments: Arguments, span: Span) -> None:
    """Applies what a call may do that is not followed: to its arguments, its receiver and variables."""
    effects = _Effects(m, span)
    effects.of_call(function, arguments.values())
    if effects.logs:
        m.recorder.mark_unseen_logging(span)


class _Code:
    """A function with the functions of its file that it calls."""

    def __init__(self, m: Interpreter, function: Function) -> None:
        self.infos: list[FunctionInfo] = [function.info, *callees(m, function.info)]
        self.names = frozenset[str]().union(*(info.identifiers for info in self.infos))
        self.assigned = frozenset(name for info in self.infos for name in _assigned_attributes(info))

    def calls(self, name: str) -> bool:
        """Whether it may call a method: by its name, or as an operator."""
        return name in self.names or name.startswith("__")


class _Effects:
    """What a call may do, with those that it makes."""

    def __init__(self, m: Interpreter, span: Span) -> None:
        self._m, self._span = m, span
        self._unknown = Unknown(SymbolId("changed by", span), "...")
        self._done: set[tuple[FunctionInfo, Value | None]] = set()
        self._changed: set[Value] = set()
        self.logs = False

    def of_call(self, function: Function, given: Iterable[Value] = ()) -> None:
        """Adds the effects of a function, with what it is given."""
        m = self._m
        if (function.info, function.receiver) in self._done:
            return
        self._done.add((function.info, function.receiver))
        effect = side_effect(m, function.info)
        code = _Code(m, function)
        values = [*given, *_attributes(m, function, code.names)]
        self.logs |= function_reaches(m, function) or any(
            isinstance(part, Run) or logs(part) for value in values for part in held_values(m, value)
        )
        if effect is not SideEffect.NONE:
            if effect is SideEffect.ANY or is_local(function):
                values += _variables(m, function, code.names)
            self._rebind(function, code)
            for value in values:
                self._of_value(value, code)

    def _of_value(self, value: Value, code: _Code) -> None:
        """Adds what code may do with a value: change it, and call it or methods of it."""
        m = self._m
        for part in held_values(m, value):
            called = part.function if isinstance(part, Partial) else part
            target = m.heap[part] if isinstance(part, Ref) else None
            if isinstance(called, Function):
                self.of_call(called)
            elif isinstance(target, Instance):
                self._assign_attributes(target, [n for n in code.assigned if n in target.attributes])
                for method in _methods(target, code):
                    self.of_call(replace(method, receiver=part))
            elif part not in self._changed:
                self._changed.add(part)
                if isinstance(target, Dictionary):
                    m.heap.widen(target, template(Hole(self._unknown.symbol, "...")), self._span)
                elif isinstance(target, SequenceObject) and not target.is_tuple:
                    m.heap.havoc(target, self._unknown)

    def _rebind(self, function: Function, code: _Code) -> None:
        """Adds an unknown value to the variables, and attributes of the receiver, that code assigns."""
        m = self._m
        for info in code.infos:
            frame = Frame(info.path, 0, outer=function.frame, info=info, globals=m.modules.get(info.path))
            for node in info.facts_by_kind.of(facts.ScopeDeclaration):
                m.execute([node], frame)
                for name in node.names:
                    bind(m, name, self._unknown, frame)
        instance = None if function.receiver is None else m.heap_instance(function.receiver)
        if instance is not None:
            self._assign_attributes(instance, code.assigned)

    def _assign_attributes(self, instance: Instance, names: Iterable[str]) -> None:
        m = self._m
        for name in sorted(names):
            old = instance.attributes.get(name)
            new = self._unknown if old is None else join((old, self._unknown))
            m.heap.set_attribute(instance, name, new, m.branch)


def _attributes(m: Interpreter, function: Function, names: frozenset[str]) -> Iterator[Value]:
    """The attributes of the receiver, and of its class, with one of the names."""
    receiver = function.receiver
    instance = None if receiver is None else m.heap_instance(receiver)
    cls = receiver.info if isinstance(receiver, Class) else None
    if instance is not None:
        cls = instance.cls
        yield from [value for name, value in instance.attributes.items() if name in names]
    if cls is not None:
        yield from _containers(cls)


def _variables(m: Interpreter, function: Function, names: frozenset[str]) -> Iterator[Value]:
    """The variables with one of the names around a function; of its module, only those that hold objects."""
    scope = function.frame
    while scope is not None and scope is not scope.globals:
        yield from [value for name, value in scope.names.items() if name in names]
        scope = scope.outer
    module = m.modules.get(function.info.path)
    if module is not None:
        known = {*module.initialized, *module.names, *module.pending}
        for value in [look_up(m, name, module) for name in sorted(names & known)]:
            for part in options(value or NONE):
                if isinstance(part, Ref):
                    yield part
                elif isinstance(part, Class):
                    yield from [
                        v for info in mro(part.info) for v in info.attributes.values() if type(v) is Ref
                    ]


def _containers(cls: ClassInfo) -> Iterator[Value]:
    """The objects that a class and its bases hold."""
    for info in mro(cls):
        yield from [value for value in info.attributes.values() if isinstance(value, Ref)]


def _methods(instance: Instance, code: _Code) -> list[Function]:
    """The methods of an instance that code may call."""
    return [
        method
        for info in mro(instance.cls)
        for name, method in info.attributes.items()
        if isinstance(method, Function) and code.calls(name)
    ]


def _assigned_attributes(info: FunctionInfo) -> list[str]:
    by_kind = info.facts_by_kind
    targets = [target for node in by_kind.of(facts.Assign) for target in node.targets]
    targets += [node.target for node in by_kind.of(facts.AugAssign)]
    return [part.attr for target in targets for part in walk(target) if isinstance(part, facts.Attr)]
