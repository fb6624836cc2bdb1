"""What a function calls through the scope around it: the wrapper of a decorator calls its argument."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import EXIT_STACK, External, Frame, Function, Partial, Run, Value
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state.interpreter import Interpreter

_MAX_WRAPPERS = 4
"""A function wrapped more often counts as one that does not reach wandb."""


def calls_tracked(m: Interpreter, function: Function, depth: int = 0) -> bool:
    """Whether a function calls what reaches wandb through a parameter of the function around it.

    Or it changes an exit stack of its module, which may close a run.
    """
    scope = function.frame
    if _uses_stack(m, function):
        return True
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


_STACK_METHODS = frozenset({"close", "aclose", "pop_all", "callback", "push", "enter_context"})


def _uses_stack(m: Interpreter, function: Function) -> bool:
    info, module = function.info, m.modules.get(function.info.path)
    names = {
        node.value.id
        for node in info.facts_by_kind.of(facts.Attr)
        if node.attr in _STACK_METHODS and isinstance(node.value, facts.Name)
    }
    if module is None or not names:
        return False
    frame = Frame(info.path, module.context, outer=function.frame, globals=module)
    values = [look_up(m, name, frame) for name in sorted(names)]
    return any(
        isinstance(option, External) and option.path == EXIT_STACK
        for value in values
        if value is not None
        for option in options(value)
    )
