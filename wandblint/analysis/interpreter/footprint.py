"""The footprint of a project function: what its code may change, for calls that are not followed."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import NONE, Class, Frame, Function, FunctionInfo, Ref, Unknown, Value
from wandblint.analysis.interpreter.logging_reach import is_local
from wandblint.analysis.interpreter.side_effects import callees, side_effect
from wandblint.analysis.objects.classes import mro
from wandblint.analysis.objects.names import bind, look_up
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import SideEffect
from wandblint.index.walk import walk
from wandblint.span import Span
from wandblint.template import SymbolId


def footprint(m: Interpreter, function: Function) -> list[Value]:
    """What a call may change besides its arguments: what attributes of the receiver and variables hold."""
    code = [function.info, *callees(m, function.info)]
    names = frozenset[str]().union(*(info.identifiers for info in code))
    held = list(_attributes(m, function, names))
    if side_effect(m, function.info) is SideEffect.ANY or is_local(function):
        held += _variables(m, function, names)
    parts = [option for value in held for option in options(value)]
    # The functions of the call itself are part of `code`; they would be called again and again.
    return [part for part in parts if not (isinstance(part, Function) and part.info in code)]


def _attributes(m: Interpreter, function: Function, names: frozenset[str]) -> Iterator[Value]:
    """The attributes of the receiver, and of its class, with one of the names."""
    receiver = function.receiver
    instance = None if receiver is None else m.heap_instance(receiver)
    cls = receiver.info if isinstance(receiver, Class) else None
    if instance is not None:
        cls = instance.cls
        yield from [value for name, value in instance.attributes.items() if name in names]
    for info in () if cls is None else mro(cls):
        yield from [v for name, v in info.attributes.items() if name in names and type(v) is Ref]


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
            yield from [part for part in options(value or NONE) if isinstance(part, (Ref, Class))]


def rebind(m: Interpreter, function: Function, span: Span) -> None:
    """Adds an unknown value to the variables and the attributes of the receiver that a call may assign."""
    unknown = Unknown(SymbolId("changed by", span), function.info.name)
    instance = None if function.receiver is None else m.heap_instance(function.receiver)
    for info in (function.info, *callees(m, function.info)):
        frame = Frame(info.path, 0, outer=function.frame, info=info, globals=m.modules.get(info.path))
        for node in info.facts_by_kind.of(facts.ScopeDeclaration):
            m.execute([node], frame)
            for name in node.names:
                bind(m, name, unknown, frame)
        if instance is not None:
            for name in _assigned_attributes(info):
                old = instance.attributes.get(name)
                new = unknown if old is None else join((old, unknown))
                m.heap.set_attribute(instance, name, new, m.branch)


def _assigned_attributes(info: FunctionInfo) -> list[str]:
    by_kind = info.facts_by_kind
    targets = [target for node in by_kind.of(facts.Assign) for target in node.targets]
    targets += [node.target for node in by_kind.of(facts.AugAssign)]
    return [part.attr for target in targets for part in walk(target) if isinstance(part, facts.Attr)]
