"""The functions of a file that its functions call, judged by their names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from wandblint import facts
from wandblint.index.walk import ByKind, functions

_Function = tuple["facts.FunctionDef | facts.Lambda", "facts.ClassDef | None"]
"""A function, and the class whose method it is."""


class FileCallees:
    """Finds the callees of the functions of one file."""

    def __init__(self, file: facts.FileFacts) -> None:
        self._by_start: dict[int, _Function] = {}
        self._by_name: dict[str, list[_Function]] = defaultdict(list)
        for node, owner in functions(*file.body):
            self._by_start[node.start] = node, owner
            self._by_name[node.name].append((node, owner))
        self._lambdas = ByKind(file.body).of(facts.Lambda)
        self._by_start.update((node.start, (node, None)) for node in self._lambdas)
        self._found: dict[int, list[int]] = {}

    def of(self, start: int) -> list[int]:
        """The starts of all functions and methods that the function at `start` may call, transitively.

        A bare name means any function of the file with that name, `self.name` a method of the same class.
        """
        if start not in self._found:
            visited, waiting = {start: None}, [start] if start in self._by_start else []
            while waiting:
                for callee in self._called(*self._by_start[waiting.pop()]):
                    if callee not in visited:
                        visited[callee] = None
                        waiting.append(callee)
            self._found[start] = [callee for callee in visited if callee != start]
        return self._found[start]

    def encoded(self, start: int) -> bytes:
        """The facts of all these functions, to tell whether they have changed."""
        return msgspec.msgpack.encode([self._by_start[callee][0] for callee in self.of(start)])

    def _called(self, node: facts.FunctionDef | facts.Lambda, owner: facts.ClassDef | None) -> Iterator[int]:
        for call in ByKind([node]).of(facts.Call):
            target = call.func
            if isinstance(target, facts.Name):
                yield from (callee.start for callee, cls in self._by_name.get(target.id, ()) if cls is None)
            elif (
                owner is not None and isinstance(target, facts.Attr) and isinstance(target.value, facts.Name)
            ):
                methods = self._by_name.get(target.attr, ())
                yield from (callee.start for callee, cls in methods if cls is owner)
