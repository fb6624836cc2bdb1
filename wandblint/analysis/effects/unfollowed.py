"""Calls of project functions that are not followed, because they recur or take too many statements.

Their code is known, but not its path. Nothing is run: the call may log if its code reaches a run, and may
change what its code mentions, and so may the functions and methods that it mentions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter

from msgspec.structs import replace

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import (
    NONE,
    Class,
    ClassInfo,
    External,
    Frame,
    Function,
    FunctionInfo,
    Imported,
    Module,
    Partial,
    Ref,
    Run,
    Thunk,
    Unknown,
    Value,
)
from wandblint.analysis.effects.logging_reach import function_reaches, held_values, is_local, logs
from wandblint.analysis.effects.side_effects import side_effect, summary_of
from wandblint.analysis.objects.classes import containers, find_in_class, mro
from wandblint.analysis.objects.names import bind, look_up, member
from wandblint.analysis.project.call_graph import Global
from wandblint.analysis.project.callees import CONSTRUCTORS
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.module_frame import ModuleFrame
from wandblint.analysis.state.summaries import FunctionSummary, SideEffect
from wandblint.semantics.frameworks import opens_no_run
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, template


def let_escape_unfollowed(m: Interpreter, function: Function, arguments: Arguments, span: Span) -> None:
    """Applies what a call may do that is not followed: to its arguments, its receiver and variables."""
    reach = _Reach(m, function, arguments)
    distinct = {(called.info, called.frame): called for called in reach.functions}.values()
    if any(function_reaches(m, called) for called in distinct) or any(map(_is_run, reach.objects)):
        run_state.mark_unseen_logging(m, span)
    if any(side_effect(m, called.info) is not SideEffect.NONE for called in distinct):
        for called in distinct:
            _rebind(m, called)
        for called in reach.functions:
            _add_attributes(m, called)
        for value in reach.objects:
            if isinstance(value, Ref):
                _change(m, value, None if reach.assigns_any else reach.assigned, span)


def unfollowed_result(m: Interpreter, function: Function, arguments: Arguments, unknown: Unknown) -> Value:
    """What a call that is not followed returns: something unknown, or what it was given: `return self`."""
    info, receiver = function.info, function.receiver
    given = dict(zip((param.name for param in info.params), _positional(function, arguments), strict=False))
    given |= {name: value for name, (value, _) in arguments.keywords.items()}
    instance = None if receiver is None else m.heap_instance(receiver)
    found: list[Value] = [unknown]
    for node in info.facts_by_kind.of(facts.Return):
        match node.value:
            case facts.Name(id=name) if name in given:
                found.append(given[name])
            case facts.Attr(value=facts.Name(), attr=name) if (
                instance is not None and name in instance.attributes
            ):
                found.append(instance.attributes[name])
    return join(found)


def objects_of_call(m: Interpreter, function: Function, arguments: Arguments) -> list[Ref]:
    """The objects that a call gets, or that its code finds in the variables around it."""
    values = [*_positional(function, arguments), *(value for value, _ in arguments.keywords.values())]
    values += [value for _, value in function.defaults]
    values += _variables(m, function, summary_of(m, function.info).names)
    return [option for value in values for option in _evaluated(m, value) if isinstance(option, Ref)]


def _evaluated(m: Interpreter, value: Value) -> Iterator[Value]:
    """The alternatives of a value; of a thunk, those of its result if that is known already."""
    for option in options(value):
        yield from (
            options(m.thunks.forced.get(option.key, option)) if isinstance(option, Thunk) else (option,)
        )


def _positional(function: Function, arguments: Arguments) -> list[Value]:
    receiver = [] if function.receiver is None else [function.receiver]
    return [*receiver, *(value for value, _ in arguments.positional)]


class _Reach:
    """The functions that a call may run, the objects that these get or mention, and their names."""

    def __init__(self, m: Interpreter, function: Function, arguments: Arguments) -> None:
        self._m = m
        self.functions: dict[Function, None] = {}
        self._imported: dict[Function, None] = {}
        self.objects: dict[Value, None] = {}
        self._added: set[Value] = set()
        self._methods_found: dict[Value, int] = {}
        """How many methods of an object have been found so far: code that is found mentions more."""
        self._looked_at: set[FunctionInfo | ClassInfo] = set()
        """What has been looked at: what code mentions and a class holds does not depend on the receiver."""
        self.names: set[str] = set()
        self.assigned: set[str] = set()
        """The attributes that the code assigns."""
        self.assigns_any = False
        """Whether it may assign any attribute, like `setattr`."""
        self._add(arguments.values())
        waiting = [function]
        while waiting:
            for called in waiting:
                self._run(called)
            waiting = [found for found in dict.fromkeys(self._called()) if found not in self.functions]

    def _run(self, function: Function) -> None:
        m, info = self._m, function.info
        self.functions[function] = None
        summary = summary_of(m, info)
        if function.receiver is not None:
            self.objects[function.receiver] = None
        self._add(value for _, value in function.defaults)
        self._add(self._attributes(function, summary.names))
        is_new = info not in self._looked_at
        if is_local(function) or (is_new and summary.side_effect is SideEffect.ANY):
            self._add(_variables(m, function, summary.names))
        if is_new:
            self._look_at(summary)

    def _look_at(self, summary: FunctionSummary) -> None:
        """Adds what the code of a function mentions, whoever calls it."""
        self.names |= summary.names
        self.assigned |= summary.assigned
        self.assigns_any |= not summary.names.isdisjoint(_ATTRIBUTE_WRITERS)
        new = [info for info in summary.code if info not in self._looked_at]
        self._looked_at.update(new)
        for called in called_by_name(self._m, summary, new):
            self._imported.update(dict.fromkeys(functions_of(called)))

    def _attributes(self, function: Function, names: frozenset[str]) -> Iterator[Value]:
        """The attributes of the receiver with one of the names, and the objects that its class holds."""
        receiver = function.receiver
        instance = None if receiver is None else self._m.heap_instance(receiver)
        cls = receiver.info if isinstance(receiver, Class) else None
        if instance is not None:
            cls = instance.cls
            yield from [value for name, value in instance.attributes.items() if name in names]
        if cls is not None and cls not in self._looked_at:
            self._looked_at.add(cls)
            yield from containers(cls)

    def _add(self, values: Iterable[Value]) -> None:
        for value in values:
            if value not in self._added:
                self._added.add(value)
                self.objects.update(dict.fromkeys(held_values(self._m, value)))

    def _called(self) -> Iterator[Function]:
        """The imported functions, those among the objects, and methods of these that the code mentions."""
        yield from self._imported
        methods: dict[ClassInfo, list[Function]] = {}
        for value in self.objects:
            called = value.function if isinstance(value, Partial) else value
            if isinstance(called, Function):
                yield called
            elif (instance := self._m.heap_instance(value)) is not None:
                if instance.cls not in methods:
                    methods[instance.cls] = [*self._mentioned_methods(instance.cls)]
                if self._methods_found.get(value) != len(methods[instance.cls]):
                    self._methods_found[value] = len(methods[instance.cls])
                    yield from (replace(method, receiver=value) for method in methods[instance.cls])

    def _mentioned_methods(self, cls: ClassInfo) -> Iterator[Function]:
        for info in mro(cls):
            for name, method in info.attributes.items():
                if isinstance(method, Function) and (name in self.names or _is_implicit(name)):
                    yield method


_ATTRIBUTE_WRITERS = frozenset({"__dict__", "__setattr__", "delattr", "eval", "exec", "setattr", "vars"})
"""Names in code that may assign attributes under names that it does not show."""


def _is_implicit(name: str) -> bool:
    """Whether code may call a method of an object that exists without its name: an operator, a protocol."""
    return name.startswith("__") and name not in CONSTRUCTORS


def _is_run(value: Value) -> bool:
    return isinstance(value, Run) or logs(value)


def _rebind(m: Interpreter, function: Function) -> None:
    """Adds an unknown value to the variables that a function declares `global` or `nonlocal`."""
    for info in summary_of(m, function.info).code:
        frame = Frame(info.path, 0, outer=function.frame, info=info, globals=m.modules.get(info.path))
        for node in info.facts_by_kind.of(facts.ScopeDeclaration):
            m.execute([node], frame)
            for name in node.names:
                bind(m, name, _changed(info.path, name), frame)


def _add_attributes(m: Interpreter, function: Function) -> None:
    """Adds the attributes to the receiver of a method that its code assigns and that it lacks so far."""
    receiver = function.receiver
    target = m.heap[receiver] if isinstance(receiver, Ref) else None
    if isinstance(receiver, Ref) and isinstance(target, Instance):
        for name in sorted(summary_of(m, function.info).assigned - target.attributes.keys()):
            m.heap.set_attribute(target, name, _changed(receiver.address, name), m.branch)


def _change(m: Interpreter, ref: Ref, assigned: set[str] | None, span: Span) -> None:
    """Adds unknown items to a dictionary or list, unknown values to the `assigned` attributes (None: all)."""
    target = m.heap[ref]
    if isinstance(target, Dictionary):
        m.heap.widen(target, template(Hole(_changed(ref.address).symbol, "...")), span)
    elif isinstance(target, SequenceObject) and not target.is_tuple:
        m.heap.havoc(target, _changed(ref.address))
    elif isinstance(target, Instance):
        inherited = _class_variables(target) if assigned is None else {}
        for name, value in sorted((inherited | target.attributes).items(), key=itemgetter(0)):
            if assigned is None or name in assigned:
                m.heap.set_attribute(target, name, join((value, _changed(ref.address, name))), m.branch)


def _class_variables(instance: Instance) -> dict[str, Value]:
    """The attributes that an instance finds in its class, without methods."""
    found: dict[str, Value] = {}
    for info in reversed(mro(instance.cls)):
        found.update(info.attributes)
    return {name: value for name, value in found.items() if not isinstance(value, (Function, Class))}


def _changed(*place: int | str) -> Unknown:
    """What a place may hold: one symbol per place, so that several calls add it once."""
    return Unknown(SymbolId("changed", *place), "...")


def called_by_name(m: Interpreter, summary: FunctionSummary, code: Iterable[FunctionInfo]) -> Iterator[Value]:
    """What `code`, part of a summary, calls by a name of its module: functions and classes, also imported."""
    for info in code:
        module = m.modules.get(info.path)
        if module is None:
            continue
        for name, attribute in summary.calls[info]:
            value = look_up(m, name, module)
            if isinstance(value, Module) and attribute:
                value = member(m, value.path, attribute)
            yield from options(value or NONE)


def runs_unknown_code(m: Interpreter, function: Function) -> bool:
    """Whether a call runs code of a package about which nothing is known: it may open a run."""
    summary = summary_of(m, function.info)
    called = called_by_name(m, summary, summary.code)
    return any(isinstance(value, External) and not opens_no_run(value.path) for value in called)


def functions_of(called: Value) -> list[Function]:
    """The functions that a call of a project function or class runs first."""
    if isinstance(called, Function):
        return [called]
    if not isinstance(called, Class):
        return []
    found = [find_in_class(called.info, name) for name in CONSTRUCTORS]
    return [function for function in found if isinstance(function, Function)]


def _variables(m: Interpreter, function: Function, names: frozenset[str]) -> Iterator[Value]:
    """The variables with one of the names around a function; of its module, only those that hold objects."""
    scope = function.frame
    while scope is not None and scope is not scope.globals:
        yield from [value for name, value in scope.names.items() if name in names]
        scope = scope.outer
    module = m.modules.get(function.info.path)
    if module is not None:
        known = (module.initialized, module.names, module.slices)
        bound = set[str]().union(*(names & variables.keys() for variables in known))
        for name in sorted(bound):
            if _may_hold_objects(m, module, name):
                for part in _evaluated(m, look_up(m, name, module) or NONE):
                    if isinstance(part, Ref):
                        yield part
                    elif isinstance(part, Class):
                        yield from containers(part.info)


def _may_hold_objects(m: Interpreter, module: ModuleFrame, name: str) -> bool:
    """Whether a variable may hold an object: what is a function needs no look at its module's code."""
    value = module.names.get(name, module.initialized.get(name))
    if value is not None and not isinstance(value, Imported):
        return True
    targets = [Global(module.path, name) if value is None else Global(value.path, value.name)]
    for target in targets:
        definition = m.project.definition(*target)
        if definition.holds_objects:
            return True
        targets += [other for other in definition.others if other not in targets]
    return False
