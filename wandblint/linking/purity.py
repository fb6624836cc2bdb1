"""Which functions change something that their caller can see, told from their text."""

from __future__ import annotations

from wandblint import facts
from wandblint.linking.heap import FunctionInfo
from wandblint.linking.machine import Machine
from wandblint.linking.walk import walk

_CHANGES = frozenset(
    ["append", "add", "update", "extend", "setdefault", "pop", "popitem", "clear", "insert", "remove", "discard", "appendleft", "__setitem__", "setattr", "log", "log_metrics", "log_dict", "add_scalar", "define_metric", "finish"]
)
"""Methods that change their receiver, or tell wandb something."""


def changes_something(m: Machine, info: FunctionInfo) -> bool:
    """Whether a function may change what it is given or what it closes over: it assigns to an attribute, an
    item or a global, calls a method that changes its receiver, or calls a method of its own class that does."""
    if info not in m.impure:
        # A method that calls itself changes no more than the rest of it does.
        m.impure[info] = False
        m.impure[info] = _changes(m, info)
    return m.impure[info]


def _changes(m: Machine, info: FunctionInfo) -> bool:
    for node in walk(info.node):
        if isinstance(node, facts.Assign):
            if any(not isinstance(target, facts.Name) and _reaches_out(target) for target in node.targets):
                return True
        elif (isinstance(node, (facts.AugAssign, facts.For)) and _reaches_out(node.target)) or isinstance(node, (facts.Delete, facts.Scope)) or (isinstance(node, facts.Attr) and (
            node.attr in _CHANGES or node.attr in m.interesting or _own_method_changes(m, info, node)
        )) or (isinstance(node, facts.Name) and node.id in {"setattr", "super"}):
            return True
    return False


def _reaches_out(target: facts.Expr) -> bool:
    if isinstance(target, facts.Sequence):
        return any(_reaches_out(item) for item in target.items)
    return isinstance(target, (facts.Attr, facts.Subscript))


def _own_method_changes(m: Machine, info: FunctionInfo, node: facts.Attr) -> bool:
    if info.owner is None or not isinstance(node.value, facts.Name):
        return False
    place = m.own_methods(info.owner).get(node.attr)
    return place is not None and changes_something(m, place)
