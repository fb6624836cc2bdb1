"""Guards of API uses: checks of wandb's version or of a name, and handlers for a missing name."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts
from wandblint.analysis.domain.values import Branch, Frame
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import identifiers, statements, walk
from wandblint.semantics.removed import last_word

_NO_MODULE = frozenset({"ImportError", "ModuleNotFoundError"})
_NO_SETTING = frozenset({"ValidationError", "ValueError"})
"""pydantic's ValidationError is a ValueError."""
_ANY = frozenset({"", "Exception", "BaseException"})


def is_guarded(m: Interpreter, name: str, frame: Frame) -> bool:
    """Whether the current code runs only if wandb has a name, or continues without it.

    `name` is spelled as in `semantics/removed.py`. Tests count anywhere on the call stack, a `try` only in
    the function of the use.
    """
    scope = frame.function
    branch = m.branch
    while branch is not None:
        if branch.scope is scope and any(_catches(handler, name) for handler in branch.handlers):
            return True
        if branch.test is not None and _checks(m, branch, branch.test, name):
            return True
        branch = branch.parent
    return False


def _catches(handler: facts.Handler, name: str) -> bool:
    """Whether a handler catches the error for a missing name and continues without it.

    `except Exception` around a call with a removed argument silently drops the whole call: it is no guard,
    unless the handler calls again.
    """
    if any(isinstance(node, facts.Raise) for node in statements(*handler.body)):
        return False
    caught = {_last_word(expr) for expr in _caught_types(handler)}
    function, bracket, _ = name.partition("(")
    if function.startswith("import "):
        return not caught.isdisjoint(_NO_MODULE | _ANY)
    if not bracket:
        return not caught.isdisjoint({"AttributeError", "ImportError"} | _ANY)
    if function == "wandb.Settings":
        retries, raised = frozenset({"init", "Settings"}), _NO_SETTING
    else:
        retries, raised = frozenset({last_word(function)}), frozenset({"TypeError"})
    calls_again = not retries.isdisjoint(identifiers(*handler.body))
    return not caught.isdisjoint(raised | _ANY if calls_again else raised)


def _caught_types(handler: facts.Handler) -> Iterator[facts.Expr | None]:
    if isinstance(handler.type, facts.Sequence):
        yield from handler.type.items
    else:
        yield handler.type


def _last_word(expr: facts.Expr | None) -> str:
    return "" if expr is None else facts.source_form(expr).rpartition(".")[2]


def _checks(m: Interpreter, branch: Branch, test: facts.Expr, name: str) -> bool:
    """Whether a test checks the version or the name, itself or through a name of the same file."""
    return _mentions(test, name) or any(
        _mentions(node, name)
        for word in {node.id for node in walk(test) if isinstance(node, facts.Name)}
        for node in _definitions(m, branch.path, word)
    )


def _mentions(node: facts.Node, name: str) -> bool:
    last = last_word(name)
    for inner in walk(node):
        if isinstance(inner, facts.Const) and inner.value == last:
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
            # `hasattr(run, name)` may check any name.
            return True
    return False


def _definitions(m: Interpreter, path: str, name: str) -> Iterator[facts.Node]:
    """The values that a file assigns to a name, and its functions of that name."""
    file = m.project.facts(path)
    for node in statements(*file.body) if file is not None else ():
        if isinstance(node, facts.Assign) and node.value is not None:
            if any(isinstance(target, facts.Name) and target.id == name for target in node.targets):
                yield node.value
        elif isinstance(node, facts.FunctionDef) and node.name == name:
            yield node
