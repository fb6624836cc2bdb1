"""Side effects of functions that their callers can observe, derived from their facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import ClassInfo, Function, FunctionInfo, Ref
from wandblint.analysis.objects.classes import find_in_class, mro
from wandblint.analysis.project.call_graph import Global
from wandblint.analysis.project.callees import CONSTRUCTORS
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import FunctionSummary, SideEffect
from wandblint.index.walk import base_name, last_word, statements, target_names, walk
from wandblint.semantics.heuristics import MUTATING_METHODS

_DYNAMIC = frozenset({"setattr", "delattr", "super", "exec", "eval", "globals", "locals", "vars"})
"""Builtins that may change anything."""

_BINDERS: tuple[type[facts.Node], ...] = (facts.Assign, facts.For, facts.CompLoop)

_FRESH = (facts.DictLiteral, facts.Sequence, facts.Comprehension, facts.Call)
"""Expressions that create an object or get one from a call."""


def has_side_effect(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function may change its arguments or its closure."""
    return side_effect(m, info) is not SideEffect.NONE


def side_effect(m: Interpreter, info: FunctionInfo) -> SideEffect:
    """What a function may change, itself or through functions of its file that it calls by their names.

    It changes something where it assigns to an attribute, an item or a global, or calls a mutating method.
    """
    return summary_of(m, info).side_effect


def constructor_side_effect(m: Interpreter, cls: ClassInfo) -> SideEffect:
    """What the creation of an instance may change besides the instance."""
    constructors = {
        function.info: None
        for info in mro(cls)
        for name in CONSTRUCTORS
        if isinstance(function := info.attributes.get(name), Function)
    }
    effects = [_side_effect_of_constructor(m, info) for info in constructors]
    if any(_uses_class_container(cls, info) for info in constructors):
        effects.append(SideEffect.ANY)
    return max(effects, default=SideEffect.NONE)


def _uses_class_container(cls: ClassInfo, info: FunctionInfo) -> bool:
    """Whether a constructor mentions a list or dictionary that all instances share: `self.registry`."""
    return any(
        isinstance(find_in_class(cls, node.attr), Ref)
        for node in info.facts_by_kind.of(facts.Attr)
        if isinstance(node.value, (facts.Name, facts.Call, facts.Attr))
    )


def _side_effect_of_constructor(m: Interpreter, info: FunctionInfo) -> SideEffect:
    if info not in m.summaries.constructor_effects:
        m.summaries.constructor_effects[info] = _side_effects_of_body(m, info, is_constructor=True)
    # Its methods may change the new instance; another object only if it is no argument of theirs.
    if info.name == "__new__" and m.summaries.constructor_effects[info] is not SideEffect.NONE:
        return SideEffect.ANY  # the class
    is_any = any(_own_side_effect(m, other) is SideEffect.ANY for other in summary_of(m, info).code[1:])
    return SideEffect.ANY if is_any else m.summaries.constructor_effects[info]


def summary_of(m: Interpreter, info: FunctionInfo) -> FunctionSummary:
    """The summary of a function, which is computed once; its code is recorded as a dependency."""
    starts = m.project.callees(*info.id)
    summary = m.summaries.functions.get(info)
    if summary is None:
        code = (info, *(m.functions.function_at((info.path, start)) for start in starts))
        parts = list(map(_mentions, code))
        summary = m.summaries.functions[info] = FunctionSummary(
            code,
            frozenset[str]().union(*(part.identifiers for part in code)),
            frozenset[str]().union(*(part.assigned for part in parts)),
            dict(zip(code, (part.calls for part in parts), strict=True)),
            frozenset[str]().union(*(part.passed_to for part in parts)),
            max(_own_side_effect(m, part) for part in code),
        )
    return summary


class _Mentions(NamedTuple):
    """What a single function mentions; the fields are those of FunctionSummary."""

    assigned: frozenset[str]
    calls: tuple[tuple[str, str], ...]
    passed_to: frozenset[str]


@cache
def _mentions(info: FunctionInfo) -> _Mentions:
    by_kind = info.facts_by_kind
    targets = [target for node in by_kind.of(facts.Assign) for target in node.targets]
    targets += [node.target for node in by_kind.of(facts.AugAssign)]
    assigned = {part.attr for target in targets for part in walk(target) if isinstance(part, facts.Attr)}
    calls: dict[tuple[str, str], None] = {}
    passed_to = set[str]()
    for node in by_kind.of(facts.Call):
        match node.func:
            case facts.Name(id=name):
                calls[name, ""] = None
            case facts.Attr(value=facts.Name(id=name), attr=attribute):
                calls[name, attribute] = None
        if node.args or isinstance(node.func, facts.Attr):
            passed_to.add(base_name(node.func))
    return _Mentions(frozenset(assigned), tuple(calls), frozenset(passed_to - {""}))


def imported_callees(m: Interpreter, info: FunctionInfo) -> list[FunctionInfo]:
    """The functions of other files that a function may call, by the names that it imports, transitively."""
    reached = {info.id: None}
    visited: set[Global] = set()
    waiting = [info.id]
    while waiting:
        names = m.project.globals_called(*waiting.pop())
        while names:
            name = names.pop()
            if name not in visited:
                visited.add(name)
                definition = m.project.definition(*name)
                found = [(name.path, start) for start in definition.functions]
                waiting += [function for function in found if function not in reached]
                reached.update(dict.fromkeys(found))
                names += definition.others
    return [m.functions.function_at(function) for function in reached if function[0] != info.path]


def _own_side_effect(m: Interpreter, info: FunctionInfo) -> SideEffect:
    """What a function may change without calling others."""
    if info not in m.summaries.own_side_effects:
        m.summaries.own_side_effects[info] = _side_effects_of_body(m, info)
    return m.summaries.own_side_effects[info]


def _side_effects_of_body(m: Interpreter, info: FunctionInfo, *, is_constructor: bool = False) -> SideEffect:
    by_kind = info.facts_by_kind
    if by_kind.of(facts.ScopeDeclaration) or (
        info.path not in m.relevant and any(node.attr in m.reaches_wandb for node in by_kind.of(facts.Attr))
    ):
        return SideEffect.ANY
    names = _Names.of(info, is_constructor=is_constructor)
    targets = [target for node in by_kind.of(facts.Assign) for target in node.targets]
    targets += [target for node in by_kind.of(facts.Delete) for target in node.targets]
    targets += [node.target for node in by_kind.of(facts.AugAssign)]
    targets += [node.target for node in by_kind.of(facts.For)]
    effect = max(map(names.of_assignment, targets), default=SideEffect.NONE)
    called = {node.func.id for node in by_kind.of(facts.Call) if isinstance(node.func, facts.Name)}
    if not called.isdisjoint(_DYNAMIC - ({"super"} if is_constructor else set())):
        return SideEffect.ANY
    if not called.isdisjoint(names.params):
        # A callable that the caller passes may do anything.
        effect = max(effect, SideEffect.ARGUMENTS)
    for node in by_kind.of(facts.Attr):
        if node.attr in MUTATING_METHODS:
            effect = max(effect, names.of_change(node.value))
    return effect


class _Names(msgspec.Struct):
    """The origins of the names in a function, as far as its facts tell."""

    params: set[str]
    fresh: set[str]
    """Names of new objects, which no caller sees change until they escape."""
    from_arguments: set[str]
    """Parameters, and names derived from them."""

    @classmethod
    def of(cls, info: FunctionInfo, *, is_constructor: bool = False) -> _Names:
        """Classifies the names of a function; the receiver of a constructor is a new object."""
        params = {param.name for param in info.params}
        # `*args` and `**kwargs` are new objects of the call.
        fresh = {param.name for param in info.params if param.kind in {"*", "**"}}
        if is_constructor and info.name != "__new__":
            fresh.update(param.name for param in info.params[:1])
        bound: dict[str, list[facts.Expr]] = defaultdict(list)
        kinds = () if isinstance(info.node, facts.Lambda) else _BINDERS
        binders = [node for kind in kinds for node in info.facts_by_kind[kind]]
        for node in sorted(binders, key=lambda node: node.start):
            for target, value in _bindings(node):
                for name in target_names(target):
                    bound[name].append(value)
        fresh |= {
            name for name, values in bound.items() if any(isinstance(value, _FRESH) for value in values)
        } - params
        from_arguments = params - fresh
        for name, values in bound.items():
            if name not in fresh and all(_names_in(value) <= from_arguments | fresh for value in values):
                from_arguments.add(name)
        return cls(params, fresh, from_arguments)

    def of_assignment(self, target: facts.Expr) -> SideEffect:
        """The side effect of an assignment to a target."""
        if isinstance(target, facts.Sequence):
            return max(map(self.of_assignment, target.items), default=SideEffect.NONE)
        if isinstance(target, (facts.Attr, facts.Subscript)):
            return self.of_change(target.value)
        return SideEffect.NONE

    def of_change(self, changed: facts.Expr) -> SideEffect:
        """The side effect of changing an object."""
        name = base_name(changed)
        return (
            SideEffect.NONE
            if name in self.fresh
            else SideEffect.ARGUMENTS
            if name in self.from_arguments
            else SideEffect.ANY
        )


def _bindings(node: facts.Node) -> Iterator[tuple[facts.Expr, facts.Expr]]:
    if isinstance(node, facts.Assign) and node.value is not None:
        for target in node.targets:
            # Anything may own the parts of what a call returns.
            is_name = isinstance(target, facts.Name)
            yield target, node.value if is_name else facts.Other(node.start, node.end, [node.value])
    elif isinstance(node, (facts.For, facts.CompLoop)):
        yield node.target, facts.Other(node.start, node.end, [node.iter])


def _names_in(value: facts.Expr) -> set[str]:
    return {node.id for node in walk(value) if isinstance(node, facts.Name)} - _PASS_THROUGH


_PASS_THROUGH = frozenset({"enumerate", "zip", "sorted", "reversed", "list", "tuple", "tqdm", "range", "len"})
"""Functions that return their arguments or the items of them."""


def only_raises(info: FunctionInfo) -> bool:
    """Whether a function ends in raising an error, so that the code after a call of it does not run."""
    body = info.node.body if isinstance(info.node, facts.FunctionDef) else []
    return bool(body) and isinstance(body[-1], facts.Raise)


_EXITS = frozenset({"exit", "quit", "_exit", "SystemExit"})
"""What ends the process, by last word."""


def may_end_process(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function, or one of its file that it calls, may end the process: `sys.exit`."""
    return not _EXITS.isdisjoint(summary_of(m, info).names)


def is_abstract(info: FunctionInfo) -> bool:
    """Whether a function raises `NotImplementedError`, so that a subclass is to override it."""
    body = info.node.body if isinstance(info.node, facts.FunctionDef) else []
    errors = [node.value for node in statements(*body, into_scopes=False) if isinstance(node, facts.Raise)]
    return any(error is not None and "NotImplemented" in last_word(error) for error in errors)
