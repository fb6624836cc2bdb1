"""Code that asks first: for wandb's version or for a name, or that catches what the name's absence raises."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.values import Branch, Frame, FunctionInfo
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, statements, walk
from wandblint.semantics.removed import last_word

_NO_MODULE = frozenset({"ImportError", "ModuleNotFoundError"})
_NO_SETTING = frozenset({"ValidationError", "ValueError"})
"""pydantic's ValidationError is a ValueError."""
_ANY = frozenset({"", "Exception", "BaseException"})


def is_guarded(m: Interpreter, name: str, frame: Frame) -> bool:
    """Whether the code runs only where wandb has a name, or goes on without it.

    `name` is as in `wandblint.semantics.removed`. Tests count wherever they stand on the call path, a `try`
    only in the function that holds the use.
    """
    scope = _function(frame)
    branch = m.branch
    while branch is not None:
        if branch.scope is scope and any(_catches(handler, name) for handler in branch.handlers):
            return True
        if branch.test is not None and _asks(m, branch, branch.test, name):
            return True
        branch = branch.parent
    return False


def _function(frame: Frame) -> FunctionInfo | None:
    """The function whose code a frame runs: a comprehension belongs to the one around it."""
    within: Frame | None = frame
    while within is not None and within.info is None and within is not within.globals:
        within = within.outer
    return None if within is None else within.info


def _catches(handler: facts.Handler, name: str) -> bool:
    """Whether a handler catches what the name's absence raises, and goes on without it.

    `except Exception` around a call whose argument is gone loses the whole call, and nobody hears of it: that
    is no guard, unless the handler calls again.
    """
    if any(isinstance(node, facts.Raise) for node in statements(*handler.body)):
        return False
    caught = {_last_word(expr) for expr in _caught(handler)}
    function, bracket, _ = name.partition("(")
    if function.startswith("import "):
        return not caught.isdisjoint(_NO_MODULE | _ANY)
    if not bracket:
        return not caught.isdisjoint({"AttributeError", "ImportError"} | _ANY)
    if function == "wandb.Settings":
        again, raised = frozenset({"init", "Settings"}), _NO_SETTING
    else:
        again, raised = frozenset({last_word(function)}), frozenset({"TypeError"})
    calls_again = not again.isdisjoint(identifiers(*handler.body))
    return not caught.isdisjoint(raised | _ANY if calls_again else raised)


def _caught(handler: facts.Handler) -> Iterator[facts.Expr | None]:
    if isinstance(handler.type, facts.Sequence):
        yield from handler.type.items
    else:
        yield handler.type


def _last_word(expr: facts.Expr | None) -> str:
    return "" if expr is None else facts.source_form(expr).rpartition(".")[2]


def _asks(m: Interpreter, branch: Branch, test: facts.Expr, name: str) -> bool:
    """Whether a test asks for the version or for the name, itself or through a name of the same file."""
    return _looks(test, name) or any(
        _looks(node, name)
        for word in {node.id for node in walk(test) if isinstance(node, facts.Name)}
        for node in _meanings(m, branch.path, word)
    )


def _looks(node: facts.Node, name: str) -> bool:
    wanted = last_word(name)
    for inner in walk(node):
        if isinstance(inner, facts.Const) and inner.value == wanted:
            return True
        if isinstance(inner, (facts.Name, facts.Attr)):
            word = inner.id if isinstance(inner, facts.Name) else inner.attr
            if "version" in word.lower():
                return True
        elif (
            isinstance(inner, facts.Call)
            and _last_word(inner.func) == "hasattr"
            and not any(isinstance(arg.value, facts.Const) for arg in inner.args)
        ):
            # `hasattr(run, name)`: any name may be meant.
            return True
    return False


def _meanings(m: Interpreter, path: str, word: str) -> Iterator[facts.Node]:
    """What a name of a file is assigned anywhere in it, and the functions of that name."""
    found = m.project.facts(path)
    for node in statements(*found.body) if found is not None else ():
        if isinstance(node, facts.Assign) and node.value is not None:
            if any(isinstance(target, facts.Name) and target.id == word for target in node.targets):
                yield node.value
        elif isinstance(node, facts.Function) and node.name == word:
            yield node
