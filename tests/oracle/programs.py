"""Random tracking programs: the kinds, how hypothesis draws them, and their text."""

from __future__ import annotations

import random
from collections.abc import Collection

from hypothesis import strategies as st

# Each module registers its kinds; the order is the order of the report.
from tests.oracle import (
    rows,
    runs,
    trees,
    ways_classes,
    ways_control,
    ways_functions,
    ways_library,
    ways_protocols,
    ways_states,
)
from tests.oracle.kinds import KINDS, Sort, breaking
from tests.oracle.rendering import files_of
from tests.oracle.trees import Grower, Node, Program, simplest

__all__ = ["BREAKING", "CURRENT_RUN", "KINDS", "MODULES", "alone", "files_of", "programs", "random_program"]

MODULES = (rows, runs, ways_functions, ways_classes, ways_protocols, ways_library, ways_control, ways_states)
BREAKING = breaking()
"""The kinds that leave runs finished: only programs that ask for them have them."""

CURRENT_RUN = "current run"
"""A kind that fails with an error of its own where no run is open: it uses `wandb.run`."""

LARGEST = 24
"""About how many pieces a program has."""


@st.composite
def programs(draw: st.DrawFn, excluded: Collection[str] = BREAKING, largest: int = LARGEST) -> Program:
    """Programs without the kinds that are excluded."""
    grower = Grower(lambda below: draw(st.integers(0, below - 1)), excluded)
    return grower.program(draw(st.integers(4, largest)))


def random_program(seed: int, excluded: Collection[str] = BREAKING, largest: int = LARGEST) -> Program:
    """The program of a seed."""
    source = random.Random(seed)
    return Grower(source.randrange, excluded).program(source.randint(4, largest))


def alone(kind: str) -> list[Program]:
    """Small programs in which nothing but this kind is special."""
    found = KINDS[kind]
    variants = range(trees.VARIANTS) if found.sections[0] else range(1)
    return [program for variant in variants for program in _alone(kind, variant)]


def _alone(kind: str, variant: int) -> list[Program]:
    sort = KINDS[kind].sort
    made = []
    for row in ("loss", "axis", "covered key"):
        parts = tuple(Node(row) if part is Sort.ROW else simplest(part) for part in KINDS[kind].parts)
        node = Node(kind, parts, variant)
        if sort is Sort.RUN:
            made.append((_with_body(node, _sending(Node(row), simplest(Sort.WAY))),))
            continue
        if sort is Sort.STATEMENT:
            body = [node, *_sending(Node(row), simplest(Sort.WAY))]
        elif sort is Sort.ROW:
            body = _sending(node, simplest(Sort.WAY))
        else:
            body = _sending(Node(row), node)
        made.append((_with_body(simplest(Sort.RUN), body),))
        made.append((_with_body(Node("run in main"), body),))
    return list(dict.fromkeys(made))


def _sending(row: Node, way: Node) -> list[Node]:
    """An axis of `val/*`, the row, and a key that lies over the axis, in a loop over epochs."""
    loss = Node("send", (Node("covered key"), simplest(Sort.WAY)))
    loop = Node("epochs", (Node("block", (Node("send", (row, way)), loss)),))
    return [Node("define glob"), loop]


def _with_body(root: Node, body: list[Node]) -> Node:
    others = (simplest(Sort.BLOCK),) * (len(KINDS[root.kind].parts) - 1)
    return Node(root.kind, (Node("block", tuple(body)), *others), root.variant)
