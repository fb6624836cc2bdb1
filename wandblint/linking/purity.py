"""Which functions change something that their caller can see, told from their text."""

from __future__ import annotations

from wandblint import facts
from wandblint.linking.heap import FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.values import Function
from wandblint.linking.walk import root_of, walk

CHANGES = frozenset(
    {"append", "appendleft", "extend", "insert", "add", "update", "setdefault", "__setitem__", "setattr"}
    | {"pop", "popitem", "remove", "discard", "clear"}
    | {"log", "log_metrics", "log_dict", "add_scalar", "define_metric", "finish"}
)
"""Methods that change their receiver, or tell wandb something."""

_LOOSE = frozenset({"setattr", "super", "exec", "eval"})
"""Builtins behind which anything may be changed."""

_FRESH = (facts.DictLiteral, facts.Sequence, facts.Comprehension, facts.Call)
"""Expressions that make a new object, or get one from a call."""


def changes_something(m: Machine, info: FunctionInfo) -> bool:
    """Whether a function may change what it is given or what it closes over.

    It does so where it assigns to an attribute, an item or a global, calls a method that changes its
    receiver, or calls a method of its own class that does.
    """
    if info not in m.impure:
        # A method that calls itself changes no more than the rest of it does.
        m.impure[info] = False
        m.impure[info] = _changes(m, info)
    return m.impure[info]


def _changes(m: Machine, info: FunctionInfo) -> bool:
    own = _own_names(info)
    params = {param.name for param in info.params}
    for node in walk(info.node):
        if isinstance(node, facts.Assign):
            if any(_reaches_out(target, own) for target in node.targets):
                return True
        elif isinstance(node, (facts.AugAssign, facts.For)):
            if _reaches_out(node.target, own):
                return True
        elif isinstance(node, facts.Scope):
            return True
        elif isinstance(node, facts.Delete):
            if any(_reaches_out(target, own) for target in node.targets):
                return True
        elif isinstance(node, facts.Call):
            # What a caller hands over to be called may do anything.
            if isinstance(node.func, facts.Name) and (node.func.id in params or node.func.id in _LOOSE):
                return True
        elif isinstance(node, facts.Attr) and (
            node.attr in m.interesting
            or (node.attr in CHANGES and root_of(node.value) not in own)
            or _own_method_changes(m, info, node)
        ):
            return True
    return False


def _own_names(info: FunctionInfo) -> frozenset[str]:
    """The names that a function makes itself: until it hands them out, nobody else sees them change."""
    if isinstance(info.node, facts.Lambda):
        return frozenset()
    made = {
        target.id
        for node in walk(*info.node.body, into_scopes=False)
        if isinstance(node, facts.Assign)
        for target in node.targets
        if isinstance(target, facts.Name) and isinstance(node.value, _FRESH)
    }
    return frozenset(made - {param.name for param in info.params})


def _reaches_out(target: facts.Expr, own: frozenset[str]) -> bool:
    if isinstance(target, facts.Sequence):
        return any(_reaches_out(item, own) for item in target.items)
    return isinstance(target, (facts.Attr, facts.Subscript)) and root_of(target.value) not in own


def _own_method_changes(m: Machine, info: FunctionInfo, node: facts.Attr) -> bool:
    if info.owner is None or not isinstance(node.value, facts.Name):
        return False
    method = info.owner.attributes.get(node.attr)
    return isinstance(method, Function) and changes_something(m, method.info)
