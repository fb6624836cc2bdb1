"""Which functions change something that their caller can see, told from their text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.analysis.domain.values import FunctionInfo
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.analysis.state.summaries import SideEffect
from wandblint.index.walk import base_name, target_names, walk
from wandblint.semantics.heuristics import MUTATING_METHODS

_DYNAMIC = frozenset({"setattr", "super", "exec", "eval"})
"""Builtins behind which anything may be changed."""

_BINDERS: tuple[type[facts.Node], ...] = (facts.Assign, facts.For, facts.CompLoop)

_FRESH = (facts.DictLiteral, facts.Sequence, facts.Comprehension, facts.Call)
"""Expressions that make a new object, or get one from a call."""


def has_side_effect(m: Interpreter, info: FunctionInfo) -> bool:
    """Whether a function may change what it is given or what it closes over."""
    return side_effect(m, info) is not SideEffect.NONE


def side_effect(m: Interpreter, info: FunctionInfo) -> SideEffect:
    """What a function may change.

    It changes something where it assigns to an attribute, an item or a global, calls a method that changes
    its receiver, or calls a method of its own class that does, itself or through others.
    """
    if info not in m.summaries.side_effects:
        found = _own_side_effect(m, info)
        if found is SideEffect.NONE and any(_own_side_effect(m, other) for other in _own_methods(m, info)):
            found = SideEffect.ARGUMENTS
        m.summaries.side_effects[info] = found
    return m.summaries.side_effects[info]


def _own_methods(m: Interpreter, info: FunctionInfo) -> Iterator[FunctionInfo]:
    """The methods of its own class that a method calls, and those that these call."""
    met, waiting = {info}, [info] if info.owner is not None else []
    while waiting:
        for node in waiting.pop().facts_by_kind.of(facts.Attr):
            if info.owner is not None and isinstance(node.value, facts.Name):
                method = m.functions.method(info.owner, node.attr)
                if method is not None and method not in met:
                    met.add(method)
                    waiting.append(method)
                    yield method


def _own_side_effect(m: Interpreter, info: FunctionInfo) -> SideEffect:
    """What a function may change without the methods of its own class."""
    if info not in m.summaries.own_side_effects:
        m.summaries.own_side_effects[info] = _side_effects_of_body(m, info)
    return m.summaries.own_side_effects[info]


def _side_effects_of_body(m: Interpreter, info: FunctionInfo) -> SideEffect:
    seen = info.facts_by_kind
    if seen.of(facts.Scope) or any(node.attr in m.reaches_wandb for node in seen.of(facts.Attr)):
        return SideEffect.ANY
    names = _Names.of(info)
    targets = [target for node in seen.of(facts.Assign) for target in node.targets]
    targets += [target for node in seen.of(facts.Delete) for target in node.targets]
    targets += [node.target for node in seen.of(facts.AugAssign)]
    targets += [node.target for node in seen.of(facts.For)]
    found = max(map(names.reach, targets), default=SideEffect.NONE)
    called = {node.func.id for node in seen.of(facts.Call) if isinstance(node.func, facts.Name)}
    if not called.isdisjoint(_DYNAMIC):
        return SideEffect.ANY
    if not called.isdisjoint(names.params):
        # What a caller hands over to be called may do anything.
        found = max(found, SideEffect.ARGUMENTS)
    for node in seen.of(facts.Attr):
        if node.attr in MUTATING_METHODS:
            found = max(found, names.reach_of(node.value))
    return found


class _Names(msgspec.Struct):
    """What the names in a function stand for, as far as its text tells."""

    params: set[str]
    made: set[str]
    """New objects: until the function hands them out, nobody else sees them change."""
    given: set[str]
    """Parameters, and what was taken from them."""

    @classmethod
    def of(cls, info: FunctionInfo) -> _Names:
        """The names of a function."""
        params = {param.name for param in info.params}
        # `*args` and `**kwargs` are made for the call.
        made = {param.name for param in info.params if param.kind in {"*", "**"}}
        bound: dict[str, list[facts.Expr]] = defaultdict(list)
        kinds = () if isinstance(info.node, facts.Lambda) else _BINDERS
        binders = [node for kind in kinds for node in info.facts_by_kind[kind]]
        for node in sorted(binders, key=lambda node: node.start):
            for target, value in _bindings(node):
                for name in target_names(target):
                    bound[name].append(value)
        made |= {
            name for name, values in bound.items() if any(isinstance(v, _FRESH) for v in values)
        } - params
        given = params - made
        for name, values in bound.items():
            if name not in made and all(_mentioned(value) <= given | made for value in values):
                given.add(name)
        return cls(params, made, given)

    def reach(self, target: facts.Expr) -> SideEffect:
        """What an assignment changes."""
        if isinstance(target, facts.Sequence):
            return max(map(self.reach, target.items), default=SideEffect.NONE)
        if isinstance(target, (facts.Attr, facts.Subscript)):
            return self.reach_of(target.value)
        return SideEffect.NONE

    def reach_of(self, changed: facts.Expr) -> SideEffect:
        """What a change of an object is seen by."""
        root = base_name(changed)
        return (
            SideEffect.NONE
            if root in self.made
            else SideEffect.ARGUMENTS
            if root in self.given
            else SideEffect.ANY
        )


def _bindings(node: facts.Node) -> Iterator[tuple[facts.Expr, facts.Expr]]:
    if isinstance(node, facts.Assign) and node.value is not None:
        for target in node.targets:
            # The parts of what a call returns may be anybody's.
            is_name = isinstance(target, facts.Name)
            yield target, node.value if is_name else facts.Other(node.start, node.end, [node.value])
    elif isinstance(node, (facts.For, facts.CompLoop)):
        yield node.target, facts.Other(node.start, node.end, [node.iter])


def _mentioned(value: facts.Expr) -> set[str]:
    return {node.id for node in walk(value) if isinstance(node, facts.Name)} - _READS_ONLY


_READS_ONLY = frozenset({"enumerate", "zip", "sorted", "reversed", "list", "tuple", "tqdm", "range", "len"})
"""Functions that give what they are given."""
