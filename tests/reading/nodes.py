"""The node classes of LibCST."""

from __future__ import annotations

import libcst as cst


def concrete_nodes(base: type) -> set[type]:
    """The exported classes below `base` that have no classes below themselves."""
    classes: list[type] = base.__subclasses__()
    below = {node for node in classes if getattr(cst, node.__name__, node) is node}
    return {node for node in below if not node.__subclasses__()}.union(*map(concrete_nodes, below))
