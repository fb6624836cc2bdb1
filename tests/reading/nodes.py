"""The node classes of LibCST."""

from __future__ import annotations

import libcst as cst


def concrete_nodes(base: type) -> set[type]:
    """The exported classes below `base` that have no classes below themselves."""
    below: set[type] = {node for node in base.__subclasses__() if getattr(cst, node.__name__, node) is node}
    leaves = {node for node in below if not node.__subclasses__()}
    return leaves.union(*map(concrete_nodes, below))
