"""Decorators that may keep a function from running on some processes of a job."""

from __future__ import annotations

from wandblint import facts
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import (
    Class,
    External,
    Frame,
    Function,
    FunctionInfo,
    Partial,
    Unknown,
    Value,
)
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import end_of, last_word, walk
from wandblint.semantics.heuristics import (
    ENTRY_DECORATORS,
    HARMLESS_DECORATOR_LIBRARIES,
    HARMLESS_DECORATORS,
)
from wandblint.semantics.ranks import asks_rank

_TESTS = (facts.If, facts.Conditional, facts.Bool, facts.Match, facts.While, facts.Try)


def note_decorator(
    m: Interpreter, info: FunctionInfo, decorator: facts.Expr, wrapper: Value, frame: Frame, *, followed: bool
) -> None:
    """Records that a decorator may restrict the calls of a function to some processes.

    If it is `followed`, calls run its body, so its name alone proves nothing.
    """
    name = last_word(decorator)
    if any(
        _may_test_rank(m, option, decorator, name, frame, followed=followed) for option in options(wrapper)
    ):
        m.functions.guards.setdefault((info, frame.context), f"@{name}")


def _may_test_rank(
    m: Interpreter, wrapper: Value, decorator: facts.Expr, name: str, frame: Frame, *, followed: bool
) -> bool:
    if isinstance(wrapper, Partial):
        return _may_test_rank(m, wrapper.function, decorator, name, frame, followed=followed)
    if isinstance(wrapper, (Function, Class)):
        node, path = wrapper.info.node, wrapper.info.path
        body = [] if isinstance(node, facts.Lambda) else node.body
        tests = any(isinstance(part, _TESTS) for part in walk(*body))
        in_body = tests and asks_rank(m.project.text(path, body[0].start, end_of(node)))
        return tests and asks_rank(name) and not in_body if followed else in_body
    origin = _library(wrapper)
    if origin is not None and origin.removesuffix("()") in ENTRY_DECORATORS:
        return False
    if asks_rank(name):
        return True
    if origin is None or HARMLESS_DECORATORS.search(name):
        return False
    return not origin.startswith(HARMLESS_DECORATOR_LIBRARIES) and not _is_method_of_own(m, decorator, frame)


def _library(wrapper: Value) -> str | None:
    """The canonical name of a decorator of a library; empty if nothing is known of a decorator."""
    if isinstance(wrapper, Unknown):
        return wrapper.external
    return wrapper.path if isinstance(wrapper, External) else None


def _is_method_of_own(m: Interpreter, decorator: facts.Expr, frame: Frame) -> bool:
    """Whether it is an attribute of a function, as `@cli.command()` of a group of commands."""
    func = decorator.func if isinstance(decorator, facts.Call) else decorator
    return isinstance(func, facts.Attr) and any(
        isinstance(option, Function) for option in options(m.evaluate(func.value, frame))
    )
