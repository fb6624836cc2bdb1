"""The functions that a function calls, judged by their names: those of its file, and imported ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from wandblint import facts
from wandblint.analysis.project.call_graph import FileScope, Global
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index.walk import ByKind, bound_by, functions, walk

CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
"""The methods that create an instance, in order."""


class Definition(NamedTuple):
    """What a name of a module stands for."""

    functions: list[int]
    """The starts of the functions that a call of it runs first."""
    others: list[Global]
    """The imports that it stands for, or the bases of the class that it is."""
    holds_objects: bool
    """Whether it is a variable, or a class whose body assigns some."""


_Function = tuple["facts.FunctionDef | facts.Lambda", "facts.ClassDef | None"]
"""A function, and the class whose method it is."""


class FileCallees:
    """Finds the callees of the functions of one file."""

    def __init__(self, file: facts.FileFacts, index: ModuleIndex) -> None:
        self._by_start: dict[int, _Function] = {}
        self._by_name: dict[str, list[_Function]] = defaultdict(list)
        for node, owner in functions(*file.body):
            self._by_start[node.start] = node, owner
            self._by_name[node.name].append((node, owner))
        by_kind = ByKind(file.body)
        self._by_start.update((node.start, (node, None)) for node in by_kind.of(facts.Lambda))
        self._found: dict[int, list[int]] = {}
        self._calls: dict[int, list[facts.Expr]] = {}
        """By the start of a function: what it calls."""
        self._classes = {node.name: node for node in by_kind.of(facts.ClassDef)}
        self._variables = frozenset(_bound_to_objects(file.body))
        self._scope = FileScope(file.path)
        self._scope.note_imports(
            ((node.module, node.asname) for node in by_kind.of(facts.Import)),
            ((node.level, node.module, node.names) for node in by_kind.of(facts.ImportFrom)),
            index,
        )

    def of(self, start: int) -> list[int]:
        """The starts of all functions and methods that the function at `start` may call, transitively.

        A bare name means any function of the file with that name, `self.name` a method of the same class.
        """
        if start not in self._found:
            visited, waiting = {start: None}, [start] if start in self._by_start else []
            while waiting:
                for callee in self._called(waiting.pop()):
                    if callee not in visited:
                        visited[callee] = None
                        waiting.append(callee)
            self._found[start] = [callee for callee in visited if callee != start]
        return self._found[start]

    def globals_called(self, start: int) -> list[Global]:
        """The classes and imports that the function at `start`, or one of its file that it calls, calls."""
        found: dict[Global, None] = {}
        for function in (start, *self.of(start)) if start in self._by_start else ():
            for called in self._calls_in(function):
                found.update(dict.fromkeys(self._globals(called)))
        return list(found)

    def definition(self, name: str) -> Definition:
        """What a name of this module stands for."""
        is_variable = name in self._variables
        cls = self._classes.get(name)
        if cls is not None:
            bases = [target for base in cls.bases for target in self._globals(base.value)]
            own = [n.start for n in cls.body if isinstance(n, facts.FunctionDef) and n.name in CONSTRUCTORS]
            return Definition(own, bases, is_variable or any(_bound_to_objects(cls.body)))
        own = [node.start for node, owner in self._by_name.get(name, ()) if owner is None]
        if own:
            return Definition(own, [], is_variable)
        imported = [target for target in self._scope.imports.get(name, ()) if target.name]
        stars = self._scope.imports.get("*", ())
        return Definition([], imported or [Global(star.path, name) for star in stars], is_variable)

    def _globals(self, called: facts.Expr) -> list[Global]:
        """The imported functions and classes, and the classes of this file, that an expression may mean."""
        match called:
            case facts.Name(id=name):
                own = [Global(self._scope.path, name)] if name in self._classes else []
                return own or self.definition(name).others
            case facts.Attr(value=facts.Name(id=module), attr=name):
                imported = self._scope.imports.get(module, ())
                return [Global(target.path, name) for target in imported if not target.name]
        return []

    def encoded(self, start: int) -> bytes:
        """The facts of all these functions, to tell whether they have changed."""
        return msgspec.msgpack.encode([self._by_start[callee][0] for callee in self.of(start)])

    def _calls_in(self, start: int) -> list[facts.Expr]:
        if start not in self._calls:
            node, _ = self._by_start[start]
            self._calls[start] = [call.func for call in ByKind([node]).of(facts.Call)]
        return self._calls[start]

    def _called(self, start: int) -> Iterator[int]:
        _, owner = self._by_start[start]
        for target in self._calls_in(start):
            if isinstance(target, facts.Name):
                yield from (callee.start for callee, cls in self._by_name.get(target.id, ()) if cls is None)
            elif (
                owner is not None and isinstance(target, facts.Attr) and isinstance(target.value, facts.Name)
            ):
                methods = self._by_name.get(target.attr, ())
                yield from (callee.start for callee, cls in methods if cls is owner)


def _bound_to_objects(body: list[facts.Stmt]) -> Iterator[str]:
    """The names of a scope that stand for more than functions, classes and imports."""
    for node in walk(*body, into_scopes=False):
        if not isinstance(node, (facts.FunctionDef, facts.ClassDef, facts.Import, facts.ImportFrom)):
            yield from bound_by(node)
