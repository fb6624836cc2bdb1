"""Looking through facts without running them."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint import facts


def children(node: facts.Node) -> Iterator[facts.Node]:
    """The facts directly inside a fact, in order."""
    for name in node.__struct_fields__:
        value = getattr(node, name)
        if isinstance(value, facts.Node):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, facts.Node))


def walk(*nodes: facts.Node) -> Iterator[facts.Node]:
    """The facts and all inside them."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def walk_scope(*nodes: facts.Node) -> Iterator[facts.Node]:
    """The same without going into functions, lambdas and classes: what runs with this scope's names."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (facts.Function, facts.Class, facts.Lambda)):
            waiting.extend(children(node))


def identifiers(*nodes: facts.Node) -> set[str]:
    """Every name and attribute that the facts mention."""
    found: set[str] = set()
    for node in walk(*nodes):
        if isinstance(node, facts.Name):
            found.add(node.id)
        elif isinstance(node, facts.Attr):
            found.add(node.attr)
        elif isinstance(node, facts.Param):
            found.add(node.name)
    return found


def yields(body: list[facts.Stmt]) -> bool:
    """Whether a function with this body is a generator."""
    return any(isinstance(node, facts.Wrapped) and node.kind != "await" for node in walk_scope(*body))
