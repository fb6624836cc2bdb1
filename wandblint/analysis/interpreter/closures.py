"""What a function calls through the scope around it: the wrapper of a decorator calls its argument."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import External, Function, Partial, Run, Value
from wandblint.analysis.state.interpreter import Interpreter

_MAX_WRAPPERS = 4
"""A function wrapped more often counts as one that does not reach wandb."""


def calls_tracked(m: Interpreter, function: Function, depth: int = 0) -> bool:
    """Whether a function calls what reaches wandb through a parameter of the function around it."""
    scope = function.frame
    if scope is None or scope.info is None or depth > _MAX_WRAPPERS:
        return False
    params = {param.name for param in scope.info.params}
    called = {
        node.func.id
        for node in function.info.facts_by_kind.of(facts.Call)
        if isinstance(node.func, facts.Name)
    }
    return any(
        _is_tracked(m, option, depth)
        for name in sorted(params & called)
        for option in options(scope.names.get(name, function))
    )


def _is_tracked(m: Interpreter, value: Value, depth: int) -> bool:
    if isinstance(value, Partial):
        return _is_tracked(m, value.function, depth)
    if isinstance(value, Function):
        return value.info.name in m.reaches_wandb or calls_tracked(m, value, depth + 1)
    return isinstance(value, External) and (
        isinstance(value.receiver, Run) or value.path.startswith("wandb.")
    )
