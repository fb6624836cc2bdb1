"""Programs as trees of pieces: how they grow at random, and how a failing one shrinks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from tests.oracle.kinds import BLOCK, KINDS, SIMPLEST, Kind, Sort, of_sort

Choose: TypeAlias = Callable[[int], int]
"""Picks a number below another one. Small numbers give simple programs."""

PLAIN = frozenset({BLOCK.name, *SIMPLEST.values()})

VARIANTS = 4
"""Where the first part of a template stands: in place, at the top of its module, in another module whose
names are imported, in another module that is imported."""


@dataclass(frozen=True)
class Node:
    """A piece with the pieces inside it."""

    kind: str
    parts: tuple[Node, ...] = ()
    variant: int = 0

    @property
    def sort(self) -> Sort:
        return definition(self.kind).sort

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its pieces, without the simplest of each sort."""
        return frozenset(node.kind for _, node in walk(self)) - PLAIN

    @property
    def size(self) -> int:
        return sum(1 for _ in walk(self))


def definition(kind: str) -> Kind:
    return BLOCK if kind == BLOCK.name else KINDS[kind]


def simplest(sort: Sort) -> Node:
    """The smallest tree of a sort."""
    if sort is Sort.BLOCK:
        return Node(BLOCK.name, (simplest(Sort.STATEMENT),))
    kind = KINDS[SIMPLEST[sort]]
    return Node(kind.name, tuple(simplest(part) for part in kind.parts))


def walk(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Node]]:
    """All pieces with their paths, outer ones first."""
    yield path, node
    for index, part in enumerate(node.parts):
        yield from walk(part, (*path, index))


@dataclass
class Grower:
    """Grows trees without the kinds that are excluded."""

    choose: Choose
    excluded: Collection[str]
    size: int = 0

    def program(self, largest: int) -> tuple[Node, ...]:
        """One or two runs of about `largest` pieces."""
        self.size = largest
        count = 1 + (self.choose(4) == 3)
        return tuple(self.grow(Sort.RUN, 0, in_async=False) for _ in range(count))

    def grow(self, sort: Sort, depth: int, *, in_async: bool) -> Node:
        self.size -= 1
        if sort is Sort.BLOCK:
            count = 1 + self.choose(3 if self.size > 0 else 1)
            return Node(
                BLOCK.name,
                tuple(self.grow(Sort.STATEMENT, depth + 1, in_async=in_async) for _ in range(count)),
            )
        allowed = [
            kind
            for kind in of_sort(sort)
            if kind.name not in self.excluded
            and not (kind.is_async and in_async)
            and not (kind.parts and self.size <= 0 and kind.name not in PLAIN)
        ]
        kind = allowed[self.choose(len(allowed))]
        variant = self.choose(VARIANTS) if kind.sections[0] else 0
        inside = in_async or kind.is_async
        parts = tuple(self.grow(part, depth + 1, in_async=inside) for part in kind.parts)
        return Node(kind.name, parts, variant)


Program: TypeAlias = tuple[Node, ...]
"""The runs of a program, one after another."""


def shrink(program: Program, fails: Callable[[Program], bool], most: int = 400) -> Program:
    """A smaller program that still fails, after at most so many trials."""
    trials = 0
    is_smaller = True
    while is_smaller:
        is_smaller = False
        for candidate in _smaller(program):
            trials += 1
            if trials > most:
                return program
            if fails(candidate):
                program, is_smaller = candidate, True
                break
    return program


def _smaller(program: Program) -> Iterator[Program]:
    if len(program) > 1:
        yield from ((*program[:index], *program[index + 1 :]) for index in range(len(program)))
    for index, root in enumerate(program):
        for candidate in _smaller_trees(root):
            yield (*program[:index], candidate, *program[index + 1 :])


def _smaller_trees(root: Node) -> Iterator[Node]:
    for path, node in walk(root):
        least = simplest(node.sort)
        if node.size > least.size or node.kind != least.kind:
            yield _replaced(root, path, least)
        if node.kind == BLOCK.name and len(node.parts) > 1:
            for index in range(len(node.parts)):
                parts = (*node.parts[:index], *node.parts[index + 1 :])
                yield _replaced(root, path, replace(node, parts=parts))
        for inner_path, inner in walk(node):
            if inner_path and inner.sort is node.sort:
                yield _replaced(root, path, inner)
        if node.sort is Sort.RUN and node.kind != least.kind:
            yield _replaced(root, path, replace(least, parts=node.parts[:1]))
        if node.variant:
            yield _replaced(root, path, replace(node, variant=0))
    for path, node in walk(root):
        if node.sort is Sort.ROW and node.kind in SIMPLER_ROWS:
            yield from (_replaced(root, path, Node(kind)) for kind in SIMPLER_ROWS[node.kind])


SIMPLER_ROWS = {"key and axis": ("axis", "covered key"), "covered key": ("axis",)}


def _replaced(root: Node, path: tuple[int, ...], node: Node) -> Node:
    if not path:
        return node
    parts = list(root.parts)
    parts[path[0]] = _replaced(parts[path[0]], path[1:], node)
    return replace(root, parts=tuple(parts))
