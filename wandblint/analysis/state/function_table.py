"""The functions and classes of the project, one object for each definition."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from wandblint import facts
from wandblint.analysis.domain.identifiers import FunctionId
from wandblint.analysis.domain.values import ClassInfo, FunctionInfo, Value
from wandblint.facts import FileFacts
from wandblint.index.walk import ByKind, functions, last_word


class FunctionTable(msgspec.Struct):
    """Functions and classes, by file and start."""

    facts_of: Callable[[str], FileFacts | None]
    """Returns the facts of a file without recording a dependency on it."""
    infos: dict[FunctionId, FunctionInfo] = msgspec.field(default_factory=dict)
    classes: dict[tuple[str, int], ClassInfo] = msgspec.field(default_factory=dict)
    definitions: dict[FunctionInfo, Value] = msgspec.field(default_factory=dict)
    """The function value of each definition that was executed, with the scope that it closes over."""
    guards: dict[tuple[FunctionInfo, int], str] = msgspec.field(default_factory=dict)
    """The decorator that may keep a function from running on some processes of a job, by the context of the
    definition: a script and a module that is imported find other decorators under a name."""
    class_frames: dict[int, ClassInfo] = msgspec.field(default_factory=dict)
    """The class whose body runs in a context."""

    def function(
        self, path: str, node: facts.FunctionDef | facts.Lambda, owner: ClassInfo | None = None
    ) -> FunctionInfo:
        """The function of a file that this node defines."""
        info = self.infos.get((path, node.start))
        if info is None:
            name, decorators = "<lambda>", tuple[str, ...]()
            if isinstance(node, facts.FunctionDef):
                # From the node: a decorator may call the function before its definition is executed.
                name, decorators = node.name, tuple(map(last_word, reversed(node.decorators)))
            info = self.infos[path, node.start] = FunctionInfo(path, name, node, owner, decorators)
        return info

    def method(self, owner: ClassInfo, name: str) -> FunctionInfo | None:
        """The method that the body of a class defines last under this name."""
        nodes = [
            node for node in owner.node.body if isinstance(node, facts.FunctionDef) and node.name == name
        ]
        return self.function(owner.path, nodes[-1], owner) if nodes else None

    def function_at(self, function: FunctionId) -> FunctionInfo:
        """A function of a file that is read, whether or not its definition was executed."""
        if function not in self.infos:
            path = function[0]
            file = self.facts_of(path)
            body = [] if file is None else file.body
            for node, owner in functions(*body):
                self.function(path, node, None if owner is None else self.class_of(path, owner))
            if function not in self.infos:
                for inner in ByKind(body).of(facts.Lambda):
                    self.function(path, inner)
        return self.infos[function]

    def class_of(self, path: str, node: facts.ClassDef) -> ClassInfo:
        """The class of a file that this node defines."""
        info = self.classes.get((path, node.start))
        if info is None:
            info = self.classes[path, node.start] = ClassInfo(path, node.name, node)
        return info
